// Writes metric lines from descriptions, one JSON object a line on standard input:
//   {"namespace":"N","timestamp":1700000000000,"dimensions":[["A"]],"values":{"A":"a"},
//    "metrics":[{"name":"M","unit":"Count","values":[1,2]}]}
// Each description's lines are followed by an empty one.  With --samples, writes the lines of
// sample calls through the sink instead, for a checker.
#include <charconv>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "sinks/call_sink.h"
#include "sinks/emf_document.h"
#include "sinks/sample_records.h"

namespace sonde::sinks {
namespace {

struct Metric {
  std::string name;
  std::string unit;
  std::vector<double> values;
};

std::string text(std::string_view object, std::string_view key) {
  return json_string(find_member(object, key).value_or("")).value_or("");
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> list;
  JsonElements all(array);
  while (all.next()) list.push_back(all.value());
  return list;
}

double number(std::string_view raw) {
  double value = 0;
  std::from_chars(raw.data(), raw.data() + raw.size(), value);
  return value;
}

DimensionSets sets_of(std::string_view description) {
  DimensionSets sets;
  for (const std::string_view set : elements(find_member(description, "dimensions").value_or(""))) {
    std::vector<std::string>& names = sets.emplace_back();
    for (const std::string_view name : elements(set)) {
      names.push_back(json_string(name).value_or(""));
    }
  }
  return sets;
}

std::vector<Metric> metrics_of(std::string_view description) {
  std::vector<Metric> metrics;
  for (const std::string_view metric : elements(find_member(description, "metrics").value_or(""))) {
    metrics.push_back({.name = text(metric, "name"), .unit = text(metric, "unit"), .values = {}});
    for (const std::string_view value : elements(find_member(metric, "values").value_or(""))) {
      metrics.back().values.push_back(number(value));
    }
  }
  return metrics;
}

std::string dimension_members(std::string_view description) {
  std::string members;
  JsonMembers values(find_member(description, "values").value_or(""));
  while (values.next()) {
    members.push_back(',');
    append_json_string(members, values.key());
    members.push_back(':');
    append_dimension_value(members, json_string(values.value()).value_or(""));
  }
  return members;
}

bool write_lines(std::string_view description) {
  const auto layout = EmfLayout::make(text(description, "namespace"), sets_of(description));
  if (!layout) {
    std::cout << "refused: " << layout.error().message() << "\n\n";
    return false;
  }
  const std::vector<Metric> metrics = metrics_of(description);
  std::vector<EmfMetric> views;
  views.reserve(metrics.size());
  for (const Metric& metric : metrics) {
    views.push_back({.name = metric.name, .unit = metric.unit, .values = metric.values});
  }
  const std::string dimensions = dimension_members(description);
  std::string out;
  append_emf_lines(
      out, {.layout = *layout,
            .timestamp_ms =
                json_integer(find_member(description, "timestamp").value_or("0")).value_or(0),
            .head = R"({"event":"compare")",
            .first = "",
            .dimensions = dimensions,
            .envelope = "",
            .metrics = views});
  std::cout << out << '\n';
  return true;
}

struct Stdout final : LineOutput {
  std::string_view name() const override { return "stdout"; }
  Result<std::size_t> write(std::string_view lines, Moment /*now*/) override {
    std::cout << lines;
    return lines.size();
  }
};

CallRecord random_call(Random& random) {
  CallRecord call = random.next() % 4 == 0 ? failed_call(static_cast<CallStatus>(random.next() % 6))
                                           : sample_call();
  call.tool_name =
      random.next() % 10 == 0 ? "värld\x1b[0m" : "tool" + std::to_string(random.next() % 9);
  call.tool_known = random.next() % 7 != 0;
  call.duration =
      std::chrono::nanoseconds(static_cast<std::int64_t>(random.next() % 10'000'000'000));
  return call;
}

void write_samples(EmfConfig::Mode mode, const std::string& envelope) {
  Stats stats;
  EmfConfig config;
  config.mode = mode;
  config.inline_rate_max = 1e9;
  CallRoute route{.output = std::make_unique<Stdout>(), .shows = {}, .envelope = envelope};
  const auto sink = std::move(*CallSink::make(std::move(route), config, stats));
  Random random(11);
  const ManualClock clock;
  std::vector<Entry> batch;
  batch.reserve(1001);
  for (int i = 0; i < 1000; ++i) batch.emplace_back(random_call(random));
  batch.emplace_back(sample_event(Event::Type::kServerExit));
  const bool written = sink->write(batch, clock.now()) && sink->close(clock.now());
  if (!written) std::cerr << "emf_lines: the samples could not be written\n";
}

}  // namespace
}  // namespace sonde::sinks

int main(int argc, char** argv) {
  using namespace sonde::sinks;
  if (argc > 1 && std::string_view(argv[1]) == "--samples") {
    write_samples(sonde::EmfConfig::Mode::kInline, "");
    write_samples(sonde::EmfConfig::Mode::kInline, agent_envelope({}, "search"));
    write_samples(sonde::EmfConfig::Mode::kAggregate, "");
    return 0;
  }
  for (std::string line; std::getline(std::cin, line);) write_lines(line);
  return 0;
}
