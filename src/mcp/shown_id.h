#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "privacy/keyed_hash.h"

namespace sonde::mcp {

/// What a session id or a subject is recorded as: "s1:" or "u1:" and a keyed hash.  The kind is
/// hashed, too: a user named like a session is none.
inline std::string shown_id(privacy::KeyedHash& hash, char kind, std::string_view raw) {
  constexpr std::size_t kShownBytes = 16;  // 32 hexadecimal digits.
  const std::string_view prefix(&kind, 1);
  hash.update(prefix);
  hash.update(":");
  hash.update(raw);
  const privacy::Digest digest = hash.finish();
  std::string text(prefix);
  text += "1:";
  append_hex(text, digest.data(), kShownBytes);
  return text;
}

}  // namespace sonde::mcp
