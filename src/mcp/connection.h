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
  void on_initialize(std::string_view params);
  /// Its result: what is spoken, who the server is.
  void on_initialized(std::string_view result);
  void on_server_info(const Peer& server) { learn(server_, server); }

  /// Fills peers, session, MCP session, correlation, turn and version of a call that
  /// begins with a request of `method` and `meta`.
  void describe(CallRecord& record, const Method& method, const trace_context::MetaContext& meta,
                Moment now);

  /// Where the call stands: below the span that `meta` names, else below `around`, the call
  /// in the course of which it was made (may be null), else below the environment's span,
  /// else at the root of a trace of its own.
  SpanContext place(const trace_context::MetaContext& meta, const CallRecord* around, Moment now);

  /// The tracestate that came with the span under which place() would put a call without
  /// any `meta`.
  std::string_view tracestate() const noexcept { return context_.environment.tracestate; }

  const std::string& negotiated_version() const noexcept { return negotiated_version_; }
  const std::shared_ptr<const Peer>& client() const noexcept { return client_; }
  const std::shared_ptr<const Peer>& server() const noexcept { return server_; }

 private:
  static void learn(std::shared_ptr<const Peer>& known, const Peer& peer);
  void assign_session(CallRecord& record, const Method& method,
                      const trace_context::MetaContext& meta, Moment now);
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
