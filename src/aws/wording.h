#pragma once

#include <string>
#include <string_view>

#include "aws/default_alarms.h"
#include "aws/inputs.h"

namespace sonde::aws {

/// How names and places are written: as they are, or as text for Fn::Sub, in which
/// parameters of the template stand for environment and suffix.  No name that can be
/// configured holds "${", so nothing else in such a text is replaced.
struct Wording {
  std::string environment;
  std::string suffix;

  /// The name of a log group of log_groups().
  std::string group(std::string_view name, const Config& config) const;
};

Wording plain_wording(const Config& config);
Wording template_wording();
/// With the longest values that the template's parameters take, to find names that would be
/// too long.
Wording widest_wording();

inline constexpr std::size_t kEnvironmentMax = 64;
inline constexpr std::size_t kSuffixMax = 31;

/// "MCP-HighToolErrorRate-staging/search"
std::string alarm_name(Kind kind, const Subject& subject, const Wording& wording);
/// "mcp-eu-west-1-staging": dashboards are of an account, whatever region they show.
std::string dashboard_name(const Wording& wording);

/// The name of an alarm's resource within the template: letters and digits, the same in
/// every version of it, so that CloudFormation changes alarms instead of replacing them.
std::string logical_id(Kind kind, const Subject& subject);

/// "5", "0.5": as short as it can be said.
std::string number_text(double value);

}  // namespace sonde::aws
