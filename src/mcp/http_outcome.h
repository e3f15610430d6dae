#pragma once

#include <optional>
#include <string>

#include "mcp/http_report.h"

namespace sonde::mcp {

/// What is known of an exchange when it has ended.
struct HttpEnd {
  ExchangeEnded::How how = ExchangeEnded::How::kComplete;
  int status = 0;  ///< 0: no response head has come.
  ExchangeResponded::Body body = ExchangeResponded::Body::kNone;
  bool modern = false;
  /// An answer may still come by another exchange of the same MCP session.
  bool in_session = false;
};

/// How the requests ended that an exchange has left unanswered.
struct HttpOutcome {
  CallStatus status = CallStatus::kError;
  std::string error_type;
};

/// Nothing: they stay open.
std::optional<HttpOutcome> outcome_of(const HttpEnd& end);

/// What an HTTP status makes of a call that an error answered; kError for most.
CallStatus status_of_error(int http_status) noexcept;

}  // namespace sonde::mcp
