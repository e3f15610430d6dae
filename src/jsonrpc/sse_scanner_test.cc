#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jsonrpc/sse_reference.h"

namespace sonde::jsonrpc {
namespace {

using Strings = std::vector<std::string>;

/// What a SseScanner yields, shortly: "kind json-rpc-id @last-event-id", "endpoint uri".
Strings yields_of(SseScanner& scanner, std::string_view chunk) {
  constexpr std::string_view kKinds[] = {"request",  "notification", "error",
                                         "response", "not json-rpc", "not json"};
  Strings said;
  scanner.feed(chunk);
  for (auto step = scanner.next(); step != SseScanner::Step::kNothing; step = scanner.next()) {
    if (step == SseScanner::Step::kEndpoint) {
      said.push_back("endpoint " + std::string(scanner.endpoint()));
      continue;
    }
    const Message& message = scanner.message();
    std::string text(kKinds[static_cast<std::size_t>(message.kind)]);
    if (message[Field::kId].present) text += " " + std::string(message[Field::kId].text);
    if (scanner.event().has_id) text += " @" + std::string(scanner.event().last_id);
    said.push_back(text);
  }
  return said;
}

Strings yields_of(std::string_view stream) {
  SseScanner scanner;
  return yields_of(scanner, stream);
}

/// A request-scoped stream of 2026-07-28.
const std::string kModern =
    ": keepalive\n\n"
    "event: message\ndata: {\"method\":\"notifications/progress\",\"params\":{\"progress\":1}}\n\n"
    ": keepalive\n\n"
    "event: message\ndata: {\"result\":{\"content\":[]},\"jsonrpc\":\"2.0\",\"id\":\"c-7\"}\n\n";

/// A stream of 2025-11-25 that can be resumed.
const std::string kResumable =
    "id: s1_0\nretry: 3000\ndata: \n\n"
    "event: message\nid: s1_1\ndata: {\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"ping\"}\n\n"
    "id: s1_2\nevent: message\ndata: "
    "{\"jsonrpc\":\"2.0\",\"id\":9,\"error\":{\"code\":-32601}}\n\n";

/// HTTP+SSE of 2024-11-05, as Python writes it.
const std::string kOld =
    "event: endpoint\r\ndata: /messages/?session_id=8f5a\r\n\r\n"
    ": ping - 2026-11-21 12:00:00+00:00\r\n\r\n"
    "event: message\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{}}\r\n\r\n";

const std::string kMultiLine =
    "data: {\ndata:   \"id\": 1,\ndata:   \"result\": [1,\ndata: 2]\ndata: }\n\n"
    "data: [{\"id\":2,\"method\":\"a\"},\ndata:{\"id\":3,\"result\":{}}]\n\n";

/// Where messages that are no JSON end tells one line end from another.
const std::string kNoJson =
    "data: hello\r\n\r\ndata: a\rdata: {\r\n\n: c\r\n\r\ndata: b\n\r\ndata: c\r\r\n"
    "data: d\r\nid: 1\n\ndata: e\n\n";

TEST_CASE("each event of type message is a message", "[jsonrpc][sse]") {
  CHECK(yields_of(kModern) == Strings{"notification", "response \"c-7\""});
}

TEST_CASE("a message comes with the id its client would resume from", "[jsonrpc][sse]") {
  SseScanner scanner;
  CHECK(yields_of(scanner, kResumable) == Strings{"request 4 @s1_1", "error 9 @s1_2"});
  CHECK(scanner.retry_ms() == 3000);
  CHECK(scanner.event().last_id == "s1_2");
}

TEST_CASE("an id counts though it stands behind the data", "[jsonrpc][sse]") {
  CHECK(yields_of("data: {\"id\":1,\"result\":{}}\nid: x\n\n") == Strings{"response 1 @x"});
}

TEST_CASE("the priming event moves the id and yields nothing", "[jsonrpc][sse]") {
  SseScanner scanner;
  CHECK(yields_of(scanner, "id: p0\ndata: \n\nid: p1\ndata:\n\n").empty());
  CHECK(scanner.event().last_id == "p1");
}

TEST_CASE("the endpoint of HTTP+SSE is yielded before its messages", "[jsonrpc][sse]") {
  CHECK(yields_of(kOld) == Strings{"endpoint /messages/?session_id=8f5a", "response 0"});
}

TEST_CASE("an endpoint beyond its limit is cut, and says so", "[jsonrpc][sse]") {
  SseScanner scanner({}, {.endpoint = 4});
  CHECK(yields_of(scanner, "event: endpoint\ndata: /mes\n\n") == Strings{"endpoint /mes"});
  CHECK_FALSE(scanner.endpoint_cut());
  scanner = SseScanner({}, {.endpoint = 4});
  scanner.feed("event: endpoint\ndata: /message\n\n");
  REQUIRE(scanner.next() == SseScanner::Step::kEndpoint);
  CHECK(scanner.endpoint() == "/mes");
  CHECK(scanner.endpoint_cut());
}

TEST_CASE("a JSON document may be broken over lines of data", "[jsonrpc][sse]") {
  CHECK(yields_of(kMultiLine) == Strings{"response 1", "request 2", "response 3"});
}

TEST_CASE("events of other types are passed over", "[jsonrpc][sse]") {
  CHECK(yields_of("event: ping\ndata: {\"id\":1,\"result\":{}}\n\n"
                  "event: messages\ndata: {\"id\":2,\"result\":{}}\n\n"
                  "event\ndata: {\"id\":3,\"result\":{}}\n\n") == Strings{"response 3"});
}

TEST_CASE("so are they if the type comes behind the data", "[jsonrpc][sse]") {
  CHECK(yields_of("data: {\"id\":1,\"result\":{}}\nevent: ping\n\n"
                  "data: {\"id\":\nevent: ping\ndata: 2,\"result\":{}}\n\n"
                  "data: /late\nevent: endpoint\n\n"
                  "data: {\"id\":3,\"result\":{}}\nevent: message\n\n") ==
        Strings{"endpoint /late", "response 3"});
}

TEST_CASE("and if there are two types around the data", "[jsonrpc][sse]") {
  CHECK(yields_of("event: x\ndata: {}\nevent: message\n\n"
                  "event: x\ndata: {}\nevent: endpoint\ndata: /x\n\n")
            .empty());
}

TEST_CASE("data that are no JSON are one bad message, and the next event is read",
          "[jsonrpc][sse]") {
  CHECK(yields_of("data: hello\n\ndata: {\"id\":1,\n\ndata: {\"id\":2,\"result\":{}}\n\n") ==
        Strings{"not json", "not json", "response 2"});
}

TEST_CASE("an event that is cut by the end of the stream yields nothing", "[jsonrpc][sse]") {
  SseScanner scanner;
  CHECK(yields_of(scanner, "data: {\"id\":1,\"result\":{}}\n").empty());
  CHECK(scanner.in_event());
}

TEST_CASE("a message in one chunk is not copied, with any of the usual line ends",
          "[jsonrpc][sse]") {
  const std::string end = GENERATE("\n", "\r\n");
  const std::string stream =
      "event: message" + end + "data: {\"id\":1,\"result\":{\"x\":1}}" + end + end;
  SseScanner scanner;
  scanner.feed(stream);
  REQUIRE(scanner.next() == SseScanner::Step::kMessage);
  const std::string_view result = scanner.message()[Field::kResult].text;
  CHECK(result.data() == stream.data() + stream.find("{\"x\""));
  CHECK(scanner.kept_bytes() == 0);
}

TEST_CASE("a message of many megabytes in one line of data needs no memory", "[jsonrpc][sse]") {
  const std::string piece(64 * 1024, 'x');
  SseScanner scanner;
  CHECK(yields_of(scanner, R"(data: {"id":1,"result":{"content":[{"text":")").empty());
  std::size_t kept_max = 0;
  for (int i = 0; i < 1024; ++i) {
    REQUIRE(yields_of(scanner, piece).empty());
    kept_max = std::max(kept_max, scanner.kept_bytes());
  }
  CHECK(kept_max < 256 * 1024);
  scanner.feed("\"}]}}\n\n");
  REQUIRE(scanner.next() == SseScanner::Step::kMessage);
  CHECK(scanner.message().size() > 64 * 1024 * 1024);
  CHECK(scanner.event().data_bytes == scanner.message().size());
}

TEST_CASE("where a stream of messages is cut in two makes no difference", "[jsonrpc][sse][cut]") {
  const auto& stream = GENERATE(kModern, kResumable, kOld, kMultiLine, kNoJson,
                                kModern + kResumable + kOld + kMultiLine);
  const SseLimits limits = GENERATE(SseLimits{}, SseLimits{.type = 9, .id = 3, .endpoint = 5});
  const Transcript expected = expected_messages(stream, {}, limits).value_or(Transcript{});
  REQUIRE_FALSE(expected.empty());

  for (std::size_t at = 1; at <= stream.size(); ++at) {
    std::size_t size = at;
    const auto next = [&] { return std::exchange(size, stream.size()); };
    REQUIRE(transcribe_sse(SseScannerTranscriber({}, limits), stream, next) == expected);
    REQUIRE(transcribe_sse(SseScannerTranscriber({}, limits), stream, [&] { return at; }) ==
            expected);
  }
}

}  // namespace
}  // namespace sonde::jsonrpc
