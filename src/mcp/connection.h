#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "mcp/call_tracker.h"
#include "mcp/methods.h"
#include "trace_context/meta.h"

namespace sonde::mcp {

/// What holds for a connection as a whole, and what follows from it for one call: peers,
/// era, session, correlation and trace (design sections 5 and 6).
class Connection {
 public:
  Connection(ConnectionContext context, Random& random);

  /// The params of an `initialize`: who the client is, what it would like to speak.
  void on_initialize(CallRecord& record, std::string_view params);
  /// Its result: what is spoken, who the server is.
  void on_initialized(CallRecord& record, std::string_view result);
  void on_server_info(const Peer& server) { learn(server_, server); }

  /// The request that a call begins with.
  struct Request {
    const Method& method;
    const trace_context::MetaContext& meta;
    const Requester* requester = nullptr;
    bool modern = false;
    Moment at{};
  };

  /// Fills client, user, session, MCP session, correlation, turn and version of a call.
  /// Of a shared connection, without a correlation id from outside, it leaves that empty.
  void describe(CallRecord& record, const Request& request);
  /// Fills what the connection has learnt since then, when the call has ended.
  void complete(CallRecord& record, bool modern) const;

  /// Where the call stands: below the span that `meta` names, else below `around`, the call
  /// in the course of which it was made (may be null), else below the environment's span,
  /// else at the root of a trace of its own.
  SpanContext place(const trace_context::MetaContext& meta, const CallRecord* around, Moment now);

  /// The tracestate that came with the span under which place() would put a call without
  /// any `meta`.
  std::string_view tracestate() const noexcept { return context_.environment.tracestate; }

  std::uint64_t* held_bytes() const noexcept { return context_.held_bytes; }

 private:
  static void learn(std::shared_ptr<const Peer>& known, const Peer& peer);
  void introduce(CallRecord& record, const Request& request);
  void assign_session(CallRecord& record, const Request& request);
  std::string_view inferred_session(const CallRecord& record, const Request& request);
  void assign_correlation(CallRecord& record, const Request& request);
  const std::string& minted_session(Moment now);

  const ConnectionContext context_;
  Random& random_;
  std::shared_ptr<const Peer> client_;         // Of the legacy handshake.
  std::shared_ptr<const Peer> modern_client_;  // Of the last modern request.
  std::shared_ptr<const Peer> server_;
  std::string negotiated_version_;
  std::string minted_session_;      // Empty until the first legacy call.
  std::string minted_correlation_;  // Empty until it is needed.
  bool any_call_ = false;
};

}  // namespace sonde::mcp
