#include "aws/default_alarms.h"

#include <algorithm>
#include <set>

#include "alarm/check.h"
#include "aws/alarm_maker_internal.h"
#include "aws/emitted.h"
#include "aws/wording.h"

namespace sonde::aws {
namespace {

/// The rule of the page has 100 children at most: 4 of the environment, 4 of each server.
constexpr std::size_t kServersMax = 24;

std::unexpected<Error> wrong(std::string reason) {
  return fail(Errc::kInvalidInput, std::move(reason));
}

/// It becomes a parameter, part of names, and text within a search.
Status check_environment(const Config& config) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._/#-").contains(c);
  };
  const std::string& name = config.environment;
  if (name.empty() || name.size() > kEnvironmentMax || !std::ranges::all_of(name, allowed)) {
    return wrong("environment `" + name +
                 "` must be 1 to 64 letters, digits and . _ / # - to be part of names on AWS");
  }
  if (suffix_of(config).size() > kSuffixMax) {
    return wrong("environment `" + name +
                 "` makes a suffix of more than 31 characters; set aws.suffix");
  }
  // Two environments must not come to the same suffix: "a.b" and "a-b" would.
  if (config.aws.suffix.empty() && name != "production" && suffix_of(config) != "-" + name) {
    return wrong("environment `" + name + "` makes the suffix `" + suffix_of(config) +
                 "`, which another environment can have too; set aws.suffix");
  }
  return {};
}

Status check_rates(std::string_view where, const AlarmsConfig& alarms) {
  const bool rise = alarms.error_rate_warn <= alarms.error_rate_critical &&
                    alarms.error_rate_critical <= alarms.error_rate_page;
  if (rise) return {};
  return wrong(std::string(where) +
               "alarms.error_rate_warn, error_rate_critical and error_rate_page must rise: " +
               number_text(alarms.error_rate_warn) + ", " +
               number_text(alarms.error_rate_critical) + ", " +
               number_text(alarms.error_rate_page));
}

/// Lists name each once; a server in two spellings of one list would be two alarms.
Status check_once(std::string_view key, const std::vector<std::string>& names) {
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) {
      return wrong(std::string(key) + " names `" + name + "` twice");
    }
  }
  return {};
}

Status check_inputs(const Inputs& inputs) {
  const AlarmsConfig& alarms = inputs.common.alarms;
  SONDE_RETURN_IF_ERROR(check_environment(inputs.common));
  SONDE_RETURN_IF_ERROR(check_rates("", alarms));
  for (const Config& server : inputs.servers) {
    SONDE_RETURN_IF_ERROR(check_rates("servers: " + server.server_name + ": ", server.alarms));
  }
  SONDE_RETURN_IF_ERROR(check_once("alarms.servers", alarms.servers));
  SONDE_RETURN_IF_ERROR(check_once("alarms.tools", alarms.tools));
  if (alarms.servers.size() > kServersMax) {
    return wrong("alarms.servers names " + std::to_string(alarms.servers.size()) +
                 " servers; the rule of the page takes the alarms of at most 24");
  }
  return {};
}

Status check_watched(const Inputs& inputs, const DefaultAlarms& alarms) {
  for (const DefaultAlarm& one : alarms.alarms) {
    const Config& config = inputs.of(one.subject.server);
    for (const Metric metric : one.metrics) {
      if (const Status emitted = check_emitted(config, metric, dimension_names(one.subject));
          !emitted) {
        return fail(Error(emitted.error()).within("alarm `" + one.alarm.name + '`'));
      }
    }
  }
  return {};
}

/// What CloudWatch would refuse of them, whatever the parameters are.
Status check_alarms(const DefaultAlarms& alarms) {
  std::set<std::string_view> names;
  std::vector<std::string> all;
  for (const DefaultAlarm& one : alarms.alarms) {
    SONDE_RETURN_IF_ERROR(alarm::check(one.alarm));
    if (!names.insert(one.alarm.name).second) {
      return wrong("two alarms have the name `" + one.alarm.name +
                   "`; a slash in the name of a server or tool makes them the same");
    }
    all.push_back(one.alarm.name);
  }
  return alarm::check(std::span(&alarms.page, 1), all);
}

}  // namespace

Result<DefaultAlarms> default_alarms(const Inputs& inputs) {
  SONDE_RETURN_IF_ERROR(check_inputs(inputs));
  SONDE_RETURN_IF_ERROR(check_alarms(make_alarms(inputs, widest_wording())));
  DefaultAlarms alarms = make_alarms(inputs, plain_wording(inputs.common));
  SONDE_RETURN_IF_ERROR(check_alarms(alarms));
  SONDE_RETURN_IF_ERROR(check_watched(inputs, alarms));
  return alarms;
}

}  // namespace sonde::aws
