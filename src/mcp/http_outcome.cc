#include "mcp/http_outcome.h"

#include "thrash/deny_table.h"

namespace sonde::mcp {
namespace {

using How = ExchangeEnded::How;
using Body = ExchangeResponded::Body;

constexpr int kAccepted = 202;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kRequestTimeout = 408;
constexpr int kGatewayTimeout = 504;
constexpr int kFirstSuccess = 200;
constexpr int kFirstRedirect = 300;

bool success(int status) noexcept { return status >= kFirstSuccess && status < kFirstRedirect; }

HttpOutcome by_status(int status) {
  const CallStatus meaning = status_of_error(status);
  return {.status = meaning,
          .error_type = meaning == CallStatus::kTimeout ? "timeout" : std::to_string(status)};
}

std::optional<HttpOutcome> complete(const HttpEnd& end) {
  if (!success(end.status)) return by_status(end.status);
  // Accepted: the answer comes on another stream.  An event stream may be resumed.
  const bool may_follow = end.status == kAccepted || end.body == Body::kEvents;
  if (end.in_session && may_follow) return std::nullopt;
  return HttpOutcome{.status = CallStatus::kError, .error_type = "no_response"};
}

std::optional<HttpOutcome> client_gone(const HttpEnd& end) {
  // A refusal that the client did not wait for is a refusal.
  if (end.status != 0 && !success(end.status)) return by_status(end.status);
  if (end.modern) return HttpOutcome{.status = CallStatus::kCancelled, .error_type = "cancelled"};
  if (end.in_session) return std::nullopt;  // Disconnecting is not cancelling (mcp.md 1.4).
  return HttpOutcome{.status = CallStatus::kAborted, .error_type = "client_closed"};
}

}  // namespace

CallStatus status_of_error(int http_status) noexcept {
  if (http_status == kUnauthorized || http_status == kForbidden) return CallStatus::kDenied;
  if (http_status == kRequestTimeout || http_status == kGatewayTimeout) return CallStatus::kTimeout;
  return CallStatus::kError;
}

std::optional<HttpOutcome> outcome_of(const HttpEnd& end) {
  switch (end.how) {
    case How::kComplete:
      return complete(end);
    case How::kClientGone:
      return client_gone(end);
    case How::kUpstreamReset:
      return HttpOutcome{.status = CallStatus::kError, .error_type = "upstream_reset"};
    case How::kUpstreamTimeout:
      return HttpOutcome{.status = CallStatus::kTimeout, .error_type = "timeout"};
    case How::kUpstreamUnreached:
      return HttpOutcome{.status = CallStatus::kError, .error_type = "upstream_unreached"};
    case How::kDenied:
      return HttpOutcome{.status = CallStatus::kDenied, .error_type = "policy"};
    case How::kCircling:
      return HttpOutcome{.status = CallStatus::kDenied,
                         .error_type = std::string(thrash::kDeniedType)};
    case How::kRefused:
      return HttpOutcome{.status = CallStatus::kError, .error_type = "refused"};
    case How::kStopped:
      return HttpOutcome{.status = CallStatus::kAborted, .error_type = "proxy_stopped"};
  }
  return std::nullopt;
}

}  // namespace sonde::mcp
