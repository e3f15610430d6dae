#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "alarm/definition.h"
#include "base/result.h"

namespace sonde::alarm {

/// Reading alarms from what CloudWatch and CloudFormation are given.
///
/// What CloudWatch would refuse in a value is for check() to find; here fails what cannot be
/// read: a property that the type does not have (with the nearest that it has), one of the
/// wrong kind, and what CloudWatch has and we do not evaluate (PromQL, anomaly bands, wall
/// clock windows, units), by name.

/// Values of parameters, and of pseudo parameters where the defaults do not fit
/// ("AWS::Region" is us-east-1, "AWS::AccountId" 123456789012).
using TemplateParameters = std::map<std::string, std::string, std::less<>>;

inline constexpr std::size_t kTemplateBytesMax = std::size_t{1024} * 1024;  ///< CloudFormation's.
/// Of a text that a template makes of others; a request to CloudWatch has at most 120 KB.
inline constexpr std::size_t kTemplateTextMax = std::size_t{64} * 1024;

/// The AWS::CloudWatch::Alarm and AWS::CloudWatch::CompositeAlarm resources of a template in
/// JSON, whose condition holds.  Understood are Ref, Fn::GetAtt, Fn::If, Fn::Join,
/// Fn::Select, Fn::Sub, and in conditions Fn::And, Fn::Equals, Fn::Not and Fn::Or.  What an
/// alarm refers to becomes what CloudFormation would make of it: the name of an alarm or log
/// group, the ARN of a topic.  An alarm without a name is called as its resource.
/// Fails with kInvalidInput and the resource, also on a parameter that the template does not
/// have, or that has no value and is needed.
Result<AlarmSet> read_template(std::string_view json, const TemplateParameters& parameters);

/// The parameters of a PutMetricAlarm or PutCompositeAlarm, as the AWS CLI takes them by
/// --cli-input-json.
Result<MetricAlarm> read_metric_alarm(std::string_view json);
Result<CompositeAlarm> read_composite_alarm(std::string_view json);

}  // namespace sonde::alarm
