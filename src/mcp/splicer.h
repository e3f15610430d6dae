#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "jsonrpc/scanner.h"
#include "mcp/message_observer.h"

namespace sonde::mcp {

struct SpliceOptions {
  std::size_t chunk_bytes = 64 * 1024;
  /// What may be held back of a request whose end has not come, for a splice into it.
  std::size_t hold_bytes_max = 64 * 1024;
  /// The stream is one text, as a body of HTTP is: a newline ends no message.
  bool newlines_are_blanks = false;
};

/// Puts our trace context into the requests of a stream, and changes no other byte; takes out
/// whole messages that the observer keeps back.
///
/// Purpose.  Bytes go in by space() and take(); what may be written now comes out of
/// ready(), in pieces that point into the buffer and, at the splice sites, to our text.
/// Only the bytes behind a possible splice wait, and only until their message is complete.
/// Limits.  SpliceOptions: of a request that is larger behind its site, a place that is
/// known by then is used, else it goes unspliced (Stat::kSpliceSkippedShape, counted by
/// the tracker).
/// Lifetime.  What ready() returns is valid until take(), finish() or written().
/// Threads.  One owner.
class Splicer {
 public:
  Splicer(MessageObserver& messages, const SpliceOptions& options);

  /// Where the next bytes are to be put.  REQUIRES: ready() is empty.
  std::span<char> space() noexcept;
  /// `size` bytes were put there, and are to be scanned and released as far as they can.
  void take(std::size_t size, Moment read_at);
  /// No more will come: releases all that is held.
  void finish(Moment now);

  std::span<const iovec> ready() const noexcept;
  /// The first `size` bytes of ready() have been written.
  void written(std::size_t size);

 private:
  struct Insertion {
    std::size_t at = 0;  ///< Index into storage_.
    std::size_t text_begin = 0;
    std::size_t text_size = 0;
    std::size_t skip = 0;  ///< So many bytes do not go on.
  };

  std::string_view scannable(std::string_view chunk);
  void show(const jsonrpc::Message& message, Moment read_at);
  std::size_t releasable(Moment now);
  void keep_back(const jsonrpc::Message& message);
  std::size_t line_begin() const noexcept;
  void insert(const jsonrpc::SpliceSite& site, std::string_view members);
  void release(std::size_t end);
  void flatten();
  void compact();

  MessageObserver& messages_;
  const SpliceOptions options_;
  jsonrpc::Scanner scanner_;
  std::unique_ptr<char[]> storage_;
  std::uint64_t base_ = 0;    ///< Stream offset of storage_[0], the first byte not written.
  std::size_t released_ = 0;  ///< [0, released_) may be written.
  std::size_t end_ = 0;       ///< [released_, end_) is held.
  std::vector<Insertion> insertions_;
  std::string scan_copy_;
  std::string texts_;  ///< Of all insertions.
  std::string flat_;   ///< A small message with its insertions.
  std::vector<iovec> pieces_;
  std::size_t first_piece_ = 0;
  bool spliced_early_ = false;  ///< Into the message at hand.
  bool disabled_ = false;
};

}  // namespace sonde::mcp
