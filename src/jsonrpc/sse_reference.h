#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jsonrpc/sse_transcript.h"

/// For tests and fuzzers: the WHATWG "event stream" as its text says it, over a whole stream.
namespace sonde::jsonrpc {

struct ReferenceEvent {
  std::string type;
  std::string last_id;
  std::string data;             ///< Without the LF behind its last line.
  std::string line_end = "\n";  ///< Of its last line of data, unless that is CR.
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t data_lines = 0;
  bool has_id = false;
  bool typed_late = false;  ///< A type stands behind data.
};

struct ReferenceStream {
  std::vector<ReferenceEvent> events;
  std::optional<std::uint64_t> retry_ms;
  bool in_event = false;
};

/// The fields of one event, line by line.
class ReferenceReader {
 public:
  static ReferenceStream read(std::string_view stream) {
    ReferenceReader reader;
    std::size_t at = stream.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    while (true) {
      const std::size_t end = stream.find_first_of("\r\n", at);
      if (end == std::string_view::npos) break;
      const bool crlf = stream.substr(end).starts_with("\r\n");
      reader.line_end_ = crlf ? "\r\n" : "\n";
      reader.line(stream.substr(at, end - at), at);
      at = end + (crlf ? 2 : 1);
    }
    reader.rest(stream.substr(at));
    return reader.stream_;
  }

 private:
  void line(std::string_view line, std::size_t begin) {
    if (line.empty()) {
      dispatch(begin);
      return;
    }
    if (line.front() == ':') return;
    if (!begun_) event_.begin = begin;
    begun_ = true;
    const std::size_t colon = line.find(':');
    std::string_view value;
    if (colon != std::string_view::npos) value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    field(line.substr(0, colon), value);
  }

  void field(std::string_view name, std::string_view value) {
    if (name == "data") {
      if (event_.data_lines++ != 0) event_.data += '\n';
      event_.data += value;
      event_.line_end = line_end_;
    } else if (name == "event") {
      event_.type = value;
      event_.typed_late |= event_.data_lines != 0;
    } else if (name == "id" && value.find('\0') == std::string_view::npos) {
      last_id_ = value;
      event_.has_id = true;
    } else if (name == "retry" && !value.empty() &&
               value.find_first_not_of("0123456789") == std::string_view::npos) {
      // Twenty digits may be too many, so saturate in the plainest way.
      __extension__ unsigned __int128 number = 0;
      for (const char digit : value) {
        number = number * 10 + static_cast<unsigned>(digit - '0');
        if (number > UINT64_MAX) number = UINT64_MAX;
      }
      stream_.retry_ms = static_cast<std::uint64_t>(number);
    }
  }

  void dispatch(std::size_t at) {
    event_.end = at;
    event_.last_id = last_id_;
    if (event_.type.empty()) event_.type = "message";
    if (event_.data_lines != 0) stream_.events.push_back(event_);
    event_ = {};
    begun_ = false;
  }

  /// A line without an end: a data field has begun as soon as its name is sure.
  void rest(std::string_view line) {
    stream_.in_event = event_.data_lines != 0 || line.starts_with("data:");
  }

  ReferenceStream stream_;
  ReferenceEvent event_;
  std::string last_id_;
  std::string line_end_;
  bool begun_ = false;
};

/// As a reader with these limits would say it; `event` must outlive it.
inline SseEvent bounded(const ReferenceEvent& event, const SseLimits& limits) {
  return {.type = std::string_view(event.type).substr(0, limits.type),
          .last_id = std::string_view(event.last_id).substr(0, limits.id),
          .begin = event.begin,
          .end = event.end,
          .data_lines = event.data_lines,
          .data_bytes = event.data.size(),
          .has_id = event.has_id,
          .type_cut = event.type.size() > limits.type,
          .id_cut = event.last_id.size() > limits.id};
}

/// What a SseReader has to say of `stream`.
inline Transcript expected_events(std::string_view stream, const SseLimits& limits) {
  const ReferenceStream whole = ReferenceReader::read(stream);
  Transcript said;
  for (const ReferenceEvent& event : whole.events) {
    said.push_back(to_text(bounded(event, limits)) + "\n" + event.data);
  }
  said.push_back(end_text(whole.retry_ms, whole.in_event));
  return said;
}

/// What a SseScanner has to say of `stream`; nothing if a type in it stands behind data.
/// An event that is cut at the end of the stream must hold no batch.
inline std::optional<Transcript> expected_messages(std::string_view stream, const Limits& limits,
                                                   const SseLimits& sse_limits) {
  const ReferenceStream whole = ReferenceReader::read(stream);
  Scanner scanner(limits);
  Transcript said;
  for (const ReferenceEvent& event : whole.events) {
    if (event.typed_late) return std::nullopt;
    const std::string about = to_text(bounded(event, sse_limits));
    if (event.type == "endpoint") {
      const bool cut = event.data.size() > sse_limits.endpoint;
      said.push_back("endpoint " + event.data.substr(0, sse_limits.endpoint) +
                     (cut ? "... " : " ") + about);
    }
    if (event.type != "message" || event.data.empty()) continue;
    std::string line = event.data;
    std::ranges::replace(line, '\n', ' ');
    line += event.line_end;
    const std::uint64_t offset = scanner.offset();
    scanner.feed(line);
    while (const Message* message = scanner.next()) {
      said.push_back(to_text(*message, offset) + (message->in_batch ? "" : "\n" + about));
    }
  }
  said.push_back(end_text(whole.retry_ms, whole.in_event));
  return said;
}

}  // namespace sonde::jsonrpc
