#include "mcp/call_tracker.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/json_reader.h"
#include "mcp/replay.h"
#include "trace_context/meta.h"

namespace sonde::mcp {
namespace {

using namespace std::chrono_literals;

std::string request(const std::string& id, std::string_view params = R"({"name":"a"})") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/call","params":)" +
         std::string(params) + "}\n";
}

std::string result(const std::string& id, std::string_view value = R"({"content":[]})") {
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + std::string(value) + "}\n";
}

/// The `_meta` that the server reads in the last line it gets.
trace_context::MetaContext meta_read_by_server(const Replay& replay) {
  const std::string_view all = replay.to_server;
  const std::size_t begin = all.rfind('\n', all.size() - 2);
  const std::string_view line = all.substr(begin == std::string_view::npos ? 0 : begin + 1);
  const auto params = find_member(line, "params");
  REQUIRE(params);
  return trace_context::read_meta(find_member(*params, "_meta").value_or(""));
}

constexpr std::string_view kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

ConnectionContext with_parent() {
  ConnectionContext context;
  context.environment.parent = trace_context::parse_traceparent(kTrace);
  context.environment.tracestate = "v=1";
  return context;
}

TEST_CASE("the server reads the span and the id that the record has", "[mcp][splice]") {
  Replay replay;
  replay.client(request("1"));
  replay.server(result("1"));
  const auto meta = meta_read_by_server(replay);
  const CallRecord& record = replay.calls.at(0).record;

  REQUIRE(meta.parent);
  CHECK(meta.parent->trace_id == record.span.trace_id);
  CHECK(meta.parent->span_id == record.span.span_id);
  CHECK(meta.tracestate == "sonde=" + to_hex(record.span.span_id));
  CHECK(meta.request_id == record.request_id);
  CHECK_FALSE(record.span.parent_span_id.valid());
}

TEST_CASE("every shape of params gets the same context", "[mcp][splice]") {
  const std::string params =
      GENERATE(R"({"name":"a","_meta":{"progressToken":1}})", R"({"_meta":{},"name":"a"})",
               R"({"name":"a"})", R"({})", R"({"name":"a", "_meta" : { } })");
  INFO(params);
  Replay replay;
  replay.client(request("1", params));
  replay.server(result("1"));

  CHECK(meta_read_by_server(replay).parent->span_id == replay.calls.at(0).record.span.span_id);
}

TEST_CASE("the environment's trace goes on, with its state behind ours", "[mcp][splice]") {
  Replay replay({}, with_parent());
  replay.client(request("1"));
  replay.server(result("1"));
  const CallRecord& record = replay.calls.at(0).record;

  CHECK(meta_read_by_server(replay).tracestate == "sonde=" + to_hex(record.span.span_id) + ",v=1");
  CHECK(to_hex(record.span.trace_id) == kTrace.substr(3, 32));
  CHECK(to_hex(record.span.parent_span_id) == kTrace.substr(36, 16));
  CHECK(record.correlation_id == kTrace.substr(3, 32));
}

TEST_CASE("a traceparent that is there is left alone, valid or not", "[mcp][splice]") {
  const std::string given = GENERATE(std::string(kTrace), std::string("00-broken"));
  const std::string line =
      request("1", R"({"name":"a","_meta":{"traceparent":")" + given + R"("}})");
  Replay replay;
  replay.client(line);

  CHECK(replay.to_server == line);
}

TEST_CASE("a tracestate that is there gets no second one", "[mcp][splice]") {
  Replay replay;
  replay.client(request("1", R"({"name":"a","_meta":{"tracestate":"x=1"}})"));

  CHECK(replay.to_server.find("tracestate") == replay.to_server.rfind("tracestate"));
  CHECK(meta_read_by_server(replay).tracestate == "x=1");
}

TEST_CASE("the host's own id of a call is the request id, and none is added", "[mcp][splice]") {
  Replay replay;
  replay.client(request("1", R"({"name":"a","_meta":{"claudecode/toolUseId":"toolu_1"}})"));
  replay.server(result("1"));

  CHECK(replay.calls.at(0).record.request_id == "toolu_1");
  CHECK(meta_read_by_server(replay).request_id.empty());
  CHECK(meta_read_by_server(replay).parent);
}

TEST_CASE("a retry with input goes out in the span of its call", "[mcp][splice]") {
  Replay replay;
  replay.client(request("1"));
  const auto first = meta_read_by_server(replay);
  replay.server(result("1", R"({"resultType":"input_required","requestState":"s"})"));
  replay.client(request("2", R"({"name":"a","requestState":"s","inputResponses":{}})"));
  const auto second = meta_read_by_server(replay);
  replay.server(result("2"));

  CHECK(second.parent == first.parent);
  CHECK(second.request_id == first.request_id);
  CHECK(replay.calls.size() == 1);
}

TEST_CASE("without injection no byte changes", "[mcp][splice]") {
  TrackerOptions options;
  options.inject = false;
  Replay replay(options);
  replay.client(request("1"));

  CHECK(replay.to_server == request("1"));
  CHECK_FALSE(replay.tracker.splice_early(replay.now()));
}

TEST_CASE("a splice made early belongs to the request that is observed next", "[mcp][splice]") {
  Replay replay;
  const std::string members(replay.tracker.splice_early(replay.now()).value());
  replay.client(request("1"));
  replay.server(result("1"));
  const CallRecord& record = replay.calls.at(0).record;

  CHECK(replay.to_server == request("1"));
  CHECK(members.find(to_hex(record.span.span_id)) != std::string::npos);
  CHECK(members.find(record.request_id) != std::string::npos);
  CHECK(replay.stats.read(Stat::kSpliced) == 1);
}

TEST_CASE("a request whose splice site has gone is counted", "[mcp][splice]") {
  Replay replay;
  const std::string line = request("1");
  replay.client(line.substr(0, line.size() - 1));
  replay.client(line.substr(line.size() - 1));

  CHECK(replay.to_server == line);
  CHECK(replay.stats.read(Stat::kSpliceSkippedShape) == 1);
}

TEST_CASE("a trace id begins with the seconds of the epoch", "[mcp][trace]") {
  Replay replay;
  replay.client(request("1"));
  replay.server(result("1"));

  CHECK(to_hex(replay.calls.at(0).record.span.trace_id).substr(0, 8) == "6b003640");
}

TEST_CASE("what the server asks stands below the call it serves", "[mcp][trace]") {
  Replay replay;
  replay.client(request("1"));
  replay.server(R"({"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{}})"
                "\n");
  replay.client(result("1", "{}"));
  replay.server(result("1"));
  const SpanContext& asked = replay.calls.at(0).record.span;
  const SpanContext& call = replay.calls.at(1).record.span;

  CHECK(asked.trace_id == call.trace_id);
  CHECK(asked.parent_span_id == call.span_id);
}

