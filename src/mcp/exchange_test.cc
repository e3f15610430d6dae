#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "jsonrpc/scanner.h"
#include "mcp/call_tracker.h"

// What a tracker makes of messages that say by which HTTP exchange they came.

namespace sonde::mcp {
namespace {

using std::chrono::milliseconds;

class Heard final : public CallListener {
 public:
  explicit Heard(ConnectionContext context = {.environment = {},
                                              .host_session_id = {},
                                              .transport = Transport::kHttp,
                                              .shared = true})
      : tracker({}, std::move(context), random_, stats, *this) {}

  void on_call(ObservedCall&& call) override { calls.push_back(std::move(call.record)); }
  void on_event(Event&&) override {}

  /// True if the tracker offers something to splice.
  bool ask(std::string_view message, Sighting sighting = {}) {
    return hear(Direction::kToServer, message, sighting);
  }
  void answer(std::string_view message, Sighting sighting = {}) {
    hear(Direction::kToClient, message, sighting);
  }

  std::vector<CallRecord> calls;
  Stats stats;
  ManualClock clock;

 private:
  bool hear(Direction direction, std::string_view message, Sighting sighting) {
    const std::string line = std::string(message) + "\n";
    jsonrpc::Scanner scanner;
    scanner.feed(line);
    const jsonrpc::Message* const found = scanner.next();
    REQUIRE(found != nullptr);
    sighting.read_at = clock.now();
    clock.advance(milliseconds(1));
    return tracker.observe(direction, *found, sighting).has_value();
  }

  Random random_{7};

 public:
  CallTracker tracker;
};

const Requester kNobody{};

/// Of a request or response that is complete in itself.
Sighting in(std::uint64_t exchange, const Requester& requester = kNobody) {
  return {.exchange = exchange, .scope = exchange, .requester = &requester};
}

constexpr std::string_view kAdd =
    R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add"}})";
constexpr std::string_view kSub =
    R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"sub"}})";
constexpr std::string_view kDone = R"({"jsonrpc":"2.0","id":1,"result":{"content":[]}})";

TEST_CASE("equal ids of two clients are two calls", "[mcp][exchange]") {
  Heard heard;
  heard.ask(kAdd, in(1));
  heard.ask(kSub, in(2));
  heard.answer(kDone, in(2));
  heard.answer(R"({"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}})", in(1));

  REQUIRE(heard.calls.size() == 2);
  CHECK(heard.calls[0].tool_name == "sub");
  CHECK(heard.calls[0].status == CallStatus::kOk);
  CHECK(heard.calls[1].tool_name == "add");
  CHECK(heard.calls[1].status == CallStatus::kError);
  CHECK(heard.stats.read(Stat::kDuplicateId) == 0);
}

TEST_CASE("an answer in another scope answers nothing", "[mcp][exchange]") {
  Heard heard;
  heard.ask(kAdd, in(1));
  heard.answer(kDone, in(2));

  CHECK(heard.calls.empty());
  CHECK(heard.stats.read(Stat::kResponseWithoutRequest) == 1);
}

TEST_CASE("progress and cancellation stay in their scope", "[mcp][exchange]") {
  Heard heard;
  constexpr std::string_view kWithToken =
      R"({"id":1,"method":"tools/call","params":{"name":"t","_meta":{"progressToken":5}}})";
  constexpr std::string_view kProgress =
      R"({"method":"notifications/progress","params":{"progressToken":5,"progress":1}})";
  constexpr std::string_view kCancel =
      R"({"method":"notifications/cancelled","params":{"requestId":1}})";
  heard.ask(kWithToken, in(1));
  heard.ask(kWithToken, in(2));
  heard.answer(kProgress, in(2));
  heard.answer(kProgress, in(3));
  heard.ask(kCancel, in(3));
  heard.ask(kCancel, in(1));
  heard.answer(kDone, in(2));

  REQUIRE(heard.calls.size() == 2);
  CHECK(heard.calls[0].status == CallStatus::kCancelled);
  CHECK(heard.calls[0].progress_count == 0);
  CHECK(heard.calls[1].status == CallStatus::kOk);
  CHECK(heard.calls[1].progress_count == 1);
  CHECK(heard.stats.read(Stat::kProgressUnknown) == 1);
  CHECK(heard.stats.read(Stat::kCancelUnknown) == 1);
}

