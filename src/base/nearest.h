#pragma once

#include <span>
#include <string_view>

namespace sonde {

/// The candidate that needs the fewest edits (insert, delete, replace, swap of
/// neighbours) to become `name`; empty if none is within a third of its length.
/// For "unknown key `emf.modee`; did you mean `emf.mode`?".
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace sonde
