#pragma once

#include <cstddef>
#include <string>

#include "cli/io.h"
#include "cli/log_entry.h"

namespace sonde::cli {

/// How wide the columns of `tail` are.
struct RowWidths {
  std::size_t server = 8;
  std::size_t tool = 16;
};

/// Widths in which the entries seen so far fit, within reason.
void widen(RowWidths& widths, const LogEntry& entry);

/// "TIME SERVER TOOL STATUS …", with a newline.
std::string row_header(const RowWidths& widths, const Io& io);

/// One entry on one line, with a newline.  On a terminal the status is coloured, and the
/// last column is cut at the edge.  Whatever the log holds, nothing in it acts on the
/// terminal.
std::string row_of(const LogEntry& entry, const RowWidths& widths, const Io& io);

}  // namespace sonde::cli
