#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::privacy {

/// The secret that hashes are made with, so that nobody can find a value by hashing
/// guesses (design section 4, arguments).
///
/// Purpose.  The same key on every machine of a fleet makes their hashes comparable; its
/// id says which key it was without giving it away.
/// Limits.  kBytesMin to kBytesMax.  Ownership.  A value; the bytes are wiped with it.
class HashKey {
 public:
  static constexpr std::size_t kBytesMin = 32;
  static constexpr std::size_t kBytesMax = 4096;

  /// Fails with kInvalidInput outside of the limits.  Line ends behind the key are no
  /// part of it, unless it would be too short without them.
  static Result<HashKey> from_secret(std::string_view secret);

  /// A key that this process alone has: its hashes compare with each other only.
  static HashKey ephemeral();

  HashKey(const HashKey&) = default;
  HashKey(HashKey&& other) noexcept;
  HashKey& operator=(const HashKey& other);
  HashKey& operator=(HashKey&& other) noexcept;
  ~HashKey();

  std::string_view secret() const noexcept { return secret_; }
  /// The first 8 hexadecimal digits of the SHA-256 of the secret.
  const std::string& id() const noexcept { return id_; }

 private:
  explicit HashKey(std::string_view secret);
  void wipe_secret() noexcept;

  std::string secret_;
  std::string id_;
};

/// 32 bytes of the kernel's randomness as 64 hexadecimal digits.
std::string random_secret();

}  // namespace sonde::privacy
