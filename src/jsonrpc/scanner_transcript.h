#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "jsonrpc/scanner.h"

/// For tests and fuzzers: all a Scanner says of a stream, as lines of text.
namespace sonde::jsonrpc {

inline std::string to_text(const SpliceSite& site) {
  return std::to_string(site.offset) + "/" + std::to_string(static_cast<int>(site.form)) +
         (site.empty ? "/empty" : "");
}

inline std::string to_text(const Message& message) {
  constexpr std::string_view kKinds[] = {"request",  "notification", "error",
                                         "response", "not json-rpc", "not json"};
  std::string text(kKinds[static_cast<std::size_t>(message.kind)]);
  text += " " + std::to_string(message.begin) + "-" + std::to_string(message.end);
  text += " line " + std::to_string(message.line);
  if (message.in_batch) text += " batch";
  if (message.duplicate_keys) text += " duplicate";
  if (message.splice) text += " splice " + to_text(*message.splice);
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const Value& value = message.fields[i];
    if (!value.present) {
      if (!value.text.empty() || value.size != 0 || value.elements != 0) text += " RESIDUE";
      continue;
    }
    text += "\n  " + std::to_string(i) + " " + std::to_string(value.size) + "/" +
            std::to_string(value.elements) + (value.truncated ? " cut " : " ");
    text += value.text;
  }
  return text;
}

using Transcript = std::vector<std::string>;

/// In front of what a stream yields when it has ended.
inline constexpr std::string_view kEndMark = "at the end: ";

/// For fuzzers: aborts, and says what differs.
inline void require_equal(const Transcript& one, const Transcript& other, const char* what) {
  if (one == other) return;
  for (const auto& line : one) std::fprintf(stderr, "one:   %s\n", line.c_str());
  for (const auto& line : other) std::fprintf(stderr, "other: %s\n", line.c_str());
  std::fprintf(stderr, "differ: %s\n", what);
  std::abort();
}

/// Feeds one Scanner, and writes down what it yields.
class Transcriber {
 public:
  explicit Transcriber(const Limits& limits = {})
      : scanner_(limits),
        kept_max_(2 * kFieldCount * std::max({limits.params, limits.arguments, limits.tools})) {}

  /// The chunk is copied to a place of its own, so that reading beside it is seen by a
  /// sanitizer, and using it later too.
  void feed(std::string_view bytes) {
    const std::vector<char> chunk(bytes.begin(), bytes.end());
    scanner_.feed({chunk.data(), chunk.size()});
    while (const Message* message = scanner_.next()) transcript_.push_back(to_text(*message));
    if (scanner_.kept_bytes() > kept_max_) transcript_.push_back("TOO MUCH IS KEPT");
  }

  Transcript finish() {
    if (const Message* message = scanner_.finish()) {
      transcript_.push_back(std::string(kEndMark) + to_text(*message));
    }
    return transcript_;
  }

  /// As feed() and finish(), in one.
  Transcript feed_last(std::string_view bytes) {
    const std::vector<char> chunk(bytes.begin(), bytes.end());
    scanner_.feed_last({chunk.data(), chunk.size()});
    while (const Message* message = scanner_.next()) transcript_.push_back(to_text(*message));
    if (scanner_.next() != nullptr) transcript_.push_back("MORE AFTER THE END");
    if (scanner_.kept_bytes() != 0) transcript_.push_back("KEPT AFTER THE END");
    return transcript_;
  }

 private:
  Scanner scanner_;
  std::size_t kept_max_;
  Transcript transcript_;
};

/// Scans `stream` in chunks whose sizes `next_size` chooses.
inline Transcript transcribe(std::string_view stream, const Limits& limits,
                             const std::function<std::size_t()>& next_size) {
  Transcriber transcriber(limits);
  while (!stream.empty()) {
    const std::string_view chunk = stream.substr(0, next_size());
    transcriber.feed(chunk);
    stream.remove_prefix(chunk.size());
  }
  return transcriber.finish();
}

/// The same in two chunks, of which the last is known to be it; without saying what came at the
/// end.
inline Transcript transcribe_last(std::string_view stream, std::size_t cut,
                                  const Limits& limits = {}) {
  Transcriber transcriber(limits);
  cut = std::min(cut, stream.size());
  if (cut > 0) transcriber.feed(stream.substr(0, cut));
  return transcriber.feed_last(stream.substr(cut));
}

inline Transcript without_end_marks(Transcript transcript) {
  for (std::string& text : transcript) {
    if (text.starts_with(kEndMark)) text.erase(0, kEndMark.size());
  }
  return transcript;
}

inline Transcript transcribe(std::string_view stream, const Limits& limits = {}) {
  return transcribe(stream, limits, [&] { return stream.size(); });
}

inline Transcript transcribe_by(std::size_t chunk_bytes, std::string_view stream,
                                const Limits& limits = {}) {
  return transcribe(stream, limits, [&] { return chunk_bytes; });
}

}  // namespace sonde::jsonrpc
