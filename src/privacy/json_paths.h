#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sonde::privacy {

/// JSON paths, followed side by side while a document is read from top to bottom:
/// `$.a.b`, `$.list[*].x`, `$['odd name'][0]`, `$..name`, `$.*`.
///
/// Purpose.  A state is one word per path; a bit says which segment may match next.  So
/// nothing is kept of the document and nothing is read twice.
/// Limits.  kCountMax paths of kSegmentsMax segments.  Threads.  Any, once made.
class JsonPaths {
 public:
  static constexpr std::size_t kCountMax = 64;
  static constexpr std::size_t kSegmentsMax = 32;
  using State = std::uint64_t;

  /// Fails with kInvalidInput on a path that cannot be read, and names it.
  static Result<JsonPaths> make(const std::vector<std::string>& paths);

  std::size_t count() const noexcept { return paths_.size(); }

  /// The states at the root.  REQUIRES: count() of them, here and below.
  void begin(std::span<State> root) const;

  /// The states of a member or an element from those of its container.  True if a path ends
  /// there.
  bool enter_member(std::span<const State> from, std::string_view key, std::span<State> to) const;
  bool enter_element(std::span<const State> from, std::size_t index, std::span<State> to) const;

 private:
  struct Segment {
    enum class Type : std::uint8_t { kMember, kElement, kAny };
    Type type = Type::kAny;
    bool anywhere = false;  ///< `..`: at any depth below.
    std::string key;
    std::size_t index = 0;
  };
  using Path = std::vector<Segment>;

  static Result<Path> parse(const std::string& text);
  /// Take one segment off the front of `rest`; return a complaint, or nothing.
  static std::string_view read_bracket(std::string_view& rest, Segment& segment);
  static std::string_view read_name(std::string_view& rest, Segment& segment);
  template <class Matches>
  bool enter(std::span<const State> from, std::span<State> to, Matches matches) const;

  std::vector<Path> paths_;
};

}  // namespace sonde::privacy
