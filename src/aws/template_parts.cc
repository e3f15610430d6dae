#include "aws/template_parts_internal.h"

#include "aws/wording.h"

namespace sonde::aws {
namespace {

void add_endpoints(std::string_view name, const std::vector<std::string>& subscriptions,
                   std::vector<Endpoint>& out) {
  for (std::size_t i = 0; i < subscriptions.size(); ++i) {
    const std::string& text = subscriptions[i];
    const std::size_t equals = text.find('=');
    Endpoint one{.parameter = std::string(name) + "Endpoint" + std::to_string(i + 1),
                 .topic = std::string(name) + "Topic",
                 .protocol = text.substr(0, equals),
                 .endpoint = text.substr(equals + 1),
                 .role_parameter = std::string(name) + "Role" + std::to_string(i + 1),
                 .role = {}};
    if (one.protocol == "firehose") {
      const std::size_t blank = one.endpoint.find(' ');
      one.role = one.endpoint.substr(blank + 1);
      one.endpoint.resize(blank);
    }
    out.push_back(std::move(one));
  }
}

Resource topic(std::string id, std::string_view name) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("Type", "AWS::SNS::Topic").key("Properties").begin_object();
  append_text(json.key("TopicName"), std::string(name) + "${Suffix}");
  json.end_object().end_object();
  return {.id = std::move(id), .json = std::move(text)};
}

Resource subscription(const Endpoint& endpoint) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("Type", "AWS::SNS::Subscription").key("Properties").begin_object();
  append_ref(json.key("TopicArn"), endpoint.topic);
  json.member("Protocol", endpoint.protocol);
  append_ref(json.key("Endpoint"), endpoint.parameter);
  if (!endpoint.role.empty()) append_ref(json.key("SubscriptionRoleArn"), endpoint.role_parameter);
  json.end_object().end_object();
  std::string id = endpoint.parameter;
  id.replace(id.find("Endpoint"), 8, "Subscription");
  return {.id = std::move(id), .json = std::move(text)};
}

/// Alarms of this account and region, and nobody else.
Resource topic_policy() {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("Type", "AWS::SNS::TopicPolicy").key("Properties").begin_object();
  json.key("Topics").begin_array();
  append_ref(json, "AlertTopic");
  append_ref(json, "PageTopic");
  json.end_array().key("PolicyDocument").begin_object().member("Version", "2012-10-17");
  json.key("Statement").begin_array().begin_object();
  json.member("Effect", "Allow").key("Principal").begin_object();
  json.member("Service", "cloudwatch.amazonaws.com").end_object();
  json.member("Action", "sns:Publish").key("Resource").begin_array();
  append_ref(json, "AlertTopic");
  append_ref(json, "PageTopic");
  json.end_array().key("Condition").begin_object();
  json.key("ArnLike").begin_object().key("aws:SourceArn");
  append_text(json, "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*");
  json.end_object().key("StringEquals").begin_object().key("aws:SourceAccount");
  append_ref(json, "AWS::AccountId");
  json.end_object().end_object();  // StringEquals, Condition
  json.end_object().end_array();   // the statement, Statement
  json.end_object().end_object().end_object();
  return {.id = "TopicPolicy", .json = std::move(text)};
}

}  // namespace

void append_ref(JsonWriter& json, std::string_view id) {
  json.begin_object().member("Ref", id).end_object();
}

void append_text(JsonWriter& json, std::string_view text) {
  if (!text.contains("${")) {
    json.string(text);
    return;
  }
  const bool alone = text.starts_with("${") && text.find('}') + 1 == text.size();
  const std::string_view name = text.substr(2, text.size() - 3);
  if (!alone) {
    json.begin_object().member("Fn::Sub", text).end_object();
  } else if (const std::size_t dot = name.find('.'); dot != name.npos) {
    json.begin_object().key("Fn::GetAtt").begin_array();
    json.string(name.substr(0, dot)).string(name.substr(dot + 1)).end_array().end_object();
  } else {
    append_ref(json, name);
  }
}

std::vector<Endpoint> endpoints(const Config& config) {
  std::vector<Endpoint> out;
  add_endpoints("Alert", config.aws.alert_subscriptions, out);
  add_endpoints("Page", config.aws.page_subscriptions, out);
  return out;
}

Resources topic_resources(const Config& config) {
  Resources out;
  out.push_back(topic("AlertTopic", "mcp-alerts"));
  out.push_back(topic("PageTopic", "mcp-page"));
  out.push_back(topic_policy());
  for (const Endpoint& endpoint : endpoints(config)) out.push_back(subscription(endpoint));
  return out;
}

std::string log_group_id(std::size_t index) { return index == 0 ? "LogGroup" : "AgentLogGroup"; }

/// Logs outlive their stack, unless it never came to be.
Resources log_resources(const Config& config) {
  Resources out;
  for (const std::string& group : log_groups(config)) {
    std::string text;
    JsonWriter json(text);
    json.begin_object().member("Type", "AWS::Logs::LogGroup");
    json.member("DeletionPolicy", "RetainExceptOnCreate");
    json.member("UpdateReplacePolicy", "Retain").key("Properties").begin_object();
    append_text(json.key("LogGroupName"), template_wording().group(group, config));
    json.key("RetentionInDays").number(config.aws.retention_days);
    json.end_object().end_object();
    out.push_back({.id = log_group_id(out.size()), .json = std::move(text)});
  }
  return out;
}

}  // namespace sonde::aws
