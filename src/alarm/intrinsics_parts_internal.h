#pragma once

#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/result.h"

namespace sonde::alarm {

/// What the two sources of Intrinsics share.

inline std::unexpected<Error> invalid(std::string problem) {
  return fail(Errc::kInvalidInput, std::move(problem));
}

inline std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

inline std::string unescaped(std::string_view raw) {
  std::string text;
  append_unescaped(text, raw);
  return text;
}

/// The keys of a map, to find the nearest among.
template <class Map>
std::vector<std::string_view> keys_of(const Map& map) {
  const auto keys = std::views::keys(map);
  return {keys.begin(), keys.end()};
}

/// Counts the levels of a recursion.
class Level {
 public:
  explicit Level(std::size_t& depth) : depth_(depth) { ++depth_; }
  ~Level() { --depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  std::size_t& depth_;
};

}  // namespace sonde::alarm
