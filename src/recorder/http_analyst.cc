#include "recorder/http_analyst.h"

#include <new>
#include <utility>

namespace sonde::recorder {

SpareParcels::~SpareParcels() {
  for (HttpParcel* list : {ready_, returned_.load(std::memory_order_acquire)}) {
    while (list != nullptr) delete std::exchange(list, list->next_);  // NOLINT: it owns them.
  }
}

void SpareParcels::put(std::unique_ptr<HttpParcel> parcel) noexcept {
  if (count_.load(std::memory_order_relaxed) >= kParcelsMax) return;
  count_.fetch_add(1, std::memory_order_relaxed);
  HttpParcel* const first = parcel.release();
  first->next_ = returned_.load(std::memory_order_relaxed);
  // take() takes all at once, so that what is on top cannot have gone and come back.
  while (!returned_.compare_exchange_weak(first->next_, first, std::memory_order_release,
                                          std::memory_order_relaxed)) {
  }
}

std::unique_ptr<HttpParcel> SpareParcels::take() noexcept {
  if (ready_ == nullptr) ready_ = returned_.exchange(nullptr, std::memory_order_acquire);
  std::unique_ptr<HttpParcel> parcel;
  if (ready_ != nullptr) {
    parcel.reset(std::exchange(ready_, ready_->next_));
    count_.fetch_sub(1, std::memory_order_relaxed);
  } else {
    parcel.reset(new (std::nothrow) HttpParcel());
  }
  if (parcel) parcel->home_ = shared_from_this();
  return parcel;
}

void HttpParcel::reuse(std::unique_ptr<HttpParcel> parcel) noexcept {
  mcp::make_reusable(parcel->report_);
  const std::shared_ptr<SpareParcels> home = std::move(parcel->home_);
  if (home) home->put(std::move(parcel));
}

void HttpAnalyst::open(std::unique_ptr<Parcel> parcel, mcp::CallListener& out) {
  relay_.out = &out;
  std::unique_ptr<HttpParcel> own(static_cast<HttpParcel*>(parcel.release()));
  sessions_.take(std::move(own->report()));
  HttpParcel::reuse(std::move(own));
}

void HttpAnalyst::tick(Moment now, mcp::CallListener& out) {
  relay_.out = &out;
  sessions_.tick(now);
}

void HttpAnalyst::end(Moment now, std::string_view reason, mcp::CallListener& out) {
  relay_.out = &out;
  sessions_.end(now, reason);
}

}  // namespace sonde::recorder
