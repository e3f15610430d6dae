#include "proxy/exchange_tap.h"

#include <catch2/catch_test_macros.hpp>

#include "mcp/splicer.h"
#include "proxy/head_for_test.h"
#include "proxy/tap_kit_for_test.h"

using namespace sonde;
using namespace sonde::proxy;

namespace {

using How = mcp::ExchangeEnded::How;

std::string spliced(std::string body, const ExchangeTap::Insertion& insertion) {
  return body.insert(insertion.at, insertion.text);
}

}  // namespace

TEST_CASE("a call gets our place in the trace, and is told with it", "[proxy][tap]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  const auto insertion = kit.tap->on_request_body(kCall, kit.now);
  CHECK(spliced(std::string(kCall), insertion)
            .contains(R"("arguments":{},"_meta":{"traceparent":"00-)"));
  kit.tap->end(How::kComplete, kit.now);
  const auto messages = kit.reports.all<mcp::ExchangeMessage>();
  REQUIRE(messages.size() == 1);
  REQUIRE(messages[0]->stamp);
  CHECK(insertion.text.contains(to_hex(messages[0]->stamp->span.span_id)));
  CHECK(messages[0]->stamp->request_id == kit.tap->request_id(kit.now));
  CHECK(insertion.text.contains(messages[0]->stamp->request_id));
}

TEST_CASE("what the head told of a request that is read after it holds", "[proxy][tap]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  const std::string request_id = kit.tap->request_id(kit.now);
  const std::string correlation_id = kit.tap->correlation_id(kit.now);
  const std::optional<SpanContext> span = kit.tap->span();
  const auto insertion = kit.tap->on_request_body(kCall, kit.now);
  CHECK(insertion.text.contains(request_id));
  kit.tap->end(How::kComplete, kit.now);
  const auto messages = kit.reports.all<mcp::ExchangeMessage>();
  REQUIRE(messages.size() == 1);
  REQUIRE(messages[0]->stamp);
  CHECK(messages[0]->stamp->request_id == request_id);
  CHECK(messages[0]->stamp->correlation_id == correlation_id);
  REQUIRE(span);
  CHECK(messages[0]->stamp->span.span_id == span->span_id);
}

TEST_CASE("a trace that the caller has begun goes on", "[proxy][tap]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  const auto insertion = kit.tap->on_request_body(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","_meta":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}})",
      kit.now);
  CHECK(insertion.text.empty());
  CHECK(kit.tap->correlation_id(kit.now) == "0af7651916cd43dd8448eb211c80319c");
  kit.tap->end(How::kComplete, kit.now);
  const auto messages = kit.reports.all<mcp::ExchangeMessage>();
  REQUIRE(messages.size() == 1);
  CHECK(to_hex(messages[0]->stamp->span.parent_span_id) == "b7ad6b7169203331");
}

TEST_CASE("what is signed, encoded or no JSON is left alone", "[proxy][tap]") {
  TapKit kit;
  RequestFacts facts = post_facts();
  facts.is_signed = true;
  kit.tap->begin(facts, "/mcp", kit.now);
  CHECK(kit.tap->on_request_body(kCall, kit.now).text.empty());
  kit.restart();
  facts.json = false;
  kit.tap->begin(facts, "/mcp", kit.now);
  CHECK(kit.tap->on_request_body(kCall, kit.now).text.empty());
  kit.tap->end(How::kComplete, kit.now);
  CHECK(kit.reports.all<mcp::ExchangeMessage>().empty());
}

TEST_CASE("a body over several lines is one message", "[proxy][tap]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  const std::string body =
      "{\n  \"jsonrpc\": \"2.0\",\n  \"id\": 1,\n  \"method\": \"tools/call\",\n"
      "  \"params\": {\n    \"name\": \"t\"\n  }\n}\n";
  const std::string out = spliced(body, kit.tap->on_request_body(body, kit.now));
  CHECK(out.contains("\"name\": \"t\"\n  ,\"_meta\":{\"traceparent\""));
  kit.tap->end(How::kComplete, kit.now);
  CHECK(kit.reports.all<mcp::ExchangeMessage>().size() == 1);
}

