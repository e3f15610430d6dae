#include "http/head_reader.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "http/transcript_for_test.h"

namespace sonde::http {
namespace {

/// What the reader refuses `text` for; "none" if it does not.
std::string_view refusal_of(std::string_view text, Side side = Side::kRequest,
                            bool answers_head = false, const Limits& limits = {}) {
  HeadReader reader(side, limits);
  reader.reset(answers_head);
  reader.feed(text);
  return name_of(reader.refusal());
}

std::string request(std::string_view fields, std::string_view version = "1.1") {
  return "POST /mcp HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(fields) +
         "\r\n";
}

Head read(HeadReader& reader, std::string_view text) {
  reader.feed(text);
  REQUIRE(reader.state() == State::kDone);
  return reader.head();
}

bool persists(std::string_view text, Side side = Side::kRequest) {
  HeadReader reader(side);
  return read(reader, text).persistent;
}

std::string_view answer(std::string_view text, bool answers_head = false) {
  HeadReader reader(Side::kResponse);
  reader.reset(answers_head);
  switch (read(reader, text).framing) {
    case Framing::kNone:
      return "none";
    case Framing::kLength:
      return "length";
    case Framing::kChunked:
      return "chunked";
    default:
      return "close";
  }
}

TEST_CASE("a request says its method, target, fields and framing", "[http][head]") {
  HeadReader reader(Side::kRequest);
  const std::string text = request("X-A:  b c \t\r\nContent-Length: 12\r\nx-a:\r\n");
  const Head head = read(reader, text + "{}");

  CHECK(reader.bytes() == text.size());
  CHECK(head.method == "POST");
  CHECK(head.target == "/mcp");
  CHECK(head.host == "a");
  REQUIRE(head.fields.size() == 4);
  CHECK(head.fields[1].name == "X-A");
  CHECK(head.fields[1].value == "b c");
  CHECK(head.fields[3].value.empty());
  CHECK(head.framing == Framing::kLength);
  CHECK(head.content_length == 12);
  CHECK(head.persistent);
}

TEST_CASE("a field is found in any case", "[http][head]") {
  HeadReader reader(Side::kRequest);
  const Head head = read(reader, request("Mcp-Session-Id: s\r\nX: 1\r\nx: 2\r\n"));

  REQUIRE(head.find("mcp-session-id") != nullptr);
  CHECK(head.find("mcp-session-id") == head.find(FieldId::kMcpSessionId));
  CHECK(head.find("X")->value == "1");
  CHECK(head.find("y") == nullptr);
}

TEST_CASE("a head leaves the next message where it is", "[http][head]") {
  HeadReader reader(Side::kRequest);
  const std::string first = request("");
  CHECK(reader.feed(first + "GET / HTTP/1.1\r\n") == first.size());
  CHECK(reader.feed("more") == 0);
  reader.reset();
  CHECK(reader.feed("GET / HTTP/1.1\r\nHost: b\r\n\r\n") == 27);
  CHECK(reader.head().host == "b");
  CHECK(reader.head().fields.size() == 1);
}

TEST_CASE("a connection persists as its version and Connection say", "[http][head]") {
  CHECK(persists(request("Connection: x, Keep-Alive\r\n")));
  CHECK_FALSE(persists(request("Connection: CLOSE\r\n")));
  CHECK_FALSE(persists(request("Connection: keep-alive\r\nConnection: close\r\n")));
  CHECK_FALSE(persists(request("", "1.0")));
  CHECK(persists(request("Connection: , keep-alive\r\n", "1.0")));
  CHECK_FALSE(persists("HTTP/1.1 200 OK\r\n\r\n", Side::kResponse));
  CHECK(persists("HTTP/1.1 204\r\n\r\n", Side::kResponse));
}

TEST_CASE("what Connection names is for one connection only", "[http][head]") {
  HeadReader reader(Side::kRequest);
  const Head head = read(reader, request("Foo: 1\r\nConnection: foo\r\nBar: 2\r\nTE: x\r\n"));

  CHECK(head.find("foo")->hop_by_hop);
  CHECK_FALSE(head.find("bar")->hop_by_hop);
  CHECK(head.find("te")->hop_by_hop);
}

TEST_CASE("100-continue is asked for by 1.1 with a body only", "[http][head]") {
  HeadReader reader(Side::kRequest);
  CHECK(read(reader, request("Expect: 100-Continue\r\nContent-Length: 1\r\n")).expects_continue);
  reader.reset();
  CHECK_FALSE(read(reader, request("Expect: 100-continue\r\n")).expects_continue);
  reader.reset();
  CHECK_FALSE(read(reader, request("Expect: 100-continue\r\nContent-Length: 1\r\n", "1.0"))
                  .expects_continue);
}

TEST_CASE("a response's body ends where RFC 9112 6.3 says", "[http][head]") {
  CHECK(answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n") == "length");
  CHECK(answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") == "chunked");
  CHECK(answer("HTTP/1.0 200\r\n\r\n") == "close");
  CHECK(answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true) == "none");
  CHECK(answer("HTTP/1.1 304 \r\nContent-Length: 3\r\n\r\n") == "none");
  CHECK(answer("HTTP/1.1 204 \r\nContent-Length: 0\r\n\r\n") == "none");
  CHECK(answer("HTTP/1.1 100 Continue\r\n\r\n") == "none");
}

TEST_CASE("a response that contradicts itself is refused", "[http][head]") {
  const auto refused = [](std::string_view text) { return refusal_of(text, Side::kResponse); };
  CHECK(refused("HTTP/1.1 204 \r\nContent-Length: 3\r\n\r\n") == "content_length_forbidden");
  CHECK(refused("HTTP/1.1 103 \r\nTransfer-Encoding: chunked\r\n\r\n") ==
        "transfer_encoding_forbidden");
  CHECK(refused("HTTP/1.1 101 Up\r\n\r\n") == "status_upgrade");
  CHECK(refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        "transfer_encoding_on_1_0");
  CHECK(refused("HTTP/1.1 20 OK\r\n\r\n") == "status_line");
  CHECK(refused("HTTP/1.1 2000\r\n\r\n") == "status_line");
  CHECK(refused("HTTP/1.1 600 No\r\n\r\n") == "status_line");
  CHECK(refused("HTTP/1.1  200 OK\r\n\r\n") == "status_line");
  CHECK(refused("HTTP/2.0 200 OK\r\n\r\n") == "version_unknown");
  CHECK(refused("\r\nHTTP/1.1 200 OK\r\n\r\n") == "status_line");
}

TEST_CASE("the limits of a head are exact", "[http][head]") {
  const auto refused = [](std::string_view text, const Limits& limits) {
    const std::string_view whole = refusal_of(text, Side::kRequest, false, limits);
    const std::string cut = read_in_chunks(text, 1, Side::kRequest, limits);
    CHECK((whole == "none" ? !cut.contains('!') : cut.ends_with("!" + std::string(whole))));
    return whole;
  };
  const std::string head = request("X: 1\r\nY: 2\r\n");
  CHECK(refused(head, {.head_bytes_max = head.size()}) == "none");
  CHECK(refused(head, {.head_bytes_max = head.size() - 1}) == "head_too_large");
  CHECK(refused(head, {.fields_max = 3}) == "none");
  CHECK(refused(head, {.fields_max = 2}) == "fields_too_many");
  CHECK(refused(head, {.target_bytes_max = 4}) == "none");
  CHECK(refused(head, {.target_bytes_max = 3}) == "target_too_long");
  CHECK(refused(head, {.field_bytes_max = 7}) == "none");
  CHECK(refused(head, {.field_bytes_max = 6}) == "field_too_long");
  CHECK(refused(request("Content-Length: 9\r\n"), {.body_bytes_max = 9}) == "none");
  CHECK(refused(request("Content-Length: 9\r\n"), {.body_bytes_max = 8}) == "body_too_large");
}

TEST_CASE("a line without end is refused before it is complete", "[http][head]") {
  CHECK(refusal_of("GET /" + std::string(9000, 'a')) == "target_too_long");
  CHECK(refusal_of("GET / HTTP/1.1\r\nX: " + std::string(17000, 'a')) == "field_too_long");
}

TEST_CASE("a Connection of more than 32 words is refused", "[http][head]") {
  std::string words = "Connection: w";
  for (int i = 1; i < 32; ++i) words += ",w";
  CHECK(refusal_of(request(words + "\r\n")) == "none");
  CHECK(refusal_of(request(words + ",w\r\n")) == "connection");
}

TEST_CASE("every refusal has a name, a status and a sentence of its own", "[http][refusal]") {
  std::string names = " ";
  for (std::size_t i = 0; i < static_cast<std::size_t>(Refusal::kCount); ++i) {
    const auto refusal = static_cast<Refusal>(i);
    const std::string name = " " + std::string(name_of(refusal)) + " ";
    CHECK_FALSE(names.contains(name));
    names += name;
    CHECK((status_of(refusal) >= 400 || refusal == Refusal::kNone));
    CHECK_FALSE(sentence_of(refusal).empty());
  }
}

}  // namespace
}  // namespace sonde::http
