// Property: a line is an entry or not; an entry's row is one line of printable characters,
// and so is everything that describes it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/printable.h"
#include "cli/call_search.h"
#include "cli/log_entry.h"
#include "cli/row.h"
#include "cli/summary.h"

namespace {

using namespace sonde;
using namespace sonde::cli;

// All columns at their widest, 20 of detail, and the newline.
constexpr std::size_t kRowMax = 140;

void require(bool holds) {
  if (!holds) std::abort();
}

/// printable() leaves it as it is, but for the newlines between lines.
void require_printable(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    require(end != std::string_view::npos);
    const std::string line(text.substr(0, end));
    require(printable(line) == line);
    text.remove_prefix(end + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string line(reinterpret_cast<const char*>(data), size);
  const auto entry = parse_log_entry(line);
  if (!entry) return 0;

  Io io;
  io.lookup = [](std::string_view) -> std::optional<std::string> {
    return std::nullopt;
  };  // Whatever TERM is: no colours.
  io.utc_offset = [](std::chrono::seconds) { return std::chrono::seconds(3600); };
  RowWidths widths;
  widen(widths, *entry);
  const std::string row = row_of(*entry, widths, io);
  require(row.find('\n') == row.size() - 1);
  require_printable(row);
  io.terminal = true;
  io.columns = 100;
  require(columns(row_of(*entry, widths, io)) <= kRowMax);

  require_printable(describe_call(line));
  Summary summary;
  summary.add(*entry);
  io.terminal = false;
  require_printable(summary.table(io));
  return 0;
}
