#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "jsonrpc/scanner.h"

namespace sonde::jsonrpc {

/// The objects whose members are looked at.
enum class Level : std::uint8_t { kTop, kMessage, kParams, kResult, kError };

/// Not one of the members we look at.
inline constexpr Field kNoField = Field::kCount;

/// A raw key longer than this is none of ours, even with every letter escaped.
inline constexpr std::size_t kKeyMax = 6 * std::string_view("structuredContent").size();

/// The field that the member `key` of an object on `level` is, or kNoField.
Field field_of(Level level, std::string_view key) noexcept;

/// The same for a key as it stands between its quotes, escapes and all.
Field field_of_escaped(Level level, std::string_view raw) noexcept;

/// Does the text of a raw JSON string (with its opening quote) begin with `prefix`?
bool text_begins_with(std::string_view raw, std::string_view prefix) noexcept;

}  // namespace sonde::jsonrpc
