#include "privacy/innocent_names.h"

#include <algorithm>
#include <cstring>

#include "privacy/character.h"

namespace sonde::privacy {
namespace {

constexpr unsigned kLowerHex = kDigit | kHexLetterLower;

/// Spreads names over the slots.  Who makes names collide only makes redaction run again.
std::size_t slot_of(std::string_view name) noexcept {
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15U;
  std::uint64_t hash = name.size();
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kSpread;
    hash ^= hash >> 32;
  };
  const auto word_at = [name](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, name.data() + at, sizeof word);
    return word;
  };
  if (name.size() < sizeof(std::uint64_t)) {
    for (const char c : name) hash = hash << 8 | static_cast<unsigned char>(c);
    mix(0);
  } else {
    for (std::size_t at = 0; at + 8 < name.size(); at += 8) mix(word_at(at));
    mix(word_at(name.size() - 8));
  }
  return hash % InnocentNames::kSlots;
}

bool uuid(std::string_view text) noexcept {
  constexpr auto kDashes = std::to_array<std::size_t>({8, 13, 18, 23});
  std::size_t begin = 0;
  for (const std::size_t dash : kDashes) {
    if (text[dash] != '-' || run_end(text, begin, kLowerHex, dash) != dash) return false;
    begin = dash + 1;
  }
  return run_end(text, begin, kLowerHex) == text.size();
}

}  // namespace

bool innocent_id(std::string_view text) noexcept {
  constexpr std::size_t kUuidBytes = 36;
  constexpr std::size_t kTraceIdBytes = 32;
  constexpr std::size_t kDigitsMax = 12;  // Numbers of cards have 13 and more.
  if (text.size() == kUuidBytes) return uuid(text);
  if (text.size() == kTraceIdBytes) return run_end(text, 0, kLowerHex) == text.size();
  return text.size() <= kDigitsMax && run_end(text, 0, kDigit) == text.size();
}

bool InnocentNames::contains(std::string_view name) const noexcept {
  if (name.empty() || name.size() > kBytesMax) return false;
  const Slot& slot = slots_[slot_of(name)];
  return std::string_view(slot.bytes.data(), slot.size) == name;
}

void InnocentNames::add(std::string_view name) noexcept {
  if (name.empty() || name.size() > kBytesMax) return;
  Slot& slot = slots_[slot_of(name)];
  std::ranges::copy(name, slot.bytes.begin());
  slot.size = static_cast<std::uint8_t>(name.size());
}

}  // namespace sonde::privacy
