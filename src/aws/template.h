#pragma once

#include <cstddef>
#include <string>

#include "aws/default_alarms.h"
#include "aws/inputs.h"
#include "base/result.h"

namespace sonde::aws {

/// What CloudFormation takes.
inline constexpr std::size_t kInlineBytesMax = 51'200;  ///< In a call; else by way of S3.
inline constexpr std::size_t kTemplateBytesMax = 1024 * 1024;
inline constexpr std::size_t kResourcesMax = 500;

struct Template {
  std::string text;  ///< JSON, a resource a line.
  std::size_t resources = 0;
  DefaultAlarms alarms;

  /// Whether it fits into a call of CloudFormation; else it has to lie in S3.
  bool fits_inline() const { return text.size() <= kInlineBytesMax; }
};

/// One CloudFormation template of everything: topics, subscriptions, log groups, alarms, page,
/// dashboard, saved queries, policies.
///
/// Parameters: Environment, Suffix, and one for each subscription's endpoint.
/// Failure.  kInvalidInput as default_alarms(), and on what else AWS would refuse: a retention
/// that CloudWatch Logs does not know, a log group's name, too many resources or bytes.
Result<Template> make_template(const Inputs& inputs);

}  // namespace sonde::aws
