#include "cli/row.h"

#include <algorithm>

#include "base/printable.h"
#include "cli/text.h"

namespace sonde::cli {
namespace {

constexpr std::size_t kServerMax = 24;
constexpr std::size_t kToolMax = 32;
constexpr std::size_t kTimeWidth = 18;
constexpr std::size_t kStatusWidth = 9;
constexpr std::size_t kDurationWidth = 8;
constexpr std::size_t kSizeWidth = 6;
constexpr std::size_t kHashWidth = 8;
constexpr std::size_t kDetailMin = 20;

Colour colour_of(std::string_view status) {
  if (status == "ok" || status == "info") return Colour::kGreen;
  if (status == "denied" || status == "cancelled" || status == "warn") return Colour::kYellow;
  return Colour::kRed;
}

/// "c1:0f1e2d3c4b…" as "0f1e2d3c": enough to see that two calls are the same.
std::string short_hash(std::string_view hash) {
  const std::size_t colon = hash.find(':');
  return printable(hash.substr(colon + 1, kHashWidth));
}

/// Cut on a terminal, where the columns count; whole where a program reads.
std::string cell(std::string_view text, std::size_t width, const Io& io) {
  const std::string shown = printable(text, 1024);
  return padded(io.terminal ? clipped(shown, width) : shown, width);
}

}  // namespace

void widen(RowWidths& widths, const LogEntry& entry) {
  const auto fit = [](std::size_t& width, std::string_view text, std::size_t max) {
    width = std::max(width, std::min(columns(printable(text, max)), max));
  };
  fit(widths.server, entry.server, kServerMax);
  fit(widths.tool, entry.is_call() ? entry.tool : entry.event, kToolMax);
}

std::string row_header(const RowWidths& widths, const Io& io) {
  const std::string line =
      padded("TIME", kTimeWidth) + ' ' + padded("SERVER", widths.server) + ' ' +
      padded("TOOL", widths.tool) + ' ' + padded("STATUS", kStatusWidth) + ' ' +
      padded_left("TOOK", kDurationWidth) + ' ' + padded_left("IN", kSizeWidth) + ' ' +
      padded_left("OUT", kSizeWidth) + ' ' + padded("ARGS", kHashWidth) + " DETAIL";
  return coloured(line, Colour::kDim, colours(io)) + '\n';
}

std::string row_of(const LogEntry& entry, const RowWidths& widths, const Io& io) {
  const bool call = entry.is_call();
  const std::string& status = call ? entry.status : entry.level;
  const std::string head = show_time(entry.at, io) + ' ' + cell(entry.server, widths.server, io) +
                           ' ' + cell(call ? entry.tool : entry.event, widths.tool, io) + ' ';
  const std::string word = cell(status, kStatusWidth, io);
  std::string rest =
      ' ' + padded_left(call ? show_milliseconds(entry.duration_ms) : "", kDurationWidth) + ' ' +
      padded_left(entry.has_args_size ? show_size(entry.args_bytes) : "", kSizeWidth) + ' ' +
      padded_left(entry.has_result_size ? show_size(entry.result_bytes) : "", kSizeWidth) + ' ' +
      padded(short_hash(entry.args_hash), kHashWidth) + ' ';

  const std::string detail = printable(entry.detail, 1024);
  const std::size_t used = columns(head) + columns(word) + columns(rest);
  const std::size_t room = io.columns > used + kDetailMin ? io.columns - used : kDetailMin;
  rest += io.columns > 0 ? clipped(detail, room) : detail;
  rest.resize(rest.find_last_not_of(' ') + 1);
  return head + coloured(word, colour_of(status), colours(io)) + rest + '\n';
}

}  // namespace sonde::cli
