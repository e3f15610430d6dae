#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "alarm/reason_internal.h"
#include "alarm/time_text_internal.h"
#include "alarm/words.h"
#include "base/json_writer.h"

namespace sonde::alarm {
namespace {

using std::chrono::seconds;

/// "3.0", "10.75": with a point, as CloudWatch writes doubles.
std::string number_text(double value) {
  const double size = std::fabs(value);
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e15);
  std::array<char, 64> buffer{};
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
  std::string text(buffer.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text.append(".0");
  return text;
}

std::string counted(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

/// The datapoints that decided: the newest with data, as many as are evaluated, the newest
/// first.
std::vector<std::size_t> decisive(const Evidence& evidence) {
  std::vector<std::size_t> indices;
  for (std::size_t i = evidence.marks.size();
       i > 0 && indices.size() < evidence.alarm.evaluation_periods; --i) {
    if (evidence.marks[i - 1] != Mark::kMissing) indices.push_back(i - 1);
  }
  return indices;
}

/// "[3.0 (08/11/22 02:40:00), …]"; of many, as many as a reason has room for.
std::string listed(const Evidence& evidence, const std::vector<std::size_t>& indices) {
  constexpr std::size_t kListMax = 600;
  std::string list = "[";
  for (const std::size_t i : indices) {
    if (list.size() > 1) list.append(", ");
    if (list.size() > kListMax) {
      list.append("...");
      break;
    }
    const Datapoint& point = evidence.range[i];
    list.append(number_text(point.value.value_or(0)))
        .append(" (")
        .append(short_time(point.start))
        .append(")");
  }
  return list + "]";
}

bool treats_missing(const Evidence& evidence) {
  return evidence.alarm.missing_data == MissingData::kBreaching ||
         evidence.alarm.missing_data == MissingData::kNotBreaching;
}

/// "7 missing datapoints were treated as [Breaching]"
std::string fills_text(const Evidence& evidence, std::size_t fills) {
  const bool breaching = evidence.alarm.missing_data == MissingData::kBreaching;
  return counted(fills, "missing datapoint") + (fills == 1 ? " was" : " were") + " treated as [" +
         (breaching ? "Breaching" : "NonBreaching") + "]";
}

/// " (minimum 2 datapoints for OK -> ALARM transition)", of an alarm with M of N.
std::string minimum_text(const Evidence& evidence, State state) {
  if (!evidence.alarm.datapoints_to_alarm) return "";
  const std::size_t to_alarm = *evidence.alarm.datapoints_to_alarm;
  const bool alarms = state == State::kAlarm;
  const std::size_t minimum = alarms ? to_alarm : evidence.alarm.evaluation_periods - to_alarm + 1;
  return " (minimum " + counted(minimum, "datapoint") + " for " +
         (alarms ? "OK -> ALARM" : "ALARM -> OK") + " transition)";
}

std::string crossed_text(const Evidence& evidence, State state,
                         const std::vector<std::size_t>& indices, bool beyond) {
  const std::size_t count = indices.size();
  std::string text = "Threshold Crossed: ";
  if (evidence.alarm.datapoints_to_alarm) {
    text.append(std::to_string(count) + " out of the last " +
                counted(evidence.alarm.evaluation_periods, "datapoint"));
    // In captures the noun is plural even of one: "1 out of the last 1 datapoints".
    if (evidence.alarm.evaluation_periods == 1) text.append("s");
  } else {
    text.append(counted(count, "datapoint"));
  }
  text.append(" ").append(listed(evidence, indices)).append(count == 1 ? " was " : " were ");
  if (!beyond) text.append("not ");
  text.append(in_words(evidence.alarm.comparison)).append(" the threshold (");
  text.append(number_text(evidence.alarm.threshold)).append(")");
  const std::size_t real = decisive(evidence).size();
  const std::size_t fills = evidence.alarm.evaluation_periods - real;
  if (fills > 0 && treats_missing(evidence))
    text.append(" and ").append(fills_text(evidence, fills));
  return text + minimum_text(evidence, state) + ".";
}

}  // namespace

std::string reason_text(const Evidence& evidence, State state) {
  const std::size_t periods = evidence.alarm.evaluation_periods;
  if (state == State::kInsufficientData) {
    return "Insufficient Data: " + counted(periods, "datapoint") +
           (periods == 1 ? " was unknown." : " were unknown.");
  }
  std::vector<std::size_t> beyond = decisive(evidence);
  if (beyond.empty()) {
    return "Threshold Crossed: no datapoints were received for " + counted(periods, "period") +
           " and " + fills_text(evidence, periods) + ".";
  }
  std::vector<std::size_t> within = beyond;
  std::erase_if(beyond, [&](std::size_t i) { return evidence.marks[i] != Mark::kBreaching; });
  std::erase_if(within, [&](std::size_t i) { return evidence.marks[i] != Mark::kOk; });
  // What speaks for the state, or if that is only what is missing, what there is.
  const bool show_beyond = state == State::kAlarm ? !beyond.empty() : within.empty();
  return crossed_text(evidence, state, show_beyond ? beyond : within, show_beyond);
}

std::string reason_data(const Evidence& evidence) {
  constexpr std::size_t kPointsMax = 24;  // About 100 bytes each, of kReasonDataMax.
  const std::vector<std::size_t> indices = decisive(evidence);
  const auto newest = std::span(indices).first(std::min(indices.size(), kPointsMax));
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("version", "1.0").member("queryDate", long_time(evidence.now));
  if (!newest.empty()) {
    json.member("startDate", long_time(evidence.range[newest.back()].start));
  }
  seconds period{60};
  for (const MetricQuery& query : evidence.alarm.metrics) {
    const auto* stat = std::get_if<MetricStat>(&query.source);
    if (stat == nullptr) continue;
    period = stat->period;
    if (evidence.alarm.metrics.size() == 1) json.member("statistic", stat->stat);
  }
  json.key("period").number(period.count()).key("recentDatapoints").begin_array();
  for (std::size_t i = newest.size(); i > 0; --i) {
    json.raw(number_text(evidence.range[newest[i - 1]].value.value_or(0)));
  }
  json.end_array().key("threshold").raw(number_text(evidence.alarm.threshold));
  json.key("evaluatedDatapoints").begin_array();
  for (const std::size_t i : newest) {
    const Datapoint& point = evidence.range[i];
    json.begin_object().member("timestamp", long_time(point.start));
    if (point.samples > 0)
      json.key("sampleCount").raw(number_text(static_cast<double>(point.samples)));
    json.key("value").raw(number_text(point.value.value_or(0))).end_object();
  }
  json.end_array().end_object();
  return out;
}

}  // namespace sonde::alarm
