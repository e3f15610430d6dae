#pragma once

#include <string>

#include "aws/default_alarms.h"

namespace sonde::aws {

/// The alarms with what each says, then those that are off with the reason: for a person.
std::string explain(const DefaultAlarms& alarms);

/// One line for each alarm and metric, fields separated by tabs: alarm, namespace, metric,
/// statistic, dimensions as Name=value with commas.  A page has its rule instead.
std::string matrix(const DefaultAlarms& alarms);

}  // namespace sonde::aws
