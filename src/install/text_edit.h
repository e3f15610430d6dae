#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "install/jsonc_lexer.h"

namespace sonde::install {

/// Puts `text` where `span` is.
struct TextEdit {
  Span span;
  std::string text;
};

/// `text` with all edits made.
/// REQUIRES: the edits are in order and do not overlap.
std::string edited(std::string_view text, std::span<const TextEdit> edits);

}  // namespace sonde::install
