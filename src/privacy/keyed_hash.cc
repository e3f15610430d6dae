// The low-level SHA256_* functions are deprecated in OpenSSL 3, not removed.  EVP would
// load a provider (1 ms at start-up) and allocate for every hash.
#define OPENSSL_SUPPRESS_DEPRECATED  // NOLINT(readability-identifier-naming)

#include "privacy/keyed_hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>

#include "base/ids.h"

namespace sonde::privacy {
namespace {

constexpr std::size_t kBlockBytes = 64;
using State = std::array<std::uint32_t, 28>;
static_assert(sizeof(State) == sizeof(SHA256_CTX));

State hashed_block(const std::array<std::uint8_t, kBlockBytes>& key, std::uint8_t pad) noexcept {
  std::array<std::uint8_t, kBlockBytes> block{};
  std::transform(key.begin(), key.end(), block.begin(),
                 [pad](std::uint8_t byte) { return static_cast<std::uint8_t>(byte ^ pad); });
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, block.data(), block.size());
  wipe(block.data(), block.size());
  return std::bit_cast<State>(context);
}

}  // namespace

Digest sha256(std::string_view bytes) noexcept {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  Digest digest;
  SHA256_Final(digest.data(), &context);
  return digest;
}

std::string to_hex(const Digest& digest) {
  std::string text;
  append_hex(text, digest.data(), digest.size());
  return text;
}

void wipe(void* memory, std::size_t size) noexcept { OPENSSL_cleanse(memory, size); }

KeyedHash::KeyedHash(std::string_view key) noexcept {
  std::array<std::uint8_t, kBlockBytes> block{};
  if (key.size() > kBlockBytes) {
    std::ranges::copy(sha256(key), block.begin());
  } else {
    std::ranges::copy(key, block.begin());
  }
  inner_ = hashed_block(block, 0x36);
  outer_ = hashed_block(block, 0x5c);
  running_ = inner_;
  wipe(block.data(), block.size());
}

// Who has the states can forge hashes, as with the key itself.
KeyedHash::~KeyedHash() {
  wipe(&inner_, sizeof inner_);
  wipe(&outer_, sizeof outer_);
  wipe(&running_, sizeof running_);
}

void KeyedHash::update(std::string_view bytes) noexcept {
  auto context = std::bit_cast<SHA256_CTX>(running_);
  SHA256_Update(&context, bytes.data(), bytes.size());
  running_ = std::bit_cast<State>(context);
}

Digest KeyedHash::finish() noexcept {
  Digest digest;
  auto context = std::bit_cast<SHA256_CTX>(running_);
  SHA256_Final(digest.data(), &context);
  context = std::bit_cast<SHA256_CTX>(outer_);
  SHA256_Update(&context, digest.data(), digest.size());
  SHA256_Final(digest.data(), &context);
  running_ = inner_;
  return digest;
}

}  // namespace sonde::privacy
