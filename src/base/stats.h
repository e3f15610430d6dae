#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sonde {

/// What a counter that is not zero means to the user.
enum class Severity {
  kInfo,      ///< Nothing is wrong.
  kDataLoss,  ///< Something was not recorded, or only in part.
  kError,     ///< Something of ours does not work.
};

// Every way in which something is finished, lost, refused or limited has a row
// here, and every row is exported as `sonde_<name>_total`.  A drop without a
// row is a bug.
#define SONDE_STATS(ROW)                                                                        \
  ROW(kMessagesToServer, "messages_to_server", kInfo, "messages seen from client to server")    \
  ROW(kMessagesToClient, "messages_to_client", kInfo, "messages seen from server to client")    \
  ROW(kBytesToServer, "bytes_to_server", kInfo, "bytes forwarded from client to server")        \
  ROW(kBytesToClient, "bytes_to_client", kInfo, "bytes forwarded from server to client")        \
  ROW(kBytesStderr, "bytes_stderr", kInfo, "bytes of the server's stderr forwarded")            \
  ROW(kCallsFinished, "calls_finished", kInfo, "calls that have ended, in whatever way")        \
  ROW(kRecordsWritten, "records_written", kInfo, "log lines handed to every configured sink")   \
  ROW(kSpliced, "trace_context_spliced", kInfo, "requests that got our trace context")          \
  ROW(kSpliceSkippedBatch, "splice_skipped_batch", kInfo,                                       \
      "requests in a batch, left as they were")                                                 \
  ROW(kSpliceSkippedShape, "splice_skipped_shape", kInfo,                                       \
      "requests whose params are no object, or that were too large to hold back")               \
  ROW(kSpliceSkippedNotReady, "splice_skipped_not_ready", kInfo,                                \
      "requests that came before the configuration was read")                                   \
  ROW(kLinesNotJson, "lines_not_json", kInfo, "lines on stdout or stdin that are no JSON-RPC")  \
  ROW(kStreamsDisabled, "streams_disabled", kDataLoss,                                          \
      "streams no longer observed: too many lines in a row were no JSON-RPC")                   \
  ROW(kFieldsTruncated, "fields_truncated", kDataLoss,                                          \
      "values longer than their limit, recorded in part")                                       \
  ROW(kDuplicateKeys, "anomaly_duplicate_key", kInfo, "messages with the same key twice")       \
  ROW(kDuplicateId, "anomaly_duplicate_id", kInfo, "requests with an id that is still open")    \
  ROW(kResponseWithoutRequest, "anomaly_response_without_request", kInfo,                       \
      "responses to nothing we saw")                                                            \
  ROW(kNullId, "anomaly_null_id", kInfo, "messages whose id is null")                           \
  ROW(kLateResult, "anomaly_late_result", kInfo, "results after the call was cancelled")        \
  ROW(kProgressUnknown, "anomaly_progress_unknown", kInfo, "progress for no open call")         \
  ROW(kCancelUnknown, "anomaly_cancel_unknown", kInfo, "cancellations of no open call")         \
  ROW(kBatchMessages, "anomaly_batch", kInfo, "messages that came in a batch")                  \
  ROW(kNotJsonRpc, "anomaly_not_jsonrpc", kInfo, "JSON that is no JSON-RPC message")            \
  ROW(kMessagesUnread, "messages_unread", kDataLoss,                                            \
      "bodies with so many messages that the rest of them was not looked at")                   \
  ROW(kHeaderMismatch, "anomaly_header_mismatch", kInfo,                                        \
      "requests whose Mcp-Method or Mcp-Name is not what their body says")                      \
  ROW(kWrongDirection, "anomaly_wrong_direction", kInfo,                                        \
      "methods that the protocol does not know in that direction")                              \
  ROW(kOutstandingEvicted, "outstanding_evicted", kDataLoss,                                    \
      "calls forgotten because too many were open")                                             \
  ROW(kRequestsJoined, "requests_joined", kInfo,                                                \
      "requests that took up a call that had asked for input")                                  \
  ROW(kRecordsDropped, "records_dropped", kDataLoss, "records lost because the queue was full") \
  ROW(kParcelsDropped, "reports_dropped", kDataLoss,                                            \
      "news of HTTP exchanges lost because the queue was full")                                 \
  ROW(kSessionsEvicted, "sessions_evicted", kDataLoss,                                          \
      "MCP sessions over HTTP no longer followed: too many were open")                          \
  ROW(kSessionsExpired, "sessions_expired", kInfo,                                              \
      "MCP sessions over HTTP without a message for too long")                                  \
  ROW(kExchangesEvicted, "exchanges_evicted", kDataLoss,                                        \
      "HTTP exchanges no longer followed: too many were open")                                  \
  ROW(kUsersForgotten, "users_forgotten", kDataLoss,                                            \
      "users not counted as active: more than are told apart")                                  \
  ROW(kInferredForgotten, "inferred_sessions_forgotten", kDataLoss,                             \
      "inferred sessions begun anew: more callers than are told apart")                         \
  ROW(kRecordsLost, "records_lost", kDataLoss, "records a sink refused for good")               \
  ROW(kRecordsUnflushed, "records_unflushed", kDataLoss,                                        \
      "records lost because the sinks did not finish in time at exit")                          \
  ROW(kHashesSkipped, "hashes_skipped", kDataLoss,                                              \
      "values not hashed: over privacy.hash_rate_bytes_max")                                    \
  ROW(kHashesTruncated, "hashes_truncated", kInfo, "values hashed over their first part only")  \
  ROW(kSecretsRedacted, "secrets_redacted", kInfo, "values replaced by redaction")              \
  ROW(kSeriesOverflow, "series_overflow", kDataLoss,                                            \
      "calls counted under __other__: more metric series than emf.max_series")                  \
  ROW(kUnknownTools, "tools_unknown", kInfo, "calls of tools that no tools/list had shown")     \
  ROW(kEmfSplit, "emf_split", kInfo, "metric lines split to stay within the limits of EMF")     \
  ROW(kEmfSkipped, "emf_skipped", kDataLoss, "calls without metrics: the clock is far off")     \
  ROW(kLinesDropped, "lines_dropped", kDataLoss, "lines an output could not take in time")      \
  ROW(kAgentReconnects, "agent_reconnects", kInfo, "connections made to the metrics agent")     \
  ROW(kLogRotations, "log_rotations", kInfo, "log files rotated")                               \
  ROW(kLogRepaired, "log_repaired", kInfo, "torn last lines cut off after a writer was killed") \
  ROW(kLogLockMissed, "log_lock_missed", kInfo, "writes made without the lock of the log file") \
  ROW(kSinkErrors, "sink_errors", kError, "writes that a sink failed")                          \
  ROW(kConfigErrors, "config_errors", kError, "faults found in the configuration")              \
  ROW(kConnectionsAccepted, "connections_accepted", kInfo, "connections of clients accepted")   \
  ROW(kConnectionsTurnedAway, "connections_turned_away", kError,                                \
      "connections closed at once: too many, or no descriptors left")                           \
  ROW(kConnectionsReset, "connections_reset", kInfo, "connections that clients broke off")      \
  ROW(kConnectionsTimedOut, "connections_timed_out", kInfo,                                     \
      "connections closed because head, body or reader were too slow")                          \
  ROW(kExchanges, "exchanges", kInfo, "HTTP requests taken")                                    \
  ROW(kExchangesDenied, "exchanges_denied", kInfo,                                              \
      "HTTP requests refused by host, origin, token or tool policy")                            \
  ROW(kRequestsRefused, "requests_refused", kInfo,                                              \
      "HTTP requests refused because their framing is unsafe or too large")                     \
  ROW(kResponsesRefused, "responses_refused", kError,                                           \
      "HTTP responses of upstreams that could not be passed on safely")                         \
  ROW(kUpstreamConnects, "upstream_connects", kInfo, "connections made to upstreams")           \
  ROW(kUpstreamUnreached, "upstream_unreached", kError,                                         \
      "requests for which no connection to the upstream was to be had")                         \
  ROW(kUpstreamResets, "upstream_resets", kError, "answers that an upstream broke off")         \
  ROW(kUpstreamTimeouts, "upstream_timeouts", kError, "answers that did not come in time")      \
  ROW(kRecorderWakeups, "recorder_wakeups", kInfo, "times the recorder's thread woke up")       \
  ROW(kThrashFound, "thrash_found", kInfo, "times an agent was seen going in circles")          \
  ROW(kThrashDenied, "thrash_denied", kInfo, "calls answered with an error for that")           \
  ROW(kThrashDenialsDropped, "thrash_denials_dropped", kInfo,                                   \
      "calls no longer denied: more than are denied at once")                                   \
  ROW(kThrashSessionsForgotten, "thrash_sessions_forgotten", kInfo,                             \
      "sessions no longer watched for thrash: more than are watched at once")                   \
  ROW(kThrashCallsForgotten, "thrash_calls_forgotten", kInfo,                                   \
      "calls of a session no longer compared: more different ones than are kept")               \
  ROW(kCaptureSwitched, "capture_switched", kInfo, "times content capture went on or off")

enum class Stat : std::size_t {
#define SONDE_ROW(id, name, severity, help) id,
  SONDE_STATS(SONDE_ROW)
#undef SONDE_ROW
      kCount
};

struct StatInfo {
  std::string_view name;
  Severity severity;
  std::string_view help;
};

inline constexpr std::array<StatInfo, static_cast<std::size_t>(Stat::kCount)> kStatInfo{{
#define SONDE_ROW(id, name, severity, help) {name, Severity::severity, help},
    SONDE_STATS(SONDE_ROW)
#undef SONDE_ROW
}};

/// The counters of one thread.  Only that thread adds; any thread may read.
class Stats {
 public:
  void add(Stat stat, std::uint64_t n = 1) noexcept {
    auto& counter = counters_[static_cast<std::size_t>(stat)];
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

  std::uint64_t read(Stat stat) const noexcept {
    return counters_[static_cast<std::size_t>(stat)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Stat::kCount)> counters_{};
};

}  // namespace sonde
