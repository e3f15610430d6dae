#include "proxy/recorder_link.h"

#include <memory>
#include <new>
#include <utility>

#include "recorder/http_analyst.h"

namespace sonde::proxy {
namespace {

/// Numbers of streams are unique in the process: the worker's index stands in front.
constexpr unsigned kIndexShift = 48;

}  // namespace

RecorderLink::RecorderLink(recorder::Producer producer, std::uint32_t index)
    : producer_(producer), streams_(std::uint64_t{index} << kIndexShift) {}

void RecorderLink::take(mcp::Report&& report) noexcept {
  std::unique_ptr<recorder::Parcel> parcel(new (std::nothrow)
                                               recorder::HttpParcel(std::move(report)));
  if (parcel) producer_.record(std::move(parcel));
}

bool RecorderLink::hash(std::uint64_t stream, std::string_view bytes) noexcept {
  return producer_.hash_budget(bytes.size()) &&
         producer_.record(recorder::HashPiece::copy_of(stream, bytes));
}

}  // namespace sonde::proxy
