#pragma once

#include <cstdint>

#include "jsonrpc/scanner.h"
#include "mcp/http_report.h"
#include "recorder/recorder.h"

namespace sonde::proxy {

/// Where a thread of the data path leaves what it saw: the near end of the recorder's queue.
///
/// Threads.  One owner each.  Blocking.  Never.  Failure.  Counted by whoever refuses.
class ReportSink {
 public:
  virtual ~ReportSink() = default;
  virtual void take(mcp::Report&& report) noexcept = 0;
  /// An empty report; it may have memory of one that has been taken.
  virtual mcp::Report empty_report() noexcept { return {}; }
  /// Hears the bytes of a large result; `stream` is new for each (Sighting::result_stream).
  /// False: they are not hashed, and the rest need not be told.
  virtual bool hash(std::uint64_t stream, std::string_view bytes) noexcept = 0;
  /// A stream number that no other thread gives.
  virtual std::uint64_t new_stream() noexcept = 0;
  /// The calls that are denied at present, as the recorder tells; null: none ever is.
  virtual const recorder::Denials* denials() const noexcept { return nullptr; }
};

}  // namespace sonde::proxy
