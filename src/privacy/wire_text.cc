#include "privacy/wire_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json_reader.h"
#include "privacy/canonical_json.h"
#include "privacy/character.h"
#include "privacy/error_template.h"

namespace sonde::privacy {
namespace {

bool is_name(std::string_view key) {
  if (key.empty() || key.size() > kKeyBytesMax || in(key.front(), kDigit | kDash | kDot))
    return false;
  return std::ranges::all_of(key, [](char c) { return in(c, kWordDash | kDot) || c == '$'; });
}

std::string shown_key(std::string_view raw, Redactor& redactor) {
  std::string key;
  append_unescaped(key, raw);
  if (!is_name(key)) return "<key>";
  redactor.redact_name(key);
  cut(key, kKeyBytesMax);
  return key;
}

std::optional<std::string> first_text(std::string_view result) {
  const auto content = find_member(result, "content");
  if (!content) return std::nullopt;
  for (JsonElements block(*content); block.next();) {
    const auto text = find_member(block.value(), "text");
    if (text) return json_string(*text);
  }
  return std::nullopt;
}

void draw_together(std::string& text) {
  bool blank = true;  // At the beginning none is needed.
  std::erase_if(text, [&blank](char& c) {
    const bool space = static_cast<unsigned char>(c) <= 0x20;
    if (space) c = ' ';
    const bool again = std::exchange(blank, space);
    return space && again;
  });
}

}  // namespace

bool cut(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return false;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0U) == 0x80U)
    --bytes_max;
  text.resize(bytes_max);
  return true;
}

bool written_like_a_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return in(c, kWordDash | kDot) || std::string_view("/:[]").find(c) != std::string_view::npos;
  });
}

std::string_view scheme_of(std::string_view uri) {
  constexpr std::size_t kSchemeBytesMax = 16;
  const std::string_view scheme = uri.substr(0, uri.find(':'));
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || c == '+' || c == '-'; };
  const bool plain = scheme.size() < uri.size() && !scheme.empty() &&
                     scheme.size() <= kSchemeBytesMax && std::ranges::all_of(scheme, fits);
  return plain ? scheme : "uri";
}

std::vector<std::string> top_level_keys(std::string_view arguments, Redactor& redactor) {
  std::vector<std::string> keys;
  JsonReader reader(arguments);
  if (reader.next() != JsonToken::kBeginObject) return keys;
  while (keys.size() < kKeysMax) {
    const JsonToken token = reader.next();
    if (token == JsonToken::kError || token == JsonToken::kEnd) break;
    if (token == JsonToken::kKey && reader.depth() == 1) {
      keys.push_back(shown_key(reader.raw(), redactor));
    }
  }
  return keys;
}

std::vector<std::string> shown_keys(std::span<const std::string_view> keys, Redactor& redactor) {
  static_assert(kKeysMax == CanonicalJson::kTopLevelKeysMax);
  std::vector<std::string> shown;
  shown.reserve(keys.size());
  for (const std::string_view key : keys) shown.push_back(shown_key(key, redactor));
  return shown;
}

std::string summary_of(std::string_view result, Redactor& redactor) {
  const auto text = first_text(result);
  std::string summary = text ? redactor.redact_text(*text)
                             : redactor.redact_json(result.substr(0, kErrorTextBytesMax));
  draw_together(summary);
  cut(summary, kSummaryBytesMax);
  return summary;
}

}  // namespace sonde::privacy
