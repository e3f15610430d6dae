#pragma once

#include <string_view>

namespace sonde::config {

// What is wrong with a text of the section `proxy`; empty if nothing is.

/// "127.0.0.1:8080", "[::1]:0"
std::string_view check_listen(std::string_view text);
/// "search=http://127.0.0.1:3001", "a@a.example=https://a.internal", "b/b=http://10.0.0.1/"
std::string_view check_upstream(std::string_view text);
/// "https://mcp.example.com"
std::string_view check_origin(std::string_view text);

}  // namespace sonde::config
