#include "aws/template.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "aws/alarm_maker_internal.h"
#include "aws/template_parts_internal.h"
#include "aws/wording.h"

namespace sonde::aws {
namespace {

constexpr std::size_t kLogGroupNameMax = 512;

std::unexpected<Error> wrong(std::string reason) {
  return fail(Errc::kInvalidInput, std::move(reason));
}

Status check_logs(const Config& config) {
  constexpr std::array<std::uint32_t, 22> kDays = {1,    3,    5,    7,    14,   30,  60,  90,
                                                   120,  150,  180,  365,  400,  545, 731, 1096,
                                                   1827, 2192, 2557, 2922, 3288, 3653};
  if (std::ranges::find(kDays, config.aws.retention_days) == kDays.end()) {
    return wrong("aws.retention_days is " + std::to_string(config.aws.retention_days) +
                 "; CloudWatch Logs keeps lines for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, "
                 "365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days");
  }
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._/#-").contains(c);
  };
  for (const std::string& group : log_groups(config)) {
    if (group.empty() || group.size() > kLogGroupNameMax || !std::ranges::all_of(group, allowed)) {
      return wrong("log group `" + group.substr(0, 80) +
                   "` must be 1 to 512 letters, digits and . _ / # -");
    }
    if (group.starts_with("aws/")) {
      return wrong("log group `" + group.substr(0, 80) + "` begins with aws/, which is AWS's own");
    }
  }
  return {};
}

/// The same endpoint twice in one topic is one subscription, and CloudFormation would fail
/// on whichever it deletes second.
Status check_subscriptions(const Config& config) {
  std::set<std::string> seen;
  for (const Endpoint& one : endpoints(config)) {
    if (!seen.insert(one.topic + ' ' + one.protocol + ' ' + one.endpoint).second) {
      return wrong(std::string(one.topic == "AlertTopic" ? "aws.alert_subscriptions"
                                                         : "aws.page_subscriptions") +
                   " names " + one.protocol + '=' + one.endpoint + " twice");
    }
  }
  return {};
}

void append_parameter(JsonWriter& json, std::string_view name, std::string_view description,
                      std::string_view value, std::string_view pattern) {
  json.key(name).begin_object().member("Type", "String").member("Description", description);
  json.member("Default", value);
  if (!pattern.empty()) json.member("AllowedPattern", pattern);
}

void append_parameters(JsonWriter& json, const Config& config) {
  json.key("Parameters").begin_object();
  append_parameter(json, "Environment", "The environment that the taps report.", config.environment,
                   "[A-Za-z0-9._/#-]{1,64}");
  json.end_object();
  append_parameter(json, "Suffix", "The end of all names; each environment has its own.",
                   suffix_of(config), "(-[A-Za-z0-9-]{1,30})?");
  json.end_object();
  for (const Endpoint& one : endpoints(config)) {
    append_parameter(json, one.parameter, "Where " + one.topic + " sends by " + one.protocol + '.',
                     one.endpoint, "");
    // URLs of hooks can hold tokens.
    if (one.protocol.starts_with("http")) json.key("NoEcho").boolean(true);
    json.end_object();
    if (one.role.empty()) continue;
    append_parameter(json, one.role_parameter, "As whom " + one.topic + " writes to firehose.",
                     one.role, "");
    json.end_object();
  }
  json.end_object();
}

/// Told by CloudFormation before it makes anything: two environments without a suffix would
/// take each other's names.
void append_rules(JsonWriter& json) {
  json.key("Rules").begin_object().key("SuffixOfItsOwn").begin_object();
  json.key("RuleCondition").begin_object().key("Fn::Not").begin_array().begin_object();
  json.key("Fn::Equals").begin_array();
  append_ref(json, "Environment");
  json.string("production").end_array().end_object().end_array().end_object();
  json.key("Assertions").begin_array().begin_object();
  json.key("Assert").begin_object().key("Fn::Not").begin_array().begin_object();
  json.key("Fn::Equals").begin_array();
  append_ref(json, "Suffix");
  json.string("").end_array().end_object().end_array().end_object();
  json.member("AssertDescription", "Any environment but production needs a Suffix.");
  json.end_object().end_array().end_object().end_object();
}

void append_off(JsonWriter& json, const DefaultAlarms& alarms) {
  json.key("Metadata").begin_object().key("AlarmsOff").begin_array();
  for (const AlarmOff& one : alarms.off) {
    json.string(std::string(info(one.kind).name) + (one.server.empty() ? "" : " of " + one.server) +
                ": " + one.reason);
  }
  json.end_array().end_object();
}

void append_output(JsonWriter& json, std::string_view name, std::string_view value) {
  json.key(name).begin_object().key("Value");
  append_text(json, value);
  json.end_object();
}

void append_outputs(JsonWriter& json) {
  json.key("Outputs").begin_object();
  append_output(json, "AlertTopicArn", "${AlertTopic}");
  append_output(json, "PageTopicArn", "${PageTopic}");
  append_output(json, "LogGroupName", "${LogGroup}");
  append_output(json, "ExecutionPolicyArn", "${ExecutionPolicy}");
  append_output(json, "TaskPolicyArn", "${TaskPolicy}");
  append_output(json, "DeployerPolicyArn", "${DeployerPolicy}");
  append_output(json, "DashboardUrl",
                "https://console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}"
                "#dashboards:name=${Dashboard}");
  json.end_object();
}

Resources all_resources(const Inputs& inputs, const DefaultAlarms& alarms) {
  Resources all;
  for (Resources part : {topic_resources(inputs.common), log_resources(inputs.common),
                         alarm_resources(inputs, alarms), dashboard_resources(inputs, alarms),
                         query_resources(), policy_resources(inputs.common)}) {
    std::ranges::move(part, std::back_inserter(all));
  }
  return all;
}

std::string render(const Config& config, const DefaultAlarms& alarms, const Resources& resources) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("AWSTemplateFormatVersion", "2010-09-09");
  json.member("Description",
              "Alarms, dashboard and logs of MCP servers; made by sonde aws template.");
  append_off(json, alarms);
  append_parameters(json, config);
  append_rules(json);
  // A line for each, so that a difference shows which.
  std::string lines = "{";
  for (const Resource& resource : resources) {
    append_json_string(lines, lines.size() == 1 ? "\n" : ",\n", resource.id);
    lines += ':' + resource.json;
  }
  json.key("Resources").raw(lines + "\n}");
  append_outputs(json);
  json.end_object();
  return text + '\n';
}

}  // namespace

Result<Template> make_template(const Inputs& inputs) {
  auto alarms = default_alarms(inputs);
  if (!alarms) return fail(std::move(alarms).error());
  SONDE_RETURN_IF_ERROR(check_logs(inputs.common));
  SONDE_RETURN_IF_ERROR(check_subscriptions(inputs.common));
  const DefaultAlarms worded = make_alarms(inputs, template_wording());
  const Resources resources = all_resources(inputs, worded);
  if (resources.size() > kResourcesMax) {
    return wrong("the template would have " + std::to_string(resources.size()) +
                 " resources, and CloudFormation takes 500; name fewer servers or tools in "
                 "alarms.servers and alarms.tools");
  }
  Template out{.text = render(inputs.common, worded, resources),
               .resources = resources.size(),
               .alarms = *std::move(alarms)};
  if (out.text.size() > kTemplateBytesMax) {
    return wrong("the template would have " + std::to_string(out.text.size()) +
                 " bytes, and CloudFormation takes 1 MiB; name fewer servers or tools in "
                 "alarms.servers and alarms.tools");
  }
  return out;
}

}  // namespace sonde::aws
