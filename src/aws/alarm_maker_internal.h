#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/default_alarms.h"
#include "aws/wording.h"

namespace sonde::aws {

/// The same alarms in other words: default_alarms() without any check.
DefaultAlarms make_alarms(const Inputs& inputs, const Wording& wording);

/// The names of an alarm's dimensions, by its subject.
std::span<const std::string_view> dimension_names(const Subject& subject);

/// A rule of the page over alarms written by `name`.
using NameOf = std::string (*)(Kind kind, const Subject& subject, const Wording& wording);
std::string page_rule(const Inputs& inputs, const Wording& wording, NameOf name);

}  // namespace sonde::aws
