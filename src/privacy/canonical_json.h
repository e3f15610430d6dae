#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
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
  /// How many keys top_level_keys() has at most.
  static constexpr std::size_t kTopLevelKeysMax = 32;

  /// The view is valid until the next call, and no longer than `json`: a text that is in
  /// canonical form is not copied.
  std::optional<std::string_view> canonical(std::string_view json);

  /// The first keys of the last text, if that is an object with a canonical form: as they
  /// stand there, without quotes.  REQUIRES: that text is still there.
  std::span<const std::string_view> top_level_keys() const noexcept { return top_level_keys_; }

 private:
  /// A member of an object, by offsets into the flat text.
  struct Member {
    std::uint64_t rank = 0;    ///< By the beginning of the key: the order, unless equal.
    std::uint32_t begin = 0;   ///< Of the key, with its quote.
    std::uint32_t end = 0;     ///< Behind the value.
    std::uint32_t key_at = 0;  ///< Of the unescaped key, in json_ or keys_.
    std::uint32_t key_size = 0;
    std::uint32_t object = 0;  ///< The first object in the value, if there is one.
    bool unescaped = false;    ///< The key is in keys_.
  };
  /// An object that must be sorted, or one within it.
  struct Object {
    std::uint32_t begin = 0;   ///< Of the brace, in the flat text.
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
  bool flatten();
  bool take(JsonToken token, const JsonReader& reader);
  void separate();
  bool begin(std::string_view brace, bool object);
  bool end(std::string_view brace, bool object);
  void keep_object(const Open& closed);
  bool key(std::string_view raw, JsonSpelling spelling);
  bool string(std::string_view raw, JsonSpelling spelling);
  bool number(std::string_view raw);
  /// Appends a piece of json_.
  void put(std::string_view piece) {
    const auto at = static_cast<std::size_t>(piece.data() - json_.data());
    if (at != same_end_) go_on_at(at);
    same_end_ = at + piece.size();
  }
  void put(char c) {
    if (same_end_ < json_.size() && json_[same_end_] == c) {
      ++same_end_;
    } else {
      put_anew(c);
    }
  }
  void go_on_at(std::size_t at);
  void put_anew(char c);
  void flush();
  std::uint32_t flat_size() const noexcept;
  enum class Order : std::uint8_t { kAsItStands, kOther, kNone };
  Order sort_members(std::size_t pending);
  bool less(const Member& a, const Member& b) const;
  std::string_view key_of(const Member& member) const;
  void copy_sorted();
  void copy(std::uint32_t begin, std::uint32_t end);
  void copy_step();

  // The flat text is canonical but for the order of members: flat_, and behind it what is
  // the same in json_ from same_begin_ to same_end_.  So a text that is canonical already
  // is never copied, and others are in long pieces.
  std::string_view json_;
  std::string flat_;
  std::size_t same_begin_ = 0;
  std::size_t same_end_ = 0;
  std::string_view text_;  ///< All of the flat text, when it is complete.
  std::string sorted_;
  char* to_ = nullptr;  ///< How far sorted_ is filled.
  std::string keys_;    ///< Those that were written with escapes.
  std::vector<std::string_view> top_level_keys_;
  std::vector<Object> objects_;  ///< In the order of their opening braces, the open ones too.
  std::vector<Member> members_;  ///< Those of one object lie together, sorted.
  std::vector<Member> pending_;  ///< Those of the objects that are still open.
  std::vector<Open> open_;
  std::vector<Copying> copying_;
  bool comma_ = false;  ///< The next value needs one before it.
};

}  // namespace sonde::privacy
