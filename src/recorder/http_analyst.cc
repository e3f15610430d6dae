#include "recorder/http_analyst.h"

namespace sonde::recorder {

void HttpAnalyst::open(std::unique_ptr<Parcel> parcel, mcp::CallListener& out) {
  relay_.out = &out;
  sessions_.take(static_cast<HttpParcel&>(*parcel).take());
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
