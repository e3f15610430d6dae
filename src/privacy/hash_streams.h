#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "privacy/value_hash.h"

namespace sonde::privacy {

/// Hashes values that come in pieces, several at a time.
///
/// Purpose.  Results too large to be kept whole by the data path.  Their bytes are kept here
/// as long as they may turn out small enough to be hashed in canonical form.
/// Limits.  kStreamsMax values, of which the oldest is forgotten; kResultCanonicalMax bytes
/// are kept of each.
/// Threads.  One owner.
class HashStreams {
 public:
  static constexpr std::size_t kStreamsMax = 64;

  /// Lifetime.  `hasher` must outlive it.
  explicit HashStreams(ValueHasher& hasher) : hasher_(hasher) {}

  /// The next bytes of a value.  REQUIRES: none are missing before them; after a piece that
  /// was lost, no other piece of that value may come.
  void feed(std::uint64_t stream, std::string_view bytes);

  /// The hash of a value of `size` bytes, whose pieces have all come; forgets it.  Nothing
  /// if less than the first kPrefixBytes of a larger value came.
  std::optional<std::string> take(std::uint64_t stream, std::uint64_t size,
                                  std::size_t canonical_max);

  void forget(std::uint64_t stream) { values_.erase(stream); }

 private:
  struct Value {
    KeyedHash all;
    std::optional<KeyedHash> prefix;  ///< Once kPrefixBytes have come.
    std::uint64_t size = 0;
    std::string kept;  ///< All of it, as long as that may be of use.
  };

  static void keep(Value& value, std::string_view bytes);

  ValueHasher& hasher_;
  std::map<std::uint64_t, Value> values_;  ///< Ids grow, so the first is the oldest.
};

}  // namespace sonde::privacy
