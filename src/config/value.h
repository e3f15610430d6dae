#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "config/schema.h"

namespace sonde::config {

/// What a field can be set to.  Bytes, milliseconds and the index of a choice are integers.
using Value = std::variant<bool, std::uint64_t, double, std::string, List, ListOfLists>;

/// Reads one scalar as the field's type wants it, within its bounds.
///
/// A list is written `a,b`, a list of lists `a,b;c`; a comma, semicolon or backslash
/// that belongs to a text is written behind a backslash.  The message of the Error is
/// for a person: "`5 parsecs` is no duration; write 500ms, 30s, 5m, 2h or 7d".
Result<Value> parse_value(const Field& field, std::string_view text);

/// Checks what came as a list already, from YAML.
Result<Value> check_list(const Field& field, List list);
Result<Value> check_lists(const Field& field, ListOfLists lists);

/// REQUIRES: `value` came from parse_value() or check_list(s)() of the same field.
void assign(const Field& field, const Value& value, Config& config);

/// The value that `config` holds, as YAML on one line: `16MiB`, `"text"`, `[a, b]`.
std::string show(const Field& field, const Config& config);

/// What may be written: "off, inline or aggregate"; "1s to 5m".
std::string describe_bounds(const Field& field);

/// "16MiB", "500ms": with the largest unit that divides the value.
std::string show_bytes(std::uint64_t bytes);
std::string show_duration(std::uint64_t milliseconds);

}  // namespace sonde::config
