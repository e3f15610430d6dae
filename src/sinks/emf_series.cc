#include "sinks/emf_series.h"

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "sinks/member_writer.h"

namespace sonde::sinks {
namespace {

constexpr std::string_view kOther = "__other__";
constexpr std::string_view kUnknown = "__unknown__";
constexpr std::array<std::string_view, 7> kKnown{
    "Service", "ServerName", "ToolName", "Environment", "Instance", "Transport", "ClientName"};

}  // namespace

struct EmfSeries::Values {
  std::string_view service;
  std::string_view server;
  std::string_view tool;
  std::string_view environment;
  std::string_view instance;
  std::string_view transport;
  std::string_view client;
};

std::span<const std::string_view> known_dimensions() noexcept { return kKnown; }

Status check_dimensions(const DimensionSets& sets) {
  for (const std::vector<std::string>& set : sets) {
    for (const std::string& name : set) {
      if (std::ranges::find(kKnown, name) != kKnown.end()) continue;
      std::string message = "unknown dimension \"";
      message.append(name).append("\"");
      const std::string_view close = nearest(name, kKnown);
      if (!close.empty()) message.append("; did you mean ").append(close).append("?");
      return fail(Errc::kInvalidInput, std::move(message));
    }
  }
  return {};
}

EmfSeries::EmfSeries(const EmfLayout& layout, std::size_t series_max, Stats& stats)
    : series_max_(series_max),
      with_instance_(layout.uses("Instance")),
      with_transport_(layout.uses("Transport")),
      with_client_(layout.uses("ClientName")),
      stats_(stats) {}

std::size_t EmfSeries::find(const CallRecord& record) {
  if (!record.tool_known) stats_.add(Stat::kUnknownTools);
  // Calls of one tool mostly come in a row.
  if (last_ && last_->is_of(record)) return last_->number;
  counted_ = false;
  const std::size_t number = look_up(record);
  last_.reset();
  if (!counted_) {
    last_ = {.tap = record.tap,
             .client = record.client,
             .tool_known = record.tool_known,
             .tool = record.tool_known ? record.tool_name : std::string(),
             .number = number};
  }
  return number;
}

bool EmfSeries::Last::is_of(const CallRecord& record) const noexcept {
  return tap == record.tap && client == record.client && tool_known == record.tool_known &&
         (!tool_known || tool == record.tool_name);
}

void EmfSeries::count(Stat stat) {
  counted_ = true;
  stats_.add(stat);
}

std::size_t EmfSeries::look_up(const CallRecord& record) {
  Values values;
  values.tool = record.tool_known ? std::string_view(record.tool_name) : kUnknown;
  if (record.tap) {
    values.service = record.tap->service;
    values.server = record.tap->server_name;
    values.environment = record.tap->environment;
    values.instance = record.tap->instance;
    values.transport = to_string(record.tap->transport);
  }
  if (record.client) values.client = record.client->name;

  render(values);
  if (const auto known = numbers_.find(key_); known != numbers_.end()) return known->second;
  if (numbers_.size() < series_max_) return insert();

  count(Stat::kSeriesOverflow);
  values.tool = values.client = kOther;
  render(values);
  if (const auto known = numbers_.find(key_); known != numbers_.end()) return known->second;
  if (numbers_.size() < series_max_ + kOverflowMax) return insert();

  // More servers than anyone configures: one series for all of them.
  values = {kOther, kOther, kOther, kOther, kOther, kOther, kOther};
  render(values);
  if (const auto known = numbers_.find(key_); known != numbers_.end()) return known->second;
  return insert();
}

void EmfSeries::render(const Values& values) {
  key_.clear();
  append("Service"_key, values.service);
  append("ServerName"_key, values.server);
  append("ToolName"_key, values.tool);
  append("Environment"_key, values.environment);
  if (with_instance_) append("Instance"_key, values.instance);
  if (with_transport_) append("Transport"_key, values.transport);
  if (with_client_) append("ClientName"_key, values.client);
}

void EmfSeries::append(std::string_view key, std::string_view value) {
  key_.append(key);
  if (!append_dimension_value(key_, value)) count(Stat::kFieldsTruncated);
}

std::size_t EmfSeries::insert() {
  const std::size_t number = members_.size();
  members_.push_back(&numbers_.emplace(key_, number).first->first);
  return number;
}

}  // namespace sonde::sinks
