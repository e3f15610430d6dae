#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "privacy/canonical_json.h"
#include "privacy/hash_key.h"
#include "privacy/keyed_hash.h"

namespace sonde::privacy {

/// Up to what size a value is hashed in its canonical form (design section 4).
constexpr std::size_t kArgumentsCanonicalMax = std::size_t{1024} * 1024;
constexpr std::size_t kResultCanonicalMax = std::size_t{64} * 1024;
/// How much of a value must be seen for it to be hashed at all, unless it is smaller.
constexpr std::size_t kPrefixBytes = std::size_t{1024} * 1024;

/// Hashes values whole, and marks how:
///   c1:  HMAC-SHA-256 of the canonical JSON (RFC 8785, integers keep their digits);
///   r1:  of the bytes as they are: larger than the limit, or without canonical form;
///   t1:  of the first 1 MiB and the length as 8 bytes, big end first: the rest was not
///        seen.
/// Hashes with different marks or of different keys are not to be compared.
///
/// Threads.  One owner, who keeps it for the sake of its buffers.  Failure.  None.
class ValueHasher {
 public:
  explicit ValueHasher(const HashKey& key) : hash_(key.secret()) {}

  /// Of a value that is there whole.  Blanks around it do not count.
  std::string whole(std::string_view value, std::size_t canonical_max);
  /// Of the value that whole() was last called with, if that is an object and was hashed in
  /// canonical form: its first keys (CanonicalJson::top_level_keys).
  std::span<const std::string_view> top_level_keys() const noexcept {
    return in_canonical_form_ ? canonical_.top_level_keys() : std::span<const std::string_view>();
  }

  /// For a value that is hashed piece by piece.
  KeyedHash begin() const { return hash_; }
  static std::string raw(KeyedHash& all_bytes);
  /// `prefix` has been fed exactly the first kPrefixBytes.
  static std::string prefix(KeyedHash prefix, std::uint64_t size);

 private:
  KeyedHash hash_;
  CanonicalJson canonical_;
  bool in_canonical_form_ = false;  ///< So was the last value hashed.
};

/// What `sonde hash FILE` prints for a value: as ValueHasher::whole.
std::string hash_value(std::string_view value, const HashKey& key,
                       std::size_t canonical_max = kArgumentsCanonicalMax);

}  // namespace sonde::privacy
