#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/default_alarms.h"
#include "aws/inputs.h"
#include "base/json_writer.h"

namespace sonde::aws {

// What the template is put together from.

struct Resource {
  std::string id;    ///< Logical.
  std::string json;  ///< {"Type":…,"Properties":{…}}
};
using Resources = std::vector<Resource>;

/// A template's parameter for each endpoint: addresses are of people, and URLs can hold tokens.
struct Endpoint {
  std::string parameter;  ///< "AlertEndpoint1"
  std::string topic;      ///< "AlertTopic"
  std::string protocol;
  std::string endpoint;
  std::string role_parameter;
  std::string role;  ///< Of firehose; else empty.
};
std::vector<Endpoint> endpoints(const Config& config);

/// A text made with template_wording(): {"Ref":"X"} if it is "${X}" alone (Fn::GetAtt of "${X.Y}"),
/// {"Fn::Sub":…} if it holds a parameter, else as it is.
void append_text(JsonWriter& json, std::string_view text);
void append_ref(JsonWriter& json, std::string_view id);

/// The logical ids of the log groups, in the order of log_groups().
std::string log_group_id(std::size_t index);

Resources topic_resources(const Config& config);
Resources log_resources(const Config& config);
Resources alarm_resources(const Inputs& inputs, const DefaultAlarms& alarms);
Resources dashboard_resources(const Inputs& inputs, const DefaultAlarms& alarms);
Resources query_resources();
Resources policy_resources(const Config& config);

}  // namespace sonde::aws
