#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/stats.h"
#include "jsonrpc/scanner.h"
#include "model/event.h"
#include "model/observed_call.h"
#include "trace_context/environment.h"

namespace sonde::mcp {

class InferredSessions;

struct TrackerOptions {
  std::uint32_t outstanding_max = 4096;             ///< Open requests per direction.
  std::uint32_t parked_max = 256;                   ///< Calls that wait for input or a task.
  std::uint32_t tools_max = 4096;                   ///< Tool names remembered from tools/list.
  std::uint64_t held_bytes_max = 16 * 1024 * 1024;  ///< Arguments of all open calls.
  std::uint32_t result_bytes_max = 64 * 1024;       ///< Of one result, handed on.
  std::uint32_t error_text_bytes_max = 4 * 1024;
  /// A call that waits for input, or for news of its task, longer is given up.
  std::chrono::nanoseconds parked_for = std::chrono::minutes(10);
  /// A task that has ended waits so long for its tasks/result.
  std::chrono::nanoseconds task_result_wait = std::chrono::seconds(5);
  std::chrono::nanoseconds pending_after = std::chrono::seconds(30);
  bool inject = true;        ///< Offer trace context for splicing.
  bool start_lines = false;  ///< An Event kToolStart for each tools/call.
};

/// What is known of a connection before its first message.
struct ConnectionContext {
  trace_context::EnvContext environment;
  /// The same for all taps under one host process (parent pid, its start time, boot id);
  /// empty if unknown.
  std::string host_session_id;
  Transport transport = Transport::kStdio;
  /// Requests of many clients come over it.  Nothing that one has said of itself, no
  /// negotiated version, session or correlation holds for the next; what is known of the
  /// server does.
  bool shared = false;
  /// Counts what this and other trackers hold of arguments, together within
  /// TrackerOptions::held_bytes_max; null: this one alone.  Must outlive the tracker.
  std::uint64_t* held_bytes = nullptr;
  /// Where requests that name no session look for one; null: they have none.  Must outlive
  /// the tracker.
  InferredSessions* inferred = nullptr;
};

/// What a request was given before it was forwarded, by whoever forwards it.
struct Stamp {
  SpanContext span;
  std::optional<SpanLink> link;  ///< To the HTTP `traceparent`, if `_meta` had another.
  std::string request_id;
  std::string correlation_id;
};

/// What is known of a request beside the message itself, where each brings its own (HTTP).
struct Requester {
  std::string mcp_session_id;    ///< As it may be shown; empty: there is no MCP session.
  std::string conversation;      ///< Of the HTTP header `baggage`; empty: none.
  std::string user_id;           ///< As it may be shown; empty: unknown.
  std::string version;           ///< MCP-Protocol-Version; empty: none.
  bool modern = false;           ///< By its headers.
  std::uint64_t connection = 0;  ///< Of the client to us; 0: unknown.
  bool relayed = false;          ///< A relay stands before us: others share the connection.
};

/// How a message was met on the wire.
struct Sighting {
  Moment read_at{};
  /// When it had been written, by the monotonic clock; zero if that is still to come.
  std::chrono::nanoseconds written_at{};
  /// Body::hash_stream of its result; 0: none.
  std::uint64_t result_stream = 0;
  /// False: the bytes at its splice site have gone already.
  bool spliceable = true;
  /// Nothing of it has gone on yet: it may still be kept back.
  bool whole = false;

  /// The HTTP exchange that carries it; 0: none.  An open request belongs to the exchange of
  /// its last hop (end_exchange).
  std::uint64_t exchange = 0;
  /// Only messages of one scope answer each other, cancel each other and report each
  /// other's progress; 0: that of the connection as a whole.
  std::uint64_t scope = 0;
  /// Of a request: taken as it is instead of being minted, and nothing is spliced.
  const Stamp* stamp = nullptr;
  /// Of a request over HTTP: then no MCP session is minted.
  const Requester* requester = nullptr;
};

/// Takes what a CallTracker concludes.  Threads.  The tracker's owner's, from within its
/// functions.  Blocking.  Must not.
class CallListener {
 public:
  virtual ~CallListener() = default;
  /// A call has ended.  Its record.tap is null, and it has not passed privacy yet.
  virtual void on_call(ObservedCall&& call) = 0;
  /// kToolPending or kToolStart; tap is null.
  virtual void on_event(Event&& event) = 0;
};

/// Turns the messages of one connection, both directions, into calls.
///
/// Purpose.  Matches requests and responses; follows a call through cancellation,
/// progress, retries with input (MRTR) and tasks; says of each to which session, trace and
/// era it belongs (design sections 4 to 6).  Both eras may come interleaved.
///
/// Limits.  TrackerOptions.  The oldest open call makes room for a new one and is
/// recorded as aborted ("evicted", Stat::kOutstandingEvicted).  Memory does not grow
/// with the number of messages.
///
/// Lifetime.  `random`, `stats` and `listener` must outlive the tracker.  Nothing of a
/// Message is kept by reference.
///
/// Threads.  One owner.  Blocking.  Never.
///
/// Failure.  None: what does not fit the protocol is counted.  All rows of Stats that
/// concern messages, anomalies, splices and finished calls are counted here, those
/// that concern bytes, lines and streams are not.
class CallTracker {
 public:
  CallTracker(TrackerOptions options, ConnectionContext context, Random& random, Stats& stats,
              CallListener& listener);
  ~CallTracker();
  CallTracker(const CallTracker&) = delete;
  CallTracker& operator=(const CallTracker&) = delete;

  /// The configuration has come; it holds from now on.  Calls already open are kept.
  void set_options(const TrackerOptions& options);

  /// A message was read; `direction` is the way it goes.  Of a request to the server that
  /// is to get our trace context: the members to splice into its `_meta`, without braces
  /// or outer commas, valid until the next call; the caller must then splice them at
  /// message.splice.  Else nothing.
  std::optional<std::string_view> observe(Direction direction, const jsonrpc::Message& message,
                                          const Sighting& sighting);

  /// The same, for a request whose end has not been read but whose splice site is known
  /// (jsonrpc::Scanner::splice_now).  The next request to the server that is observed is
  /// taken for this one.
  std::optional<std::string_view> splice_early(Moment now);

  /// The requests observed since the last call of forwarded() have been written now, by
  /// the monotonic clock.  Optional; it makes `overhead` complete.
  void forwarded(std::chrono::nanoseconds at);

  /// When tick() wants to be called next, by the monotonic clock; max() for never.
  std::chrono::nanoseconds next_due() const;
  /// Reports calls that have been open for long, gives up those that wait in vain.
  void tick(Moment now);

  /// The exchange is over without having answered its requests: those still open are
  /// recorded so.  What it asked of the client is recorded as aborted ("stream_closed").
  /// Returns how many there were.
  std::size_t end_exchange(std::uint64_t exchange, Moment now, CallStatus status,
                           std::string_view error_type);
  /// Whether a request of the exchange is open.
  bool open_in(std::uint64_t exchange) const noexcept;

  /// The session is over: what is open is recorded as aborted, with `reason` as its
  /// error_type ("server_exit", "client_closed", …).  Observing may go on.
  /// `status` is that of what had been asked of the server, if that is known better.
  void end(Moment now, std::string_view reason, CallStatus status = CallStatus::kAborted);

  /// Calls that have begun and not been recorded yet.
  std::size_t open_calls() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sonde::mcp
