#pragma once

#include "config/schema_parts_internal.h"

namespace sonde::config {

inline std::string_view check_json_path(std::string_view text) {
  return text.starts_with("$") ? "" : "is no JSON path; it begins with $, as $.customer.name";
}

// The fields of `privacy`.
inline constexpr Field kPrivacyFields[] = {
    {.key = "privacy.hash_key",
     .type = Type::kString,
     .target = &at<&Config::privacy, &PrivacyConfig::hash_key>,
     .max = 1024,
     .fallback = "one file per user, made at first use",
     .help = "The key of all hashes, shared by a fleet: a file, or env:NAME."},
    {.key = "privacy.hash_rate_bytes_max",
     .type = Type::kBytes,
     .target = &at<&Config::privacy, &PrivacyConfig::hash_rate_bytes_max>,
     .max = 64 * kGiB,
     .help =
         "Bytes of results above 4 KiB hashed per second; what is above is counted, not hashed."},
    {.key = "privacy.result_summary",
     .type = Type::kBoolean,
     .target = &at<&Config::privacy, &PrivacyConfig::result_summary>,
     .help = "Log the first 200 characters of results, redacted."},
    {.key = "privacy.raw_session_id",
     .type = Type::kBoolean,
     .target = &at<&Config::privacy, &PrivacyConfig::raw_session_id>,
     .short_flag = "raw-session-id",
     .help = "Log the session id of HTTP servers as it is, though it is a live handle."},
    {.key = "privacy.raw_user_id",
     .type = Type::kBoolean,
     .target = &at<&Config::privacy, &PrivacyConfig::raw_user_id>,
     .short_flag = "raw-user-id",
     .help = "Log the subject of requests over HTTP as it is, not hashed."},
    {.key = "privacy.redact_keys",
     .type = Type::kList,
     .target = &at<&Config::privacy, &PrivacyConfig::redact_keys>,
     .max = 1000,
     .help = "Values under these keys are redacted too, beside the built-in ones."},
    {.key = "privacy.redact_patterns",
     .type = Type::kList,
     .target = &at<&Config::privacy, &PrivacyConfig::redact_patterns>,
     .max = 100,
     .help = "What matches these POSIX extended regular expressions is redacted too."},
    {.key = "privacy.redact_paths",
     .type = Type::kList,
     .target = &at<&Config::privacy, &PrivacyConfig::redact_paths>,
     .max = 1000,
     .help = "Values at these JSON paths, as $.customer.name, are redacted too.",
     .check = check_json_path},
};

}  // namespace sonde::config
