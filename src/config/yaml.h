#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/fault.h"
#include "config/schema.h"
#include "config/value.h"

namespace sonde::config {

/// A field that the file sets, and where.
struct Assignment {
  const Field* field = nullptr;
  Value value;
  std::uint32_t line = 0;
};

/// What a configuration file says.
struct Document {
  std::vector<Assignment> common;
  std::map<std::string, std::vector<Assignment>, std::less<>> servers;  ///< By name.
  Faults faults;
};

/// Reads the YAML text of a configuration file.
///
/// Purpose.  Sections are mappings (`emf: {mode: off}`) or dotted keys (`emf.mode: off`);
/// `servers: {NAME: {…}}` holds what differs for one server.  All faults are found in one
/// go, each with its line; what has none is still returned.
/// Limits.  kTextBytesMax, kDepthMax levels, kNodesMax values; anchors and aliases are
/// refused, so a small file cannot stand for a large one.
/// Failure.  Only by Document::faults; never throws.
Document read_yaml(std::string_view text, std::string_view source);

inline constexpr std::size_t kTextBytesMax = 1024 * 1024;
inline constexpr std::size_t kDepthMax = 8;
inline constexpr std::size_t kNodesMax = 20'000;

}  // namespace sonde::config
