#pragma once

#include <string_view>

namespace sonde::config {

// What is wrong with a text; empty if nothing is (schema.h, Check).

/// "SERVER/TOOL"
std::string_view check_server_tool(std::string_view text);
/// A name that an alarm, its rule and a dimension can have.
std::string_view check_alarm_subject(std::string_view text);
std::string_view check_page(std::string_view text);
/// "-staging"
std::string_view check_suffix(std::string_view text);
/// "email=ops@example.com"
std::string_view check_subscription(std::string_view text);
std::string_view check_log_group(std::string_view text);
std::string_view check_arn(std::string_view text);
/// A URL or a path that ends in a slash.
std::string_view check_base(std::string_view text);

}  // namespace sonde::config