TEST_CASE("bodies that are no JSON do not end the observation of the next", "[proxy][tap]") {
  TapKit kit;
  for (int i = 0; i < 200; ++i) {
    kit.restart();
    kit.tap->begin(post_facts(), "/mcp", kit.now);
    kit.tap->on_request_body("no json at all", kit.now);
    kit.tap->end(How::kComplete, kit.now);
  }
  kit.restart();
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  CHECK_FALSE(kit.tap->on_request_body(kCall, kit.now).text.empty());
}

TEST_CASE("only requests that are answered here wait to be told", "[proxy][tap]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  kit.tap->on_request_body(kCall, kit.now);
  kit.tap->before_forwarding();
  CHECK(kit.reports.reports.empty());
  kit.restart();
  RequestFacts old = post_facts();
  old.streamable = false;  // The answer comes on the stream of HTTP+SSE.
  kit.tap->begin(old, "/message", kit.now);
  kit.tap->on_request_body(kCall, kit.now);
  kit.tap->before_forwarding();
  CHECK(kit.reports.reports.size() == 1);
  kit.restart();
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  kit.tap->on_request_body(R"({"jsonrpc":"2.0","id":3,"result":{}})", kit.now);
  kit.tap->before_forwarding();
  CHECK(kit.reports.reports.size() == 2);
}

TEST_CASE("a policy objects to the tool in the body, not to the one in a header",
          "[proxy][tap][policy]") {
  const std::vector<std::string> deny = {"t"};
  const ToolPolicy policy({}, deny);
  TapKit kit({.policy = &policy});
  RequestFacts facts = post_facts();
  facts.names_method = true;
  facts.mcp_method = "tools/list";
  facts.mcp_name = "innocent";
  kit.tap->begin(facts, "/mcp", kit.now);
  kit.tap->on_request_body(kCall, kit.now);
  CHECK(kit.tap->objection() == ExchangeTap::Objection::kTool);
  CHECK(kit.tap->refused_id() == "1");
  CHECK(kit.tap->refused_name() == "t");
  CHECK(kit.stats.read(Stat::kHeaderMismatch) == 1);
}

TEST_CASE("a header that says another thing than the body is counted, and refused if strict",
          "[proxy][tap]") {
  for (const bool strict : {false, true}) {
    TapKit kit({.strict = strict});
    RequestFacts facts = post_facts();
    facts.names_method = true;
    facts.mcp_method = "tools/call";
    facts.mcp_name = "other";
    kit.tap->begin(facts, "/mcp", kit.now);
    kit.tap->on_request_body(kCall, kit.now);
    CHECK(kit.stats.read(Stat::kHeaderMismatch) == 1);
    CHECK((kit.tap->objection() == ExchangeTap::Objection::kMismatch) == strict);
  }
}

TEST_CASE("an answer in events is told as it comes", "[proxy][tap]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  kit.tap->on_request_body(kCall, kit.now);
  const ReadHead head(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nMcp-Session-Id: s\r\n"
      "Transfer-Encoding: chunked\r\n\r\n",
      http::Side::kResponse);
  kit.tap->on_response(*head, kit.now);
  kit.tap->on_payload("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,", false, kit.now,
                      kit.now.monotonic);
  kit.tap->pause();
  CHECK(kit.reports.all<mcp::ExchangeMessage>().size() == 1);
  kit.tap->on_payload("\"result\":{}}\n\n", false, kit.now, kit.now.monotonic);
  kit.tap->pause();
  const auto messages = kit.reports.all<mcp::ExchangeMessage>();
  REQUIRE(messages.size() == 2);
  CHECK(messages[1]->direction == Direction::kToClient);
  const auto responses = kit.reports.all<mcp::ExchangeResponded>();
  REQUIRE(responses.size() == 1);
  CHECK(responses[0]->session_id == "s");
  CHECK(responses[0]->body == mcp::ExchangeResponded::Body::kEvents);
}

