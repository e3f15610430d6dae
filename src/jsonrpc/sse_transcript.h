#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jsonrpc/scanner_transcript.h"
#include "jsonrpc/sse_scanner.h"

/// For tests and fuzzers: all that is said of a stream of server-sent events, as lines of text,
/// by the readers and by a reference that has the whole stream at once.
namespace sonde::jsonrpc {

inline std::string to_text(const SseEvent& event) {
  std::string text(event.type);
  text += event.type_cut ? "..." : "";
  text += " id '" + std::string(event.last_id) + "'" + (event.id_cut ? "..." : "") +
          (event.has_id ? " of its own" : "");
  text += " at " + std::to_string(event.begin) + "-" + std::to_string(event.end) + " lines " +
          std::to_string(event.data_lines) + " bytes " + std::to_string(event.data_bytes);
  return text;
}

/// `message` with offsets that count from the beginning of its event's data.
inline std::string to_text(Message message, std::uint64_t data_offset) {
  message.begin -= data_offset;
  message.end -= data_offset;
  if (message.splice) message.splice->offset -= data_offset;
  return to_text(message);
}

inline std::string end_text(std::optional<std::uint64_t> retry_ms, bool in_event) {
  return "retry " + (retry_ms ? std::to_string(*retry_ms) : "never") +
         (in_event ? " cut in an event" : "");
}

/// All that a SseReader says.
class SseReaderTranscriber {
 public:
  explicit SseReaderTranscriber(const SseLimits& limits) : reader_(limits) {}

  void feed(std::string_view bytes) {
    const std::vector<char> chunk(bytes.begin(), bytes.end());
    reader_.feed({chunk.data(), chunk.size()});
    using Step = SseReader::Step;
    for (Step step = reader_.next(); step != Step::kStarved; step = reader_.next()) {
      if (std::exchange(closed_, false) && step != Step::kEnd) said_.emplace_back("NOT CLOSED");
      if (step == Step::kBegin) data_.clear();
      if (step == Step::kData) take_data();
      if (step == Step::kEnd) said_.push_back(to_text(reader_.event()) + "\n" + data_);
    }
    if (closed_) said_.emplace_back("CLOSED IN ANOTHER CHUNK");
  }

  Transcript finish() {
    said_.push_back(end_text(reader_.retry_ms(), reader_.in_event()));
    return said_;
  }

 private:
  void take_data() {
    data_ += reader_.data();
    const std::string_view closed = reader_.closed_data();
    closed_ = !closed.empty();
    if (closed_ && (!closed.starts_with(reader_.data()) || !closed.ends_with('\n'))) {
      said_.emplace_back("CLOSED WRONGLY");
    }
  }

  SseReader reader_;
  std::string data_;
  bool closed_ = false;
  Transcript said_;
};

/// All that a SseScanner says.
class SseScannerTranscriber {
 public:
  SseScannerTranscriber(const Limits& limits, const SseLimits& sse_limits)
      : scanner_(limits, sse_limits) {}

  void feed(std::string_view bytes) {
    const std::vector<char> chunk(bytes.begin(), bytes.end());
    scanner_.feed({chunk.data(), chunk.size()});
    using Step = SseScanner::Step;
    for (Step step = scanner_.next(); step != Step::kNothing; step = scanner_.next()) {
      if (step == Step::kEndpoint) {
        said_.push_back("endpoint " + std::string(scanner_.endpoint()) +
                        (scanner_.endpoint_cut() ? "... " : " ") + to_text(scanner_.event()));
      } else if (scanner_.message().in_batch) {
        said_.push_back(
            to_text(scanner_.message(), scanner_.data_offset()));  // Its event may not have ended.
      } else {
        said_.push_back(to_text(scanner_.message(), scanner_.data_offset()) + "\n" +
                        to_text(scanner_.event()));
      }
    }
  }

  Transcript finish() {
    said_.push_back(end_text(scanner_.retry_ms(), scanner_.in_event()));
    return said_;
  }

 private:
  SseScanner scanner_;
  Transcript said_;
};

/// Feeds `stream` in chunks whose sizes `next_size` chooses.
template <class Transcriber>
Transcript transcribe_sse(Transcriber transcriber, std::string_view stream,
                          const std::function<std::size_t()>& next_size) {
  while (!stream.empty()) {
    const std::string_view chunk = stream.substr(0, next_size());
    transcriber.feed(chunk);
    stream.remove_prefix(chunk.size());
  }
  return transcriber.finish();
}

}  // namespace sonde::jsonrpc