TEST_CASE("all calls of one legacy process share their minted ids", "[mcp][session]") {
  Replay replay;
  replay.client(request("1") + request("2"));
  replay.server(result("1") + result("2"));
  const CallRecord& first = replay.calls.at(0).record;
  const CallRecord& second = replay.calls.at(1).record;

  CHECK(first.session_id == second.session_id);
  CHECK(first.session_id == first.mcp_session_id);
  CHECK(first.session_id.size() == 36);
  CHECK(first.correlation_id == second.correlation_id);
  CHECK(first.request_id != second.request_id);
  CHECK(first.span.trace_id != second.span.trace_id);
}

TEST_CASE("our own added time is what lies between reading and writing", "[mcp][overhead]") {
  Replay replay;
  replay.client(request("1"));
  replay.tracker.forwarded(replay.now().monotonic + 7us);
  jsonrpc::Scanner scanner;
  const std::string line = result("1");
  scanner.feed(line);
  replay.tracker.observe(
      Direction::kToClient, *scanner.next(),
      {.read_at = replay.now(), .written_at = replay.now().monotonic + 5us, .result_stream = 77});

  replay.tracker.forwarded(replay.now().monotonic + 9us);

  CHECK(replay.calls.at(0).record.overhead == 12us);
  CHECK(replay.calls.at(0).result.hash_stream == 77);
}

TEST_CASE("a request is forwarded once", "[mcp][overhead]") {
  Replay replay;
  replay.client(request("1"));
  replay.tracker.forwarded(replay.now().monotonic + 7us);
  replay.tracker.forwarded(replay.now().monotonic + 9us);
  replay.server(result("1"));

  CHECK(replay.calls.at(0).record.overhead == 7us);
}

TEST_CASE("arguments and results are handed on as they stood", "[mcp][content]") {
  Replay replay;
  replay.client(request("1", R"({"name":"a","arguments":{ "x" : [1, 2] }})"));
  replay.server(result("1", R"({"content":[{"type":"text","text":"é"}]})"));
  const ObservedCall& call = replay.calls.at(0);

  CHECK(call.arguments.bytes == R"({ "x" : [1, 2] })");
  CHECK(call.record.args_size_bytes == call.arguments.bytes.size());
  CHECK(call.result.bytes == R"({"content":[{"type":"text","text":"é"}]})");
  CHECK_FALSE(call.result.truncated);
}

