#pragma once

#include <string>
#include <string_view>

namespace sonde::aws {

/// The same JSON over several lines, for people: two blanks a level, short arrays and
/// objects on one line.
///
/// REQUIRES: `json` is one value, as JsonWriter writes it.
std::string pretty_json(std::string_view json);

}  // namespace sonde::aws
