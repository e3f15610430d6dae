#include "privacy/key_blocks.h"

#include <algorithm>

#include "privacy/character.h"

namespace sonde::privacy {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";
constexpr unsigned kBase64 = kAlnum | kBase64Mark | kEqual;

/// The position behind `-----BEGIN RSA PRIVATE KEY-----`; 0 if that does not stand at `at`.
std::size_t label_end(std::string_view text, std::size_t at, std::string_view opening) {
  constexpr std::size_t kLabelBytesMax = 64;
  if (!text.substr(at).starts_with(opening)) return 0;
  const std::size_t begin = at + opening.size();
  const std::size_t size = text.substr(begin, kLabelBytesMax + kDashes.size()).find(kDashes);
  if (size == std::string_view::npos) return 0;
  if (text.substr(begin, size).find("PRIVATE KEY") == std::string_view::npos) return 0;
  return begin + size + kDashes.size();
}

std::size_t block_end(std::string_view text, std::size_t at) {
  for (std::size_t end = text.find(kEnd, at); end != std::string_view::npos;
       end = text.find(kEnd, end + 1)) {
    if (const std::size_t behind = label_end(text, end, kEnd)) return behind;
  }
  return text.size();  // Cut off: what follows is the key.
}

/// The size of the line break that ends at `end`: a real one, or one written `\n`.
std::size_t break_before(std::string_view text, std::size_t floor, std::size_t end) {
  const std::string_view before = text.substr(floor, end - floor);
  for (const std::string_view mark : {"\\r\\n", "\\n", "\r\n", "\n"}) {
    if (before.ends_with(mark)) return mark.size();
  }
  return 0;
}

/// Where the lines of base64 begin that end at `end`.
std::size_t lines_begin(std::string_view text, std::size_t floor, std::size_t end) {
  std::size_t begin = end;
  while (const std::size_t size = break_before(text, floor, begin)) {
    std::size_t line = begin - size;
    while (line > floor && in(text[line - 1], kBase64) && break_before(text, floor, line) == 0) {
      --line;
    }
    const bool whole = line == floor || break_before(text, floor, line) > 0;
    if (line == begin - size || !whole) break;
    begin = line;
  }
  return begin;
}

}  // namespace

std::optional<Found> find_key_block(std::string_view text, std::size_t floor, std::size_t at) {
  if (const std::size_t behind = label_end(text, at, kBegin)) {
    return Found{at, block_end(text, behind), SecretKind::kPrivateKey};
  }
  if (text.substr(at).starts_with("PuTTY-User-Key-File-")) {
    return Found{at, std::min(text.find('\n', text.find("Private-MAC:", at)), text.size()),
                 SecretKind::kPrivateKey};
  }
  if (const std::size_t behind = label_end(text, at, kEnd)) {
    return Found{lines_begin(text, floor, at), behind, SecretKind::kPrivateKey};
  }
  return std::nullopt;
}

bool key_line(std::string_view line) {
  constexpr std::size_t kLineBytesMin = 60;
  constexpr std::size_t kLineBytesMax = 80;
  if (line.size() < kLineBytesMin || line.size() > kLineBytesMax) return false;
  const auto any = [line](unsigned set) {
    return std::ranges::any_of(line, [set](char c) { return in(c, set); });
  };
  return run_end(line, 0, kBase64) == line.size() && any(kDigit) && any(kUpper) && any(kLower);
}

}  // namespace sonde::privacy
