#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sonde::privacy {

/// The name in front of an operator such as `=` or `:`, found by reading backwards.
struct AssignedName {
  std::string_view name;
  std::string_view phrase;  ///< `name` and up to two words of the sentence before it.
  bool parameter = false;   ///< Of a URL or a form: `?name=` or `&name=`.
  bool element = false;     ///< Of XML: `<name>`.
  bool escaped = false;     ///< Its first letter may belong to `\n`, `\r` or `\t`.
  char open_quote = '\0';   ///< What was opened right before the name and not closed behind it.
};

/// `floor`: nothing before it belongs to the name.  Nothing if no name stands there.
std::optional<AssignedName> assigned_name(std::string_view text, std::size_t floor,
                                          std::size_t operator_at);

enum class ValueForm {
  kWord,       ///< Ends with the word: at a blank or a separator.
  kParameter,  ///< Ends at `&` or `#` too.
  kEncoded,    ///< Within a URL: ends at an encoded separator too.
  kLine,       ///< Ends with the line.
  kElement,    ///< Ends at `<`.
};

struct Extent {
  std::size_t begin;
  std::size_t end;
};

/// The value from `at`, right behind the operator, without its quotes.  Nothing if there is
/// none, or if it begins a list or an object.
std::optional<Extent> assigned_value(std::string_view text, std::size_t at, ValueForm form,
                                     char open_quote);

/// The quoted value that begins at `at`; nothing if there is no quote.
std::optional<Extent> quoted_value(std::string_view text, std::size_t at);

/// Is `value` no secret, whatever its name?  `required`, `null`, `***`, `${NAME}`.
bool innocent_value(std::string_view value);

/// Is `PWD` the folder a shell stands in, and no password?
bool working_folder(std::string_view name, std::string_view value);

}  // namespace sonde::privacy
