// Property: any bytes give alarms, or one failure with a reason; alarms that check() takes
// make an engine, whose first evaluation without any data leaves no alarm but by the
// treatment of missing data in ALARM.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/check.h"
#include "alarm/engine.h"
#include "alarm/template_reader.h"

namespace {

using namespace sonde::alarm;

void require(bool condition) {
  if (!condition) std::abort();
}

bool acceptable(const AlarmSet& alarms) {
  std::vector<std::string> names;
  for (const MetricAlarm& alarm : alarms.metric) {
    if (!check(alarm)) return false;
    names.push_back(alarm.name);
  }
  return check(alarms.composite, names).has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto alarms = read_template(text, {});
  if (!alarms) {
    require(!alarms.error().message().empty());
    return 0;
  }
  auto engine = Engine::make(*alarms, {});
  require(engine.has_value() == acceptable(*alarms));
  if (!engine) return 0;
  (void)engine->evaluate({}, std::chrono::hours(24 * 365));  // The states are what is asked for.
  for (const MetricAlarm& alarm : alarms->metric) {
    const State state = engine->state(alarm.name).value();
    const bool breaching = alarm.missing_data == MissingData::kBreaching;
    // What is computed may have values without data: FILL(m1, 9).
    if (alarm.metrics.size() == 1) require((state == State::kAlarm) == breaching);
  }
  return 0;
}
