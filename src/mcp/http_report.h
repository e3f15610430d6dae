#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "jsonrpc/kept_message.h"
#include "mcp/call_tracker.h"
#include "model/call_record.h"

namespace sonde::mcp {

/// What the data path tells of HTTP exchanges to whoever owns the sessions.
///
/// Purpose.  Connections of one session may be served by several threads; none of them owns
/// the session.  They forward, and tell what they saw in a Report.
/// Ownership.  A Report owns all that is in it and moves from thread to thread.
/// Order.  Reports of one exchange come in the order of what they tell.  Of two exchanges of
/// which one has caused the other, so do those that told the cause before the effect was forwarded.

enum class HttpMethod : std::uint8_t { kPost, kGet, kDelete, kOther };

/// A request has come.  The first news of every exchange.
struct ExchangeBegan {
  Moment at;
  HttpMethod method = HttpMethod::kOther;
  /// `Accept` names text/event-stream: the answer to a POST is part of this exchange.
  bool streamable = false;
  bool resumes = false;    ///< There is a Last-Event-ID.
  std::string session_id;  ///< Mcp-Session-Id as it came; a live handle, so never to be shown.
  std::string path;     ///< In origin-form with its query: an endpoint of HTTP+SSE is known by it.
  std::string version;  ///< MCP-Protocol-Version.
  bool names_method = false;      ///< There is an Mcp-Method: a modern request.
  std::string conversation;       ///< Of the header `baggage`.
  std::string subject;            ///< Who is authenticated, raw; empty: unknown.
  bool subject_verified = false;  ///< By configuration; false for a JWT that nobody checked.
  std::uint64_t connection = 0;   ///< The client's; unique in this process, 0: unknown.
  bool relayed = false;           ///< A relay stands before us: others share the connection.
};

/// A message has passed, in either direction.
struct ExchangeMessage {
  Direction direction = Direction::kToServer;
  jsonrpc::KeptMessage message;
  /// Its times, result_stream and spliceable; the rest is HttpSessions' to fill in.
  Sighting sighting;
  /// Of a request to the server: its ids, decided before it was forwarded.
  std::unique_ptr<const Stamp> stamp;
};

/// The head of the final response has come.
struct ExchangeResponded {
  enum class Body : std::uint8_t { kNone, kJson, kEvents, kOther };
  Moment at;
  int status = 0;
  Body body = Body::kNone;
  std::string session_id;  ///< Mcp-Session-Id of the response.
};

/// HTTP+SSE: the event `endpoint` has come, with the path (and query) to which this stream's
/// client will POST.
struct ExchangeEndpoint {
  std::string path;
};

/// The last news.
struct ExchangeEnded {
  enum class How : std::uint8_t {
    kComplete,           ///< The response was forwarded to its end.
    kClientGone,         ///< The client closed the connection before that.
    kUpstreamReset,      ///< The upstream did, or what it sent was no HTTP.
    kUpstreamTimeout,    ///< It did not answer in time.
    kUpstreamUnreached,  ///< There was no connection to be had.
    kDenied,             ///< By policy: the request did not go on.
    kCircling,           ///< Likewise, because an agent goes in circles (thrash.action: deny).
    kRefused,            ///< The request was malformed or too large, or came too slowly.
    kStopped,            ///< We end.
  };
  Moment at;
  How how = How::kComplete;
};

using ExchangeNews = std::variant<ExchangeBegan, ExchangeMessage, ExchangeResponded,
                                  ExchangeEndpoint, ExchangeEnded>;

/// News of one exchange since its last Report, in order.
struct Report {
  std::uint64_t exchange = 0;  ///< Unique in this process; never 0.
  std::uint32_t upstream = 0;  ///< Index into the table of upstreams.
  std::vector<ExchangeNews> news;
  std::vector<jsonrpc::KeptMemory> spare = {};  ///< For messages to come.

  /// Memory for another message; none if none is spare.
  jsonrpc::KeptMemory take_spare() noexcept;
};

/// Empties a report whose news have been taken, and keeps memory of it for another one: of so
/// many news and messages as are usual, and no large ones.
void make_reusable(Report& report) noexcept;

/// The memory that a report takes while it waits.
std::uint64_t bytes_held(const Report& report) noexcept;

}  // namespace sonde::mcp
