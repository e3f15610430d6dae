#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/call_record.h"
#include "model/event.h"

namespace sonde::sinks {

/// Whether content kept by capture may stand in a line.  Only a local file may show it.
enum class Content : std::uint8_t { kHidden, kCaptured };

struct LineOptions {
  Content content = Content::kHidden;
  std::size_t text_bytes_max = 1024;                        ///< Of one text, before escaping.
  std::size_t key_bytes_max = 128;                          ///< Of one argument's name.
  std::size_t list_items_max = 64;                          ///< Of `args_keys`, `command`, ….
  std::size_t content_bytes_max = std::size_t{256} * 1024;  ///< Of one captured object.
};

/// Appends the log line of a call, all but its closing brace and newline: what follows
/// may be more members, each begun by a comma.  Keys and their order:
/// docs/formats/log_line.md.
///
/// Returns how many values were cut to a limit of `options`; the caller counts them.
std::uint32_t begin_call_line(std::string& out, const CallRecord& record,
                              const LineOptions& options);

/// Likewise the line of an event.
std::uint32_t begin_event_line(std::string& out, const Event& event, const LineOptions& options);

/// Whole lines, without newline.
std::uint32_t append_call_line(std::string& out, const CallRecord& record,
                               const LineOptions& options = {});
std::uint32_t append_event_line(std::string& out, const Event& event,
                                const LineOptions& options = {});

/// Is it a tool called by the client?  Only such calls are `tool.` events and metrics.
bool is_tool_call(const CallRecord& record) noexcept;

/// What of the call's duration was the server's: without human and sampling waits.
std::chrono::nanoseconds server_time(const CallRecord& record) noexcept;

/// Appends `value` in units of `unit` with two decimals: "12.50".
void append_hundredths(std::string& out, std::chrono::nanoseconds value,
                       std::chrono::nanoseconds unit);

}  // namespace sonde::sinks
