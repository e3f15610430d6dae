#include "proxy/recorder_link.h"

#include <utility>

namespace sonde::proxy {
namespace {

/// Numbers of streams are unique in the process: the worker's index stands in front.
constexpr unsigned kIndexShift = 48;

}  // namespace

RecorderLink::RecorderLink(recorder::Producer producer, std::uint32_t index)
    : producer_(producer),
      spare_(std::make_shared<recorder::SpareParcels>()),
      streams_(std::uint64_t{index} << kIndexShift) {
  shells_.reserve(kShellsMax);
}

void RecorderLink::take(mcp::Report&& report) noexcept {
  std::unique_ptr<recorder::HttpParcel> parcel;
  if (shells_.empty()) {
    parcel = spare_->take();
  } else {
    parcel = std::move(shells_.back());
    shells_.pop_back();
  }
  if (!parcel) return;
  parcel->fill(std::move(report));
  producer_.record(std::unique_ptr<recorder::Parcel>(std::move(parcel)));
}

mcp::Report RecorderLink::empty_report() noexcept {
  std::unique_ptr<recorder::HttpParcel> parcel = spare_->take();
  if (!parcel) return {};
  mcp::Report report = std::move(parcel->report());
  if (shells_.size() < kShellsMax) shells_.push_back(std::move(parcel));
  return report;
}

bool RecorderLink::hash(std::uint64_t stream, std::string_view bytes) noexcept {
  return producer_.hash_budget(bytes.size()) &&
         producer_.record(recorder::HashPiece::copy_of(stream, bytes));
}

}  // namespace sonde::proxy