TEST_CASE("a stamped request has the ids that it was forwarded with", "[mcp][exchange]") {
  Heard heard;
  Stamp stamp;
  stamp.span.trace_id.bytes.fill(1);
  stamp.span.span_id.bytes.fill(2);
  stamp.link = SpanLink{.trace_id = {}, .span_id = {}};
  stamp.request_id = "r-1";
  stamp.correlation_id = "c-1";
  Sighting sighting = in(1);
  sighting.stamp = &stamp;

  CHECK_FALSE(heard.ask(kAdd, sighting));
  heard.answer(kDone, in(1));

  REQUIRE(heard.calls.size() == 1);
  CHECK(heard.calls[0].span.trace_id == stamp.span.trace_id);
  CHECK(heard.calls[0].span.span_id == stamp.span.span_id);
  CHECK(heard.calls[0].link.has_value());
  CHECK(heard.calls[0].request_id == "r-1");
  CHECK(heard.calls[0].correlation_id == "c-1");
  CHECK(heard.stats.read(Stat::kSpliced) == 0);
}

TEST_CASE("an exchange ends what it has not answered, and nothing else", "[mcp][exchange]") {
  Heard heard;
  heard.ask(kAdd, in(1));
  heard.ask(R"({"id":2,"method":"ping"})", in(1));
  heard.ask(kSub, in(2));
  heard.answer(R"({"id":9,"method":"roots/list"})", in(1));

  CHECK(heard.tracker.open_in(1));
  CHECK(heard.tracker.end_exchange(1, heard.clock.now(), CallStatus::kError, "502") == 3);
  CHECK_FALSE(heard.tracker.open_in(1));
  CHECK(heard.tracker.open_in(2));
  CHECK(heard.tracker.end_exchange(1, heard.clock.now(), CallStatus::kError, "502") == 0);

  REQUIRE(heard.calls.size() == 3);
  for (const CallRecord& call : heard.calls) {
    const bool asked_by_server = call.direction == Direction::kToClient;
    CHECK(call.status == (asked_by_server ? CallStatus::kAborted : CallStatus::kError));
    CHECK(call.error_type == (asked_by_server ? "stream_closed" : "502"));
  }
}

TEST_CASE("an answered request leaves its exchange", "[mcp][exchange]") {
  Heard heard;
  heard.ask(kAdd, in(1));
  heard.answer(kDone, in(1));

  CHECK_FALSE(heard.tracker.open_in(1));
}

TEST_CASE("a shared connection keeps nothing of one client for another", "[mcp][exchange]") {
  Heard heard;
  const Requester first{.mcp_session_id = {},
                        .conversation = "talk",
                        .user_id = "ann",
                        .version = "2025-06-18",
                        .modern = false};
  heard.ask(R"({"id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
            R"("clientInfo":{"name":"one","version":"1"}}})",
            in(1, first));
  heard.answer(R"({"id":1,"result":{"protocolVersion":"2025-03-26",)"
               R"("serverInfo":{"name":"srv","version":"9"}}})",
               in(1));
  heard.ask(kAdd, in(2));
  heard.answer(kDone, in(2));

  REQUIRE(heard.calls.size() == 2);
  REQUIRE(heard.calls[0].client);
  CHECK(heard.calls[0].client->name == "one");
  CHECK(heard.calls[0].protocol_version == "2025-03-26");
  CHECK(heard.calls[0].user_id == "ann");
  CHECK(heard.calls[0].session_id == "talk");
  CHECK(heard.calls[1].client == nullptr);
  CHECK(heard.calls[1].protocol_version.empty());
  CHECK(heard.calls[1].user_id.empty());
  CHECK(heard.calls[1].session_id == "none");
  CHECK(heard.calls[1].mcp_session_id.empty());
  CHECK(heard.calls[1].correlation_id != heard.calls[0].correlation_id);
  REQUIRE(heard.calls[1].server);
  CHECK(heard.calls[1].server->name == "srv");
}

TEST_CASE("a modern request without clientInfo has no client on a shared connection",
          "[mcp][exchange]") {
  Heard heard;
  heard.ask(R"({"id":1,"method":"tools/list","params":{"_meta":{)"
            R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
            R"("io.modelcontextprotocol/clientInfo":{"name":"one","version":"1"}}}})",
            in(1));
  const Requester modern{.mcp_session_id = {},
                         .conversation = {},
                         .user_id = {},
                         .version = "2026-07-28",
                         .modern = true};
  heard.ask(kAdd, in(2, modern));
  heard.answer(kDone, in(1));
  heard.answer(kDone, in(2));

  REQUIRE(heard.calls.size() == 2);
  REQUIRE(heard.calls[0].client);
  CHECK(heard.calls[1].client == nullptr);
  CHECK(heard.calls[1].protocol_version == "2026-07-28");
}

