#include "privacy/value_hash.h"

#include <array>

namespace sonde::privacy {
namespace {

std::string_view without_blanks(std::string_view value) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = value.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(kBlanks) + 1 - begin);
}

}  // namespace

std::string ValueHasher::whole(std::string_view value, std::size_t canonical_max) {
  value = without_blanks(value);
  if (value.size() <= canonical_max) {
    if (const auto canonical = canonical_.canonical(value)) {
      hash_.update(*canonical);
      return "c1:" + to_hex(hash_.finish());
    }
  }
  hash_.update(value);
  return raw(hash_);
}

std::string ValueHasher::raw(KeyedHash& all_bytes) { return "r1:" + to_hex(all_bytes.finish()); }

std::string ValueHasher::prefix(KeyedHash prefix, std::uint64_t size) {
  std::array<char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<char>(size >> (56 - 8 * i) & 0xffU);
  }
  prefix.update({length.data(), length.size()});
  return "t1:" + to_hex(prefix.finish());
}

std::string hash_value(std::string_view value, const HashKey& key, std::size_t canonical_max) {
  return ValueHasher(key).whole(value, canonical_max);
}

}  // namespace sonde::privacy
