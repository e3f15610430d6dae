#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sonde::privacy {

/// The text of an error without anything that could be content: one line of words that
/// programs use, in which all else is replaced.
///
///     Connection refused to db-prod-3.internal:5432 for user bob
///     Connection refused to <addr> for user <w>
///
/// Purpose.  The text of a failed tool call *is* its result, so it must not be shown while
/// content is not captured; its template still groups and explains errors.  Only words of
/// the vocabulary stay; quoted strings become <str>, numbers <num>, paths <path>, URLs
/// <url>, hosts and e-mail addresses <addr>, ids and hashes <id>, other words <w>.  Equal
/// placeholders that follow each other become one, so not even their number is told.
/// Limits.  The first kErrorTextBytesMax bytes; the result has at most `bytes_max`.
/// Failure.  None.
std::string error_template(std::string_view text, std::size_t bytes_max = 256);

constexpr std::size_t kErrorTextBytesMax = std::size_t{4} * 1024;

}  // namespace sonde::privacy
