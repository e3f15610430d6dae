#include "privacy/value_hash.h"

#include <catch2/catch_test_macros.hpp>

namespace sonde::privacy {
namespace {

HashKey key() { return *HashKey::from_secret("0123456789abcdef0123456789abcdef"); }
std::string hash(std::string_view value) { return hash_value(value, key()); }

TEST_CASE("a value has the hash that openssl computes of its canonical form",
          "[privacy][value_hash]") {
  // printf '{"a":1,"b":[2]}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
  CHECK(hash(R"( {"b": [2], "a": 1.0} )") ==
        "c1:7405b1f2df1d6f12f5a1409d01b5f5cea2024f07339409459a75733a106c0ec1");
}

TEST_CASE("a value without canonical form is hashed as it stands", "[privacy][value_hash]") {
  // printf '{"a":1,"a":2}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
  CHECK(hash(R"({"a":1,"a":2})") ==
        "r1:94c889b73be4adebf9595349d7b01f488a3248a0c2bc6a0787ddb140e36d44b6");
  CHECK(hash(R"({"a":1,"a": 2})") != hash(R"({"a":1,"a":2})"));
}

TEST_CASE("the line end of a file is no part of the value in it", "[privacy][value_hash]") {
  CHECK(hash("no json\n") == hash("no json"));
}

TEST_CASE("the limit itself is still hashed canonically", "[privacy][value_hash]") {
  CHECK(hash_value("[1, 2]", key(), 6).starts_with("c1:"));
  CHECK(hash_value("[1, 2]", key(), 5).starts_with("r1:"));
}

TEST_CASE("pieces have the same raw hash as the whole", "[privacy][value_hash]") {
  const std::string value(3000, '[');
  KeyedHash pieces = ValueHasher(key()).begin();
  pieces.update(std::string_view(value).substr(0, 1));
  pieces.update(std::string_view(value).substr(1));
  CHECK(ValueHasher::raw(pieces) == hash(value));
}

TEST_CASE("a value seen in part is told by its beginning and its size", "[privacy][value_hash]") {
  KeyedHash prefix = ValueHasher(key()).begin();
  prefix.update(std::string(kPrefixBytes, 'x'));
  // (head -c 1048576 /dev/zero | tr '\0' x; printf '\0\0\0\0\0\20\0\1') | openssl dgst …
  CHECK(ValueHasher::prefix(prefix, kPrefixBytes + 1) ==
        "t1:e5d7bd144d22a4c58954b873e4258f478d325af5648e89a8be1cb1c7d1d1ae23");
  CHECK(ValueHasher::prefix(prefix, kPrefixBytes + 1) !=
        ValueHasher::prefix(prefix, kPrefixBytes + 2));
}

TEST_CASE("another key gives another hash", "[privacy][value_hash]") {
  CHECK(hash("1") != hash_value("1", HashKey::ephemeral()));
}

}  // namespace
}  // namespace sonde::privacy
