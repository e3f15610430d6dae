#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "privacy/secret_names.h"

namespace sonde::privacy {

/// Appends `text` to `out` with what is secret in it replaced by `[redacted:<kind>]`, and
/// returns how many times.
///
/// Purpose.  One pass over any text, from left to right: keys and tokens that show what
/// they are, values assigned to secret names (`password=…`, `"apiKey": "…"`, `--token …`,
/// `Authorization: …`), user information and secret parameters of URLs, private keys,
/// numbers of persons, e-mail addresses.  Markers already there are left alone.
/// Limits.  The time is linear: every look ahead or back is bounded.
/// Failure.  None; what is not text is copied.
std::size_t append_redacted(std::string& out, std::string_view text, const SecretNames& names);

}  // namespace sonde::privacy
