#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sonde::cli {

/// The names of all man pages: "sonde", "tail", …, "config".
std::vector<std::string> man_pages();

/// "sonde.1", "sonde-tail.1", "sonde.yaml.5".
std::string man_file(std::string_view page);

/// A man page as roff; empty if there is none of this name.
std::string man_page(std::string_view page);

}  // namespace sonde::cli
