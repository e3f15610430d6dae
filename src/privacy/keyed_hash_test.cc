#include "privacy/keyed_hash.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::privacy {
namespace {

std::string hash(std::string_view key, std::string_view bytes) {
  KeyedHash hash(key);
  hash.update(bytes);
  return to_hex(hash.finish());
}

struct Vector {
  std::string key;
  std::string bytes;
  std::string_view expected;
};

/// RFC 4231 section 4; case 5 is about truncation, which we never do.
std::vector<Vector> vectors() {
  std::string counting;
  for (char c = 1; c <= 25; ++c) counting.push_back(c);
  return {
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {counting, std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. "
       "The key needs to be hashed before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
}

TEST_CASE("the codes are those of RFC 4231", "[privacy][hash]") {
  for (const Vector& vector : vectors()) CHECK(hash(vector.key, vector.bytes) == vector.expected);
}

TEST_CASE("where the bytes are cut makes no difference to the code", "[privacy][hash]") {
  const std::string bytes(300, 'x');
  const std::size_t piece = GENERATE(1U, 7U, 63U, 64U, 65U, 299U);

  KeyedHash pieces("key");
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    pieces.update(std::string_view(bytes).substr(at, piece));
  }
  CHECK(to_hex(pieces.finish()) == hash("key", bytes));
}

TEST_CASE("a hash begins anew after it was finished", "[privacy][hash]") {
  KeyedHash twice("key");
  twice.update("first");
  twice.finish();
  twice.update("second");
  CHECK(to_hex(twice.finish()) == hash("key", "second"));
}

TEST_CASE("a copy goes on from where its original stands", "[privacy][hash]") {
  KeyedHash original("key");
  original.update("ab");
  KeyedHash copy = original;
  copy.update("c");
  CHECK(to_hex(copy.finish()) == hash("key", "abc"));
  CHECK(to_hex(original.finish()) == hash("key", "ab"));
}

}  // namespace
}  // namespace sonde::privacy
