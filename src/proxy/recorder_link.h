#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/report_sink.h"
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
  const recorder::Denials* denials() const noexcept override {
    const recorder::DataPathSettings* const settings = producer_.settings();
    return settings != nullptr ? settings->denials.get() : nullptr;
  }
  Stats& stats() noexcept { return producer_.stats(); }

 private:
  recorder::Producer producer_;
  std::uint64_t streams_;
};

}  // namespace sonde::proxy