TEST_CASE("the endpoint of HTTP+SSE is told as a path, however it was written", "[proxy][tap]") {
  for (const std::string_view uri :
       {"/message?sessionId=1", "http://h:1/message?sessionId=1", "message?sessionId=1"}) {
    CAPTURE(uri);
    TapKit kit;
    RequestFacts facts;
    facts.method = mcp::HttpMethod::kGet;
    kit.tap->begin(facts, "/sse", kit.now);
    const ReadHead head("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
                        http::Side::kResponse);
    kit.tap->on_response(*head, kit.now);
    kit.tap->on_payload("event: endpoint\ndata: " + std::string(uri) + "\n\n", false, kit.now,
                        kit.now.monotonic);
    kit.tap->end(How::kComplete, kit.now);
    const auto endpoints = kit.reports.all<mcp::ExchangeEndpoint>();
    REQUIRE(endpoints.size() == 1);
    CHECK(endpoints[0]->path == "/message?sessionId=1");
  }
}

TEST_CASE("a JSON answer is told the same in one piece and in many", "[proxy][tap]") {
  const std::string answer =
      R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"x"}]}})";
  for (const std::size_t piece : {answer.size(), std::size_t{1}, std::size_t{7}}) {
    TapKit kit;
    kit.tap->begin(post_facts(), "/mcp", kit.now);
    const ReadHead head("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                            std::to_string(answer.size()) + "\r\n\r\n",
                        http::Side::kResponse);
    kit.tap->on_response(*head, kit.now);
    for (std::size_t at = 0; at < answer.size(); at += piece) {
      kit.tap->on_payload(std::string_view(answer).substr(at, piece), piece == answer.size(),
                          kit.now, kit.now.monotonic);
    }
    if (piece != answer.size()) kit.tap->on_payload_end(kit.now);
    kit.tap->end(How::kComplete, kit.now);
    const auto messages = kit.reports.all<mcp::ExchangeMessage>();
    REQUIRE(messages.size() == 1);
    CHECK(messages[0]->message.message()[jsonrpc::Field::kId].text == "1");
  }
}

