#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jsonrpc/scanner.h"
#include "jsonrpc/sse_scanner.h"
#include "mcp/known_tools.h"
#include "mcp/server_health.h"

namespace sonde::mcp {

/// What one pulse over HTTP asks, and what it makes of the answers.
///
/// Purpose.  Pure: the caller moves the bytes.  Whether a server is of the modern era is found
/// out as a client does (mcp.md 1.5): `server/discover` first, and where that is not known,
/// `initialize`; a session that this opens is ended by DELETE.  A server of 2024 that knows
/// neither is asked for its event stream.  What is found out is remembered for the next pulse,
/// and forgotten when it does not hold any more.  Nothing that is asked has an effect.
///
///     pulse.begin();
///     while (pulse.request())   send it, then
///       pulse.on_head(…), pulse.on_body(…) until it has enough, pulse.on_end(); or pulse.fail(…)
///     pulse.result()
///
/// Limits.  kRequestsMax requests, kBodyBytesMax of each body.
/// Threads.  One owner.  Failure.  None: whatever comes is a PulseResult.
class HttpPulse {
 public:
  static constexpr std::uint32_t kRequestsMax = 32;
  static constexpr std::size_t kBodyBytesMax = std::size_t{4} * 1024 * 1024;

  struct Options {
    /// Where to ask, in this order; the first that is no 404 is remembered.  Never empty.
    std::vector<std::string> paths;
    std::string event_path;  ///< Of HTTP+SSE.
    std::vector<std::string> expected_tools;
    std::string tap_version;
  };

  struct Request {
    std::string_view method;
    std::string path;
    std::vector<std::pair<std::string_view, std::string>> headers;  ///< Beside Host and length.
    std::string body;
  };

  struct Head {
    int status = 0;
    std::string_view content_type;
    std::string_view session_id;  ///< Mcp-Session-Id.
  };

  explicit HttpPulse(Options options);

  /// A pulse begins.
  void begin();
  /// What to send next; null when the pulse is over.  Valid until the answer has ended.
  const Request* request() const noexcept { return request_ ? &*request_ : nullptr; }

  void on_head(const Head& head);
  /// Bytes of the body.  True if no more are needed.
  bool on_body(std::string_view bytes);
  /// The body is complete, or enough.
  void on_end();
  /// There is no answer to be had.  REQUIRES: `kind` is no answer.
  void fail(PulseResult::Kind kind, std::string detail);

  /// Whether the server has said what the result will be: what follows only tidies up.
  bool decided() const noexcept { return result_.has_value(); }
  /// REQUIRES: the pulse is over.  `took` is the caller's to fill in.
  const PulseResult& result() const noexcept { return *result_; }

 private:
  enum class Era : std::uint8_t { kUnknown, kModern, kLegacy, kEvents };
  enum class Step : std::uint8_t {
    kDiscover,
    kInitialize,
    kInitialized,
    kTools,
    kPing,
    kEvents,
    kDelete,
  };
  /// What of a message matters here.
  struct Answer {
    bool is_result = false;
    std::int64_t error_code = 0;
    std::string result;  ///< Raw; empty if it was too long.
    std::string tools;   ///< Raw, likewise.
  };

  void ask(Step step);
  std::string_view write_message(Step step);
  void add_post_headers(std::string_view method);
  std::string next_id() { return std::to_string(++ids_); }
  void read_body();
  void take(const jsonrpc::Message& message);
  void conclude();
  void on_discover();
  void on_initialize();
  void on_tools();
  void on_ping();
  void on_events();
  void forget_and_ask(Step step);
  void try_next_path();
  bool asks_modern() const noexcept { return era_ == Era::kModern || step_ == Step::kDiscover; }
  void decide(PulseResult::Kind kind, std::string detail = {});
  void decide_by_status();
  void finish();

  const Options options_;
  // What is remembered.
  Era era_ = Era::kUnknown;
  std::size_t path_ = 0;
  // Of this pulse.
  Step step_ = Step::kDiscover;
  std::optional<Request> request_;
  std::optional<PulseResult> result_;
  std::uint32_t requests_ = 0;
  std::uint64_t ids_ = 0;
  std::size_t paths_tried_ = 0;
  int first_status_ = 0;  ///< That was no MCP.
  std::string session_;
  std::string version_;
  std::string cursor_;
  std::vector<std::string> missing_;
  // Of this answer.
  int status_ = 0;
  bool events_ = false;
  bool too_long_ = false;
  std::string answer_session_;
  std::string body_;
  std::optional<jsonrpc::SseScanner> sse_;
  std::optional<Answer> answer_;
};

}  // namespace sonde::mcp
