#pragma once

#include <span>
#include <string>
#include <string_view>

#include "install/text_edit.h"

namespace sonde::install {

/// What is compared: the text that was edited, and what is shown of it, line by line.
struct DiffSide {
  std::string_view text;
  std::string_view shown;  ///< As many lines as `text`.
};

/// A unified diff with three lines of context, as `diff -u` prints, with the file's name
/// in its head.
///
/// Purpose.  For a person to read.  Lines come from `shown`, control characters are
/// replaced, and long lines are cut around what differs: a client that writes its file as
/// one line of a megabyte is no reason to print it.
/// REQUIRES: `after.text` is `before.text` with `edits` made.
std::string unified_diff(std::string_view name, DiffSide before, DiffSide after,
                         std::span<const TextEdit> edits);

}  // namespace sonde::install
