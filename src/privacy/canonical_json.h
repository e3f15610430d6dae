#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"

namespace sonde::privacy {

/// Writes JSON in the one form that all texts of the same value share (RFC 8785).
///
/// Purpose.  Arguments that differ in blanks, key order or escapes only must have the same
/// hash.  One deviation from the RFC: an integer without fraction and exponent keeps all
/// its digits, because ids beyond 2^53 must not fall together.
/// Limits.  JsonReader::kDepthMax levels, 4 GiB.  The time is that of sorting the keys.
/// Threads.  One owner, who keeps it for the sake of its buffers.
/// Failure.  Nothing is returned for what has no canonical form: a text that is not one
/// JSON value, is nested too deeply, names a key twice, holds a number too large for a
/// double, a lone surrogate or bytes that are no UTF-8.
class CanonicalJson {
 public:
  /// The view is valid until the next call.
  std::optional<std::string_view> canonical(std::string_view json);

 private:
  /// A member of an object, by offsets into flat_.
  struct Member {
    std::uint32_t begin = 0;   ///< Of the key, with its quote.
    std::uint32_t end = 0;     ///< Behind the value.
    std::uint32_t key_at = 0;  ///< Of the unescaped key, in keys_.
    std::uint32_t key_size = 0;
    std::uint32_t object = 0;  ///< The first object in the value, if there is one.
  };
  struct Object {
    std::uint32_t begin = 0;   ///< Of the brace, in flat_.
    std::uint32_t end = 0;     ///< Behind the closing brace.
    std::uint32_t after = 0;   ///< The first object behind this one and those in it.
    std::uint32_t member = 0;  ///< The first member, in members_.
    std::uint32_t member_count = 0;
  };
  /// An object or array that is still open.
  struct Open {
    std::uint32_t object = 0;  ///< kNone for an array.
    std::size_t pending = 0;   ///< Where its members begin in pending_.
  };
  /// An object whose members are being copied.
  struct Copying {
    std::uint32_t object = 0;
    std::uint32_t next = 0;  ///< The next of its members.
    std::uint32_t at = 0;    ///< How far the value of the current member was copied.
    std::uint32_t end = 0;
    std::uint32_t inner = 0;  ///< The next object in that value.
  };

  void clear();
  bool flatten(std::string_view json);
  bool take(JsonToken token, std::string_view raw);
  void separate();
  bool begin(bool object);
  bool end(bool object);
  bool key(std::string_view raw);
  bool sort_members(std::size_t pending);
  std::string_view key_of(const Member& member) const;
  void copy_sorted();
  void copy(std::uint32_t begin, std::uint32_t end);
  void copy_step();

  std::string flat_;  ///< Canonical but for the order of members.
  std::string sorted_;
  std::string keys_;
  std::vector<Object> objects_;  ///< In the order of their opening braces.
  std::vector<Member> members_;  ///< Those of one object lie together, sorted.
  std::vector<Member> pending_;  ///< Those of the objects that are still open.
  std::vector<Open> open_;
  std::vector<Copying> copying_;
  bool comma_ = false;    ///< The next value needs one before it.
  bool in_order_ = true;  ///< No object needed sorting: flat_ is the answer.
};

}  // namespace sonde::privacy
