#include "privacy/value_hash.h"

#include <array>

#include "base/ids.h"

namespace sonde::privacy {
namespace {

std::string_view without_blanks(std::string_view value) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = value.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(kBlanks) + 1 - begin);
}

std::string marked(std::string_view mark, const Digest& digest) {
  std::string text;
  text.reserve(mark.size() + 2 * digest.size());
  text.append(mark);
  append_hex(text, digest.data(), digest.size());
  return text;
}

}  // namespace

std::string ValueHasher::whole(std::string_view value, std::size_t canonical_max) {
  value = without_blanks(value);
  in_canonical_form_ = false;
  if (value.size() <= canonical_max) {
    if (const auto canonical = canonical_.canonical(value)) {
      in_canonical_form_ = true;
      hash_.update(*canonical);
      return marked("c1:", hash_.finish());
    }
  }
  hash_.update(value);
  return raw(hash_);
}

std::string ValueHasher::raw(KeyedHash& all_bytes) { return marked("r1:", all_bytes.finish()); }

std::string ValueHasher::prefix(KeyedHash prefix, std::uint64_t size) {
  std::array<char, 8> length{};
  for (std::size_t i = 0; i < length.size(); ++i) {
    length[i] = static_cast<char>(size >> (56 - 8 * i) & 0xffU);
  }
  prefix.update({length.data(), length.size()});
  return marked("t1:", prefix.finish());
}

std::string hash_value(std::string_view value, const HashKey& key, std::size_t canonical_max) {
  return ValueHasher(key).whole(value, canonical_max);
}

}  // namespace sonde::privacy
