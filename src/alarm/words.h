#pragma once

#include <optional>
#include <string_view>

#include "alarm/definition.h"

namespace sonde::alarm {

/// CloudWatch's own spelling of the enumerations of alarm/definition.h, both ways.

std::string_view to_string(State state) noexcept;               ///< "INSUFFICIENT_DATA", …
std::string_view to_string(Comparison comparison) noexcept;     ///< "GreaterThanThreshold", …
std::string_view to_string(MissingData missing_data) noexcept;  ///< "notBreaching", …

/// "greater than", "less than or equal to", …: as reasons say it.
std::string_view in_words(Comparison comparison) noexcept;

std::optional<State> parse_state(std::string_view text) noexcept;
std::optional<Comparison> parse_comparison(std::string_view text) noexcept;
std::optional<MissingData> parse_missing_data(std::string_view text) noexcept;

/// The name of the alarm that a rule or a suppressor refers to: the text itself, or of an
/// ARN what follows ":alarm:".  A view of `reference`.
std::string_view alarm_name(std::string_view reference) noexcept;

}  // namespace sonde::alarm
