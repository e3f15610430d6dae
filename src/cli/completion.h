#pragma once

#include <string>
#include <string_view>

namespace sonde::cli {

/// The completion script for "bash", "zsh" or "fish"; empty for any other shell.
std::string completion_for(std::string_view shell);

}  // namespace sonde::cli
