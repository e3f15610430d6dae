#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "mcp/http_sessions.h"
#include "proxy/report_sink.h"
#include "recorder/analyst.h"
#include "recorder/recorder.h"

namespace sonde::proxy {

/// The near end: what a worker saw, on its way to the recorder's thread.
class RecorderLink final : public ReportSink {
 public:
  /// `index`: that of the worker.  Lifetime.  That of the producer's recorder.
  RecorderLink(recorder::Producer producer, std::uint32_t index);

  void take(mcp::Report&& report) noexcept override;
  bool hash(std::uint64_t stream, std::string_view bytes) noexcept override;
  std::uint64_t new_stream() noexcept override { return ++streams_; }
  Stats& stats() noexcept { return producer_.stats(); }

 private:
  recorder::Producer producer_;
  std::uint64_t streams_;
};

/// The far end: owns the sessions of all workers, on the recorder's thread.
std::unique_ptr<recorder::Analyst> make_analyst(const mcp::HttpSessionsOptions& options,
                                                std::vector<mcp::HttpUpstream> upstreams,
                                                privacy::HashKey key, Stats& stats);

}  // namespace sonde::proxy
