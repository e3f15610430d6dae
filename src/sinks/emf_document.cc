#include "sinks/emf_document.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/json_writer.h"
#include "sinks/member_writer.h"

namespace sonde::sinks {
namespace {

/// The values of one metric that are not yet written.
struct Rest {
  const EmfMetric* metric;
  std::span<const double> values;
};

/// What has at most two decimals, as nearly all values have, is written by its hundredths: the
/// same digits, ten times as fast.  False, and nothing written, for the rest.
bool append_hundredths_of(std::string& out, double value) {
  constexpr double kMax = 10'000;  // Beyond, the shortest form has an exponent.
  if (!(value >= 0 && value < kMax)) return false;
  const auto all = static_cast<std::uint32_t>(std::lround(value * 100));
  if (static_cast<double>(all) / 100 != value) return false;
  append_integer(out, all / 100);
  const std::uint32_t rest = all % 100;
  if (rest == 0) return true;
  out.push_back('.');
  out.push_back(static_cast<char>('0' + rest / 10));
  if (rest % 10 != 0) out.push_back(static_cast<char>('0' + rest % 10));
  return true;
}

void append_value(std::string& out, double value) {
  if (!std::isfinite(value)) value = 0;
  if (append_hundredths_of(out, value)) return;
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_values(std::string& out, std::span<const double> values) {
  if (values.size() == 1) return append_value(out, values.front());
  char before = '[';
  for (const double value : values) {
    out.push_back(std::exchange(before, ','));
    append_value(out, value);
  }
  out.push_back(']');
}

/// Those with the most values left come first, so that the fewest lines are needed.
bool more_left(const Rest& a, const Rest& b) {
  return a.values.size() != b.values.size() ? a.values.size() > b.values.size()
                                            : a.metric < b.metric;
}

std::vector<Rest> rests_of(std::span<const EmfMetric> metrics) {
  std::vector<Rest> rests;
  for (const EmfMetric& metric : metrics) {
    if (!metric.values.empty()) rests.push_back({.metric = &metric, .values = metric.values});
  }
  return rests;
}

void append_line(std::string& out, const EmfDocument& document, std::span<const Rest> rests) {
  append_aws_opening(out, document.layout, document.timestamp_ms, document.envelope);
  for (const Rest& rest : rests) {
    if (&rest != rests.data()) out.push_back(',');
    append_definition(out, rest.metric->name, rest.metric->unit);
  }
  out.append(EmfLayout::kClosing);
  out.push_back('}');
  out.append(document.dimensions);
  for (const Rest& rest : rests) {
    out.push_back(',');
    append_json_string(out, rest.metric->name);
    out.push_back(':');
    append_values(out, rest.values.first(std::min(rest.values.size(), kEmfValuesMax)));
  }
  out.append("}\n");
}

void take_written(std::vector<Rest>& rests, std::size_t written) {
  for (Rest& rest : std::span(rests).first(written)) {
    rest.values = rest.values.subspan(std::min(rest.values.size(), kEmfValuesMax));
  }
  std::erase_if(rests, [](const Rest& rest) { return rest.values.empty(); });
}

}  // namespace

std::size_t append_emf_lines(std::string& out, const EmfDocument& document) {
  std::vector<Rest> rests = rests_of(document.metrics);
  std::size_t lines = 0;
  while (!rests.empty()) {
    std::ranges::sort(rests, more_left);
    const std::size_t in_line = std::min(rests.size(), kEmfMetricsMax);
    out.append(document.head);
    if (lines++ == 0) out.append(document.first);
    append_line(out, document, std::span(rests).first(in_line));
    take_written(rests, in_line);
  }
  return lines;
}

void append_aws_opening(std::string& out, const EmfLayout& layout, std::int64_t timestamp_ms,
                        std::string_view envelope) {
  out.append(",\"_aws\":{\"Timestamp\":");
  append_integer(out, timestamp_ms);
  out.push_back(',');
  out.append(envelope);
  out.append(layout.opening());
}

void append_definition(std::string& out, std::string_view name, std::string_view unit) {
  JsonWriter(out).begin_object().member("Name", name).member("Unit", unit).end_object();
}

bool plausible_time(std::chrono::nanoseconds wall) noexcept {
  return wall >= std::chrono::seconds(1'000'000'000);  // 2001-09-09.
}

std::int64_t to_milliseconds(std::chrono::nanoseconds wall) noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall).count();
}

}  // namespace sonde::sinks
