#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "privacy/redactor.h"

namespace sonde::privacy {

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kUriBytesMax = 256;
constexpr std::size_t kUriHashBytes = 3 + 16;  ///< The mark and 64 bits: enough to tell apart.
constexpr std::size_t kTextBytesMax = 256;
constexpr std::size_t kSummaryBytesMax = 200;
constexpr std::size_t kKeysMax = 32;
constexpr std::size_t kKeyBytesMax = 64;

/// Cuts `text` to at most `bytes_max` bytes, between two characters.  True if it was longer.
bool cut(std::string& text, std::size_t bytes_max);

/// Letters, digits and the marks that names of tools have, and no blank.
bool written_like_a_name(std::string_view text);

/// "file" of "file:///x"; "uri" if it has no scheme that looks like one (RFC 3986 3.1).
std::string_view scheme_of(std::string_view uri);

/// The keys of the object that `arguments` begins with, at most kKeysMax, redacted; `<key>`
/// for what is no name but may be data.
std::vector<std::string> top_level_keys(std::string_view arguments, Redactor& redactor);

/// The same for the raw keys of CanonicalJson::top_level_keys().
std::vector<std::string> shown_keys(std::span<const std::string_view> keys, Redactor& redactor);

/// What a person would read of a result: its first text, else the JSON; redacted, one line,
/// at most kSummaryBytesMax.
std::string summary_of(std::string_view result, Redactor& redactor);

}  // namespace sonde::privacy