TEST_CASE("a large result is handed on in part", "[mcp][content]") {
  Replay replay;
  replay.client(request("1"));
  replay.server(result("1", '"' + std::string(200'000, 'x') + '"'));

  CHECK(replay.calls.at(0).result.bytes.size() == TrackerOptions{}.result_bytes_max);
  CHECK(replay.calls.at(0).result.size == 200'002);
  CHECK(replay.calls.at(0).result.truncated);
}

TEST_CASE("the arguments of all open calls together are bounded", "[mcp][limits]") {
  TrackerOptions options;
  options.held_bytes_max = 100;
  Replay replay(options);
  const std::string params = R"({"name":"a","arguments":")" + std::string(58, 'x') + "\"}";
  replay.client(request("1", params) + request("2", params));
  replay.server(result("1"));
  replay.client(request("3", params));
  replay.server(result("2") + result("3"));

  CHECK(replay.calls.at(0).arguments.bytes.size() == 60);
  CHECK(replay.calls.at(1).arguments.bytes.empty());
  CHECK(replay.calls.at(1).arguments.truncated);
  CHECK(replay.calls.at(2).arguments.bytes.size() == 60);
  CHECK(replay.stats.read(Stat::kFieldsTruncated) == 1);
}

TEST_CASE("20,000 requests that nobody answers are all recorded", "[mcp][limits]") {
  Replay replay;
  for (int i = 0; i < 20'000; ++i) replay.client(request(std::to_string(i)));

  CHECK(replay.tracker.open_calls() == 4096);
  CHECK(replay.calls.size() == 20'000 - 4096);
  CHECK(replay.stats.read(Stat::kOutstandingEvicted) == 20'000 - 4096);
  replay.end();
  CHECK(replay.calls.size() == 20'000);
  CHECK(replay.calls.back().record.wire_id.text == "19999");
}

TEST_CASE("options that come later hold from then on", "[mcp][limits]") {
  TrackerOptions options;
  Replay replay;
  replay.client(request("1"));
  options.pending_after = 1s;
  options.inject = false;
  replay.tracker.set_options(options);
  replay.advance(2s);
  replay.client(request("2"));

  CHECK(replay.events.size() == 1);
  CHECK(replay.events.at(0).open_for == 1s);
  CHECK(replay.to_server.ends_with(request("2")));
}

TEST_CASE("nothing is due when nothing is open", "[mcp][pending]") {
  Replay replay;
  CHECK(replay.tracker.next_due() == std::chrono::nanoseconds::max());
  replay.client(request("1"));
  CHECK(replay.tracker.next_due() == replay.now().monotonic + 30s);
  replay.server(result("1"));
  CHECK(replay.tracker.next_due() == std::chrono::nanoseconds::max());
}

TEST_CASE("a call is called pending once, however often it is taken up", "[mcp][pending]") {
  Replay replay;
  replay.client(request("1"));
  replay.advance(31s);
  replay.server(result("1", R"({"resultType":"input_required","requestState":"s"})"));
  replay.client(request("2", R"({"name":"a","requestState":"s"})"));
  replay.advance(31s);

  CHECK(replay.events.size() == 1);
  CHECK(replay.tracker.next_due() == std::chrono::nanoseconds::max());
}

TEST_CASE("a wall clock that jumps changes no duration", "[mcp][time]") {
  jsonrpc::Scanner scanner;
  Replay replay;
  replay.client(request("1"));
  const std::string line = result("1");
  scanner.feed(line);
  const Moment later{.wall = replay.now().wall - 1h, .monotonic = replay.now().monotonic + 3ms};
  replay.tracker.observe(Direction::kToClient, *scanner.next(), {.read_at = later});

  CHECK(replay.calls.at(0).record.duration == 3ms);
  CHECK(replay.calls.at(0).record.ended_at < replay.calls.at(0).record.started_at);
}

TEST_CASE("a tracker goes on after its end", "[mcp][end]") {
  Replay replay;
  replay.client(request("1"));
  replay.end("server_exit");
  replay.server(result("1"));
  replay.client(request("1"));
  replay.server(result("1"));

  CHECK(replay.calls.size() == 2);
  CHECK(replay.calls.at(0).record.error_type == "server_exit");
  CHECK(replay.calls.at(1).record.status == CallStatus::kOk);
  CHECK(replay.stats.read(Stat::kResponseWithoutRequest) == 1);
}

}  // namespace
}  // namespace sonde::mcp
