#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/stats.h"
#include "http/head.h"
#include "jsonrpc/scanner.h"
#include "jsonrpc/sse_scanner.h"
#include "mcp/http_report.h"
#include "mcp/message_observer.h"
#include "proxy/deny_gate.h"
#include "proxy/inflater.h"
#include "proxy/report_sink.h"
#include "proxy/request_facts.h"
#include "proxy/stamper.h"
#include "proxy/tool_policy.h"
#include "proxy/upstream.h"

namespace sonde::proxy {

/// What all exchanges of one thread share with their taps.  Lifetime.  Outlives them.
struct TapTools {
  Stamper& stamper;
  ReportSink& reports;
  Stats& stats;
  /// For bodies that lie in one piece: used and left clean within one call.
  jsonrpc::Scanner& scanner;
  std::string& scan_copy;
  DenyGate& gate;
};

/// What an exchange may do, by configuration.
struct TapRules {
  const Upstream* upstream = nullptr;
  std::uint32_t upstream_index = 0;
  const ToolPolicy* policy = nullptr;
  bool inject = true;
  bool strict = false;
  bool observe = true;  ///< False: nothing is told, and only what a rule asks for is read.
};

/// Observes one exchange: reads the messages in its bodies, decides their ids, and tells what
/// it saw.
///
/// Purpose.  The side of the data path that knows MCP.  Nothing here holds up bytes, but for a
/// tool policy, strictness or a denial, which must know the request before it goes on.
/// Limits.  Those of Scanner and SseScanner.  Threads.  One owner.  Blocking.  Never.
/// Failure.  None: what cannot be read is forwarded, not told.
class ExchangeTap final : public mcp::MessageObserver, public jsonrpc::ResultListener {
 public:
  /// Of one body so many messages are told, or of events at a time; the rest is forwarded unread.
  static constexpr std::size_t kMessagesMax = 1000;

  /// Why a request must not go on.
  enum class Objection : std::uint8_t {
    kNone,
    kTool,       ///< The policy denies it.
    kCircling,   ///< The agent goes in circles, and is to be told so.
    kMismatch,   ///< Headers say another thing than the body.
    kAmbiguous,  ///< Another reader could take it for another call; a policy cannot decide.
  };

  ExchangeTap(const TapTools& tools, const TapRules& rules, std::uint64_t exchange);
  ~ExchangeTap() override;

  void begin(RequestFacts facts, std::string_view path, Moment now);

  /// A whole request body: what is to be inserted, and where; empty: nothing.
  struct Insertion {
    std::size_t at = 0;
    std::string text;
  };
  Insertion on_request_body(std::string_view body, Moment now);

  // Of a request body that comes in pieces, by mcp::Splicer.
  std::optional<std::string_view> on_message(Direction direction, const jsonrpc::Message& message,
                                             const mcp::Sighting& sighting,
                                             std::uint64_t line) override;
  std::optional<std::string_view> on_splice_early(Moment now) override;
  void on_forwarded(std::chrono::nanoseconds at) override;
  void on_disabled(Direction direction) override;

  Objection objection() const noexcept { return objection_; }
  /// The id of the request that drew the objection, as raw JSON.
  const std::string& refused_id() const noexcept { return refused_id_; }
  const std::string& refused_name() const noexcept { return refused_name_; }
  /// REQUIRES: objection() is kCircling.
  const thrash::DenyTable::Denial& denial() const noexcept { return denial_; }
  /// Whether the refused request is of the modern era, whose results name their type.
  bool refused_modern() const noexcept;

  /// The ids that upstream and client are told; decided now if no message has.
  const std::string& request_id(Moment now);
  const std::string& correlation_id(Moment now);
  /// Our place in the trace, for the headers of a request that has none.
  std::optional<SpanContext> span() const noexcept { return span_; }

  /// The request is about to leave: whoever sees its effect must find it told.
  void before_forwarding();
  /// The head of the final response.
  void on_response(const http::Head& head, Moment now);
  /// Payload of the response that was forwarded; `whole`: it is all there is.
  void on_payload(std::string_view payload, bool whole, Moment read_at,
                  std::chrono::nanoseconds written_at);
  /// Whether payload is to be shown before it is forwarded: events may ask the client for
  /// something, and its answer, on another thread, must not be told first.
  bool looks_first() const noexcept { return answer_ == mcp::ExchangeResponded::Body::kEvents; }
  /// Events that were shown are about to be forwarded.
  void before_events();
  /// The last bytes of the response have been seen.
  void on_payload_end(Moment now);
  /// The exchange goes to sleep: tells what a long one has to tell.
  void pause();
  /// Once, at the end.  Tells the rest.
  void end(mcp::ExchangeEnded::How how, Moment now);

 private:
  void on_result_bytes(std::string_view bytes, bool first) noexcept override;
  Stamped stamp_request(const trace_context::MetaContext& meta, Moment now);
  void object(const jsonrpc::Message& message, Moment now);
  void object_to_circling(const jsonrpc::Message& message, Moment now);
  bool guarded() const noexcept { return rules_.policy != nullptr && rules_.policy->any(); }
  bool ambiguous(const jsonrpc::Message& message) const noexcept;
  bool too_many() const noexcept { return messages_ >= kMessagesMax; }
  void leave_unread();
  std::string_view members_of(const Stamped& stamped, const trace_context::MetaContext& meta);
  void tell_message(Direction direction, const jsonrpc::Message& message,
                    const mcp::Sighting& sighting, std::unique_ptr<const mcp::Stamp> stamp);
  void tell_answer(const jsonrpc::Message& message, Moment read_at,
                   std::chrono::nanoseconds written_at);
  void scan(std::string_view payload, bool whole, Moment read_at,
            std::chrono::nanoseconds written_at);
  void scan_json(std::string_view payload, bool whole, Moment read_at,
                 std::chrono::nanoseconds written_at);
  void scan_events(std::string_view payload, Moment read_at, std::chrono::nanoseconds written_at);
  void flush();
  std::uint64_t take_stream() noexcept;

  const TapTools& tools_;
  const TapRules rules_;
  RequestFacts facts_;
  std::string path_;  ///< Of the request.
  mcp::Report report_;
  std::string request_id_;
  std::string correlation_id_;
  std::optional<SpanContext> span_;
  bool told_ = false;  ///< The head went out with the ids, and its request is yet to be read.
  std::optional<Stamped> early_;
  std::string members_;
  Objection objection_ = Objection::kNone;
  std::string refused_id_;
  std::string refused_name_;
  thrash::DenyTable::Denial denial_;
  bool asks_client_ = false;   ///< A request to the client is in what has not been told.
  bool only_requests_ = true;  ///< Of the messages to the server.
  std::size_t messages_ = 0;   ///< Of the body at hand.
  bool unread_ = false;        ///< What follows in it is not looked at.
  bool reads_ = false;         ///< The body is looked into.
  bool inserts_ = false;       ///< Our context may go into this body.
  mcp::ExchangeResponded::Body answer_ = mcp::ExchangeResponded::Body::kNone;
  std::unique_ptr<jsonrpc::Scanner> json_;  ///< For a JSON answer in several pieces.
  std::unique_ptr<jsonrpc::SseScanner> events_;
  std::unique_ptr<Inflater> inflater_;  ///< For an answer that is compressed.
  std::uint64_t stream_ = 0;            ///< Of the large result at hand; 0: not hashed.
};

}  // namespace sonde::proxy