TEST_CASE("a large result is hashed as it passes", "[proxy][tap]") {
  const std::string result = "{\"content\":[\"" + std::string(200'000, 'x') + "\"]}";
  const std::string answer = R"({"jsonrpc":"2.0","id":1,"result":)" + result + "}";
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  const ReadHead head(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n",
      http::Side::kResponse);
  kit.tap->on_response(*head, kit.now);
  for (std::size_t at = 0; at < answer.size(); at += 65536) {
    kit.tap->on_payload(std::string_view(answer).substr(at, 65536), false, kit.now,
                        kit.now.monotonic);
  }
  kit.tap->on_payload_end(kit.now);
  kit.tap->end(How::kComplete, kit.now);
  const auto messages = kit.reports.all<mcp::ExchangeMessage>();
  REQUIRE(messages.size() == 1);
  CHECK(messages[0]->sighting.result_stream == kit.reports.last_stream);
  CHECK(kit.reports.hashed == result);
}

TEST_CASE("threads mint the same correlation id for a session", "[proxy][stamper]") {
  Random one(1);
  Random two(2);
  const Stamper a(one, 99);
  const Stamper b(two, 99);
  RequestFacts facts;
  facts.session_id = "session";
  CHECK(a.correlation_id(facts, {}) == b.correlation_id(facts, {}));
  RequestFacts other;
  other.session_id = "another";
  CHECK(a.correlation_id(facts, {}) != a.correlation_id(other, {}));
}

TEST_CASE("a policy does not let pass what servers may read in two ways", "[proxy][tap][policy]") {
  const std::vector<std::string> deny = {"secret"};
  const ToolPolicy policy({}, deny);
  const auto objection = [&](std::string_view body, bool json = true) {
    TapKit kit({.policy = &policy});
    RequestFacts facts = post_facts();
    facts.json = json;
    kit.tap->begin(facts, "/mcp", kit.now);
    kit.tap->on_request_body(body, kit.now);
    return kit.tap->objection();
  };
  using Objection = ExchangeTap::Objection;
  constexpr std::string_view kTwice =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret","name":"echo"}})";
  constexpr std::string_view kDenied =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret"}})";
  CHECK(objection(kTwice) == Objection::kAmbiguous);
  CHECK(objection("{'method':'tools/call'}") == Objection::kAmbiguous);
  CHECK(objection(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" +
                  std::string(2000, 'x') + "\"}}") == Objection::kAmbiguous);
  CHECK(objection(kDenied, false) == Objection::kTool);
  CHECK(objection("grant_type=client_credentials", false) == Objection::kNone);
  CHECK(objection(kCall) == Objection::kNone);
}

TEST_CASE("what asks the client is told before it is forwarded", "[proxy][tap]") {
  TapKit kit;
  RequestFacts facts;
  facts.method = mcp::HttpMethod::kGet;
  kit.tap->begin(facts, "/mcp", kit.now);
  const ReadHead head("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
                      http::Side::kResponse);
  kit.tap->on_response(*head, kit.now);
  REQUIRE(kit.tap->looks_first());
  kit.tap->on_payload("data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n\n", false,
                      kit.now, {});
  kit.tap->before_events();
  CHECK(kit.reports.reports.empty());
  kit.tap->on_payload("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"roots/list\"}\n\n", false,
                      kit.now, {});
  kit.tap->before_events();
  CHECK(kit.reports.all<mcp::ExchangeMessage>().size() == 2);
}

TEST_CASE("of a body with more messages than anybody sends the rest is not looked at",
          "[proxy][tap]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  std::string body = "[";
  for (int i = 0; i < 5000; ++i) body += R"({"jsonrpc":"2.0","id":1,"method":"ping"},)";
  body.back() = ']';
  kit.tap->on_request_body(body, kit.now);
  kit.tap->end(How::kComplete, kit.now);
  CHECK(kit.reports.all<mcp::ExchangeMessage>().size() == ExchangeTap::kMessagesMax);
  CHECK(kit.stats.read(Stat::kMessagesUnread) == 1);
  // The same where the body comes in pieces.
  kit.restart();
  kit.reports.reports.clear();
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  mcp::Splicer splicer(*kit.tap, {});
  for (std::string_view rest = body; !rest.empty();) {
    const std::size_t part = rest.copy(splicer.space().data(), 1000);
    splicer.take(part, kit.now);
    rest.remove_prefix(part);
    while (!splicer.ready().empty()) splicer.written(splicer.ready().front().iov_len);
  }
  kit.tap->end(How::kComplete, kit.now);
  CHECK(kit.reports.all<mcp::ExchangeMessage>().size() == ExchangeTap::kMessagesMax);
  CHECK(kit.stats.read(Stat::kMessagesUnread) == 2);
  kit.restart();
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  CHECK_FALSE(kit.tap->on_request_body(kCall, kit.now).text.empty());
}

TEST_CASE("what is not observed is neither told nor changed", "[proxy][tap][observe]") {
  TapKit kit({.inject = false, .observe = false});
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  CHECK(kit.tap->on_request_body(kCall, kit.now).text.empty());
  const ReadHead head(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n",
      http::Side::kResponse);
  kit.tap->on_response(*head, kit.now);
  CHECK_FALSE(kit.tap->looks_first());
  kit.tap->on_payload("{]", true, kit.now, kit.now.monotonic);
  kit.tap->end(How::kComplete, kit.now);
  CHECK(kit.reports.reports.empty());
  CHECK(kit.stats.read(Stat::kNotJsonRpc) == 0);
}

TEST_CASE("a policy is kept where nothing is observed", "[proxy][tap][policy][observe]") {
  const std::vector<std::string> deny = {"t"};
  const ToolPolicy policy({}, deny);
  TapKit kit({.policy = &policy, .inject = false, .observe = false});
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  kit.tap->on_request_body(kCall, kit.now);
  CHECK(kit.tap->objection() == ExchangeTap::Objection::kTool);
  kit.tap->end(How::kDenied, kit.now);
  CHECK(kit.reports.reports.empty());
}
