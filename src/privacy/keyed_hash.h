#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sonde::privacy {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes) noexcept;
/// 64 characters of lower-case hexadecimal.
std::string to_hex(const Digest& digest);

/// Overwrites memory in a way that the compiler may not leave out.
void wipe(void* memory, std::size_t size) noexcept;

/// HMAC-SHA-256 (RFC 2104), fed piece by piece.
///
/// Purpose.  The two blocks that depend on the key alone are hashed once, so that a short
/// value costs two blocks of SHA-256 and no allocation.  A copy goes on from where its
/// original stands.
/// Threads.  One owner.  Failure.  None.
class KeyedHash {
 public:
  explicit KeyedHash(std::string_view key) noexcept;
  ~KeyedHash();
  KeyedHash(const KeyedHash&) = default;
  KeyedHash& operator=(const KeyedHash&) = default;

  void update(std::string_view bytes) noexcept;

  /// The code of all bytes since the last finish(); the next value may follow.
  Digest finish() noexcept;

 private:
  /// An OpenSSL SHA256_CTX, which only the source file knows.
  using State = std::array<std::uint32_t, 28>;

  State inner_;  ///< After the block key XOR ipad.
  State outer_;  ///< After the block key XOR opad.
  State running_;
};

}  // namespace sonde::privacy
