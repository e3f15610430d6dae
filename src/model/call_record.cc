#include "model/call_record.h"

namespace sonde {

std::string_view to_string(CallStatus status) noexcept {
  switch (status) {
    case CallStatus::kOk:
      return "ok";
    case CallStatus::kError:
      return "error";
    case CallStatus::kDenied:
      return "denied";
    case CallStatus::kTimeout:
      return "timeout";
    case CallStatus::kCancelled:
      return "cancelled";
    case CallStatus::kAborted:
      return "aborted";
  }
  return "";
}

std::string_view to_string(Transport transport) noexcept {
  switch (transport) {
    case Transport::kStdio:
      return "stdio";
    case Transport::kHttp:
      return "http";
    case Transport::kSse:
      return "sse";
  }
  return "";
}

std::string_view to_string(Vantage vantage) noexcept {
  switch (vantage) {
    case Vantage::kHost:
      return "host";
    case Vantage::kClient:
      return "client";
    case Vantage::kTap:
      return "tap";
    case Vantage::kServer:
      return "server";
  }
  return "";
}

std::string_view to_string(Confidence confidence) noexcept {
  switch (confidence) {
    case Confidence::kNone:
      return "none";
    case Confidence::kInferred:
      return "inferred";
    case Confidence::kStrong:
      return "strong";
    case Confidence::kExact:
      return "exact";
  }
  return "";
}

}  // namespace sonde
