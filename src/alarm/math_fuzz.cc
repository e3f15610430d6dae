// Property: an expression written out in brackets reads as the same one; what can be
// computed gives one series of the length of its metrics with finite values only, the same
// whether it is written out or not, and whatever is missing.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/math.h"
#include "alarm/math_expression.h"

namespace {

using namespace sonde::alarm;

void require(bool condition) {
  if (!condition) std::abort();
}

MetricQuery metric(std::string id) {
  return {.id = std::move(id),
          .source = MetricStat{.period = std::chrono::seconds(300)},
          .return_data = false};
}

sonde::Result<MathProgram> program(std::string expression) {
  const std::vector<MetricQuery> queries{
      metric("m1"), metric("m2"), {.id = "e1", .source = std::move(expression)}};
  return MathProgram::make(queries);
}

const std::vector<Series>& metrics() {
  static const std::vector<Series> all{{{}, 1, {}, 0, -3, 1e300, 20},
                                       {2, {}, {}, 0, 7, 1e300, 100}};
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto expression = parse_math(text);
  if (!expression) {
    require(!expression.error().message().empty());
    require(!program(text));
    return 0;
  }
  const std::string written = to_text(*expression);
  const auto again = parse_math(written);
  if (again) require(*again == *expression);  // It may have become too long or too deep.
  const auto made = program(text);
  if (!made) return 0;
  const Series result = made->evaluate(metrics());
  require(result.size() == metrics().front().size());
  for (const auto& point : result) require(!point || std::isfinite(*point));
  if (again) require(program(written).value().evaluate(metrics()) == result);
  return 0;
}