constexpr std::string_view kNeedsInput =
    R"({"id":1,"result":{"resultType":"input_required","requestState":"s1"}})";
constexpr std::string_view kRetry =
    R"({"id":1,"method":"tools/call","params":{"name":"add","requestState":"s1",)"
    R"("inputResponses":{},"_meta":{"progressToken":8}}})";

TEST_CASE("a retry with input joins its call from another exchange", "[mcp][exchange]") {
  Heard heard;
  heard.ask(kAdd, in(1));
  heard.answer(kNeedsInput, in(1));
  CHECK_FALSE(heard.tracker.open_in(1));
  heard.ask(kRetry, in(2));
  heard.answer(R"({"method":"notifications/progress","params":{"progressToken":8,"progress":1}})",
               in(2));
  heard.answer(kDone, in(2));

  REQUIRE(heard.calls.size() == 1);
  CHECK(heard.calls[0].hops == 2);
  CHECK(heard.calls[0].progress_count == 1);
  CHECK(heard.calls[0].status == CallStatus::kOk);
}

TEST_CASE("a retry of another user is another call", "[mcp][exchange]") {
  Heard heard;
  const Requester other{
      .mcp_session_id = {}, .conversation = {}, .user_id = "bob", .version = {}, .modern = false};
  heard.ask(kAdd, in(1));
  heard.answer(kNeedsInput, in(1));
  heard.ask(kRetry, in(2, other));
  heard.answer(kDone, in(2));

  REQUIRE(heard.calls.size() == 1);
  CHECK(heard.calls[0].user_id == "bob");
  CHECK(heard.tracker.open_calls() == 1);
}

TEST_CASE("a task is polled from other exchanges", "[mcp][exchange]") {
  Heard heard;
  heard.ask(kAdd, in(1));
  heard.answer(R"({"id":1,"result":{"resultType":"task","taskId":"t1","status":"working"}})",
               in(1));
  heard.ask(R"({"id":1,"method":"tasks/get","params":{"taskId":"t1"}})", in(2));
  heard.answer(R"({"id":1,"result":{"resultType":"complete","taskId":"t1",)"
               R"("status":"completed","result":{"content":[]}}})",
               in(2));

  REQUIRE(heard.calls.size() == 2);
  CHECK(heard.calls[0].method == "tools/call");
  CHECK(heard.calls[0].status == CallStatus::kOk);
  CHECK(heard.calls[1].method == "tasks/get");
}

TEST_CASE("within an MCP session an answer may come by another exchange", "[mcp][exchange]") {
  Heard heard(
      {.environment = {}, .host_session_id = {}, .transport = Transport::kHttp, .shared = false});
  const Requester session{.mcp_session_id = "hashed",
                          .conversation = {},
                          .user_id = {},
                          .version = "2025-06-18",
                          .modern = false};
  heard.ask(kAdd, {.exchange = 1, .requester = &session});
  heard.answer(kDone, {.exchange = 2});

  REQUIRE(heard.calls.size() == 1);
  CHECK(heard.calls[0].mcp_session_id == "hashed");
  CHECK(heard.calls[0].session_id == "hashed");
  CHECK(heard.calls[0].session_confidence == Confidence::kStrong);
  CHECK(heard.calls[0].protocol_version == "2025-06-18");
}

TEST_CASE("what a stamped call makes the server ask has its correlation id", "[mcp][exchange]") {
  Heard heard(
      {.environment = {}, .host_session_id = {}, .transport = Transport::kHttp, .shared = false});
  Stamp stamp;
  stamp.correlation_id = "c-1";
  heard.ask(kAdd, {.exchange = 1, .stamp = &stamp, .requester = &kNobody});
  heard.answer(R"({"id":1,"method":"elicitation/create","params":{}})", {.requester = &kNobody});
  heard.ask(R"({"id":1,"result":{"action":"accept"}})", {.exchange = 2});

  REQUIRE(heard.calls.size() == 1);
  CHECK(heard.calls[0].method == "elicitation/create");
  CHECK(heard.calls[0].correlation_id == "c-1");
  CHECK(heard.calls[0].mcp_session_id.empty());
}

}  // namespace
}  // namespace sonde::mcp
