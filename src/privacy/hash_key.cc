#include "privacy/hash_key.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "base/ids.h"
#include "privacy/keyed_hash.h"

namespace sonde::privacy {
namespace {

std::string_view without_line_end(std::string_view secret) {
  const std::size_t last = secret.find_last_not_of("\r\n");
  const std::size_t size = last == std::string_view::npos ? 0 : last + 1;
  return size < HashKey::kBytesMin ? secret : secret.substr(0, size);
}

}  // namespace

HashKey::HashKey(std::string_view secret)
    : secret_(secret), id_(to_hex(sha256(secret)).substr(0, 8)) {}

Result<HashKey> HashKey::from_secret(std::string_view secret) {
  secret = without_line_end(secret);
  if (secret.size() < kBytesMin) {
    return fail(Errc::kInvalidInput, "hash key: shorter than " + std::to_string(kBytesMin) +
                                         " bytes; make one with `openssl rand -hex 32`");
  }
  if (secret.size() > kBytesMax) {
    return fail(Errc::kInvalidInput,
                "hash key: longer than " + std::to_string(kBytesMax) + " bytes");
  }
  return HashKey(secret);
}

HashKey HashKey::ephemeral() {
  std::string secret = random_secret();
  HashKey key(secret);
  wipe(secret.data(), secret.size());
  return key;
}

// Swapped: a secret is too long to lie in the string itself, so no copy stays behind.
HashKey::HashKey(HashKey&& other) noexcept {
  secret_.swap(other.secret_);
  id_.swap(other.id_);
}

HashKey& HashKey::operator=(const HashKey& other) {
  if (this == &other) return *this;
  wipe_secret();
  secret_ = other.secret_;
  id_ = other.id_;
  return *this;
}

HashKey& HashKey::operator=(HashKey&& other) noexcept {
  if (this == &other) return *this;
  wipe_secret();
  secret_.swap(other.secret_);
  id_.swap(other.id_);
  return *this;
}

HashKey::~HashKey() { wipe_secret(); }

void HashKey::wipe_secret() noexcept {
  wipe(secret_.data(), secret_.size());
  secret_.clear();
}

std::string random_secret() {
  std::array<std::uint8_t, 32> bytes{};
  ssize_t got = 0;
  do {
    got = getrandom(bytes.data(), bytes.size(), 0);
  } while (got < 0 && errno == EINTR);
  SONDE_CHECK(got == static_cast<ssize_t>(bytes.size()));  // Up to 256 bytes come whole.
  std::string secret;
  append_hex(secret, bytes.data(), bytes.size());
  wipe(bytes.data(), bytes.size());
  return secret;
}

}  // namespace sonde::privacy
