#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "proxy/report_sink.h"
#include "recorder/http_analyst.h"
#include "recorder/recorder.h"

namespace sonde::proxy {

/// The near end: what a worker saw, on its way to the recorder's thread.
class RecorderLink final : public ReportSink {
 public:
  /// `index`: that of the worker.  Lifetime.  That of the producer's recorder.
  RecorderLink(recorder::Producer producer, std::uint32_t index);

  void take(mcp::Report&& report) noexcept override;
  mcp::Report empty_report() noexcept override;
  bool hash(std::uint64_t stream, std::string_view bytes) noexcept override;
  std::uint64_t new_stream() noexcept override { return ++streams_; }
  const recorder::Denials* denials() const noexcept override {
    const recorder::DataPathSettings* const settings = producer_.settings();
    return settings != nullptr ? settings->denials.get() : nullptr;
  }
  Stats& stats() noexcept { return producer_.stats(); }

 private:
  static constexpr std::size_t kShellsMax = 256;

  recorder::Producer producer_;
  std::shared_ptr<recorder::SpareParcels> spare_;
  /// Whose reports are with exchanges; at most kShellsMax.
  std::vector<std::unique_ptr<recorder::HttpParcel>> shells_;
  std::uint64_t streams_;
};

}  // namespace sonde::proxy
