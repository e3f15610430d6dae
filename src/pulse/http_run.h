#pragma once

#include <array>
#include <chrono>
#include <memory>

#include "base/clock.h"
#include "http/body_reader.h"
#include "http/head_reader.h"
#include "mcp/http_pulse.h"
#include "pulse/http_connection.h"

namespace sonde::pulse {

/// One pulse: carries what HttpPulse asks to the server, and its answers back.
///
/// Purpose.  One connection, as long as the server keeps it; a request on one that was closed
/// meanwhile is sent again, since nothing that a pulse asks has an effect.
/// Lifetime.  What it is given outlives it; it outlives its coroutine.
class HttpRun {
 public:
  HttpRun(net::asio::io_context& io, const Target& target, mcp::HttpPulse& pulse,
          const Clock& clock);

  net::Task<mcp::PulseResult> run(std::chrono::nanoseconds timeout);

 private:
  net::Task<void> exchange();
  /// Whether there is an answer, or the pulse knows of its failure.
  net::Task<bool> try_exchange(bool may_try_again);
  net::Task<bool> read_head();
  net::Task<void> read_body();
  bool feed_body(std::string_view bytes);
  std::string request_text() const;
  void fail(mcp::PulseResult::Kind kind, std::string detail = {});

  const Target& target_;
  mcp::HttpPulse& pulse_;
  const Clock& clock_;
  HttpConnection connection_;
  http::HeadReader head_;
  http::BodyReader body_;
  std::array<char, 16 * 1024> buffer_{};
  std::string_view rest_;  ///< Of what was read last: behind the head.
};

}  // namespace sonde::pulse
