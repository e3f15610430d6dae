#include <catch2/catch_test_macros.hpp>

#include "proxy/head_for_test.h"
#include "proxy/request_body.h"
#include "proxy/response_body.h"
#include "proxy/tap_kit_for_test.h"

using namespace sonde;
using namespace sonde::proxy;

namespace {

std::string text_of(std::span<const iovec> pieces) {
  std::string text;
  for (const iovec& piece : pieces) {
    text.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return text;
}

/// A body pushed through in pieces of one size, written in pieces of another.
struct Passed {
  std::string out;
  std::string taken;
  RequestBody::State state{};
  http::Framing framing{};
  std::uint64_t length = 0;
};

Passed pass(TapKit& kit, std::string_view fields, std::string_view wire, std::size_t piece,
            RequestBodyLimits limits = {}, bool must_know = false, bool scanned = true) {
  kit.restart();
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  const ReadHead head("POST / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n\r\n");
  RequestBody::Buffers buffers;
  RequestBody body(*kit.tap, limits, must_know, buffers);
  body.begin(*head, scanned, kit.rules.inject);
  Passed passed;
  const auto write = [&] {
    while (!body.ready().empty()) {
      const std::string text = text_of(body.ready()).substr(0, 1000);
      passed.out += text;
      body.written(text.size());
    }
  };
  while (!wire.empty() && body.state() != RequestBody::State::kComplete &&
         body.state() != RequestBody::State::kRefused) {
    const std::size_t taken = body.take(wire.substr(0, piece), kit.now);
    passed.taken.append(wire.substr(0, taken));
    wire.remove_prefix(taken);
    write();
  }
  passed.state = body.state();
  if (passed.state == RequestBody::State::kComplete) {
    write();
    passed.framing = body.framing();
    passed.length = body.length();
  }
  return passed;
}

std::string with_length(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size());
}

/// What a receiver makes of chunks.
std::string unchunked(std::string_view wire) {
  const ReadHead head("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  http::BodyReader reader;
  reader.begin(*head);
  std::string out;
  while (!wire.empty() && reader.state() == http::State::kReading) {
    const auto piece = reader.next(wire);
    out += piece.payload;
    wire.remove_prefix(piece.consumed);
  }
  CHECK(reader.state() == http::State::kDone);
  CHECK(wire.empty());
  return out;
}

std::string chunked(std::string_view body, std::size_t size) {
  std::string out;
  char line[32];
  for (std::size_t at = 0; at < body.size(); at += size) {
    const std::string_view part = body.substr(at, size);
    snprintf(line, sizeof line, "%zx\r\n", part.size());
    out.append(line).append(part).append("\r\n");
  }
  return out + "0\r\n\r\n";
}

std::string large_call(std::size_t bytes) {
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"x":")" +
         std::string(bytes, 'x') + "\"}}}";
}

/// Without our context and the blanks that make up for it.
std::string without_ours(std::string text) {
  const std::size_t begin = text.find(R"(,"_meta":{"traceparent")");
  if (begin != std::string::npos) {
    const std::size_t end = text.find("\"}", text.find("request_id", begin)) + 2;
    text.erase(begin, end - begin);
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("a small body leaves whole, with its new length", "[proxy][body]") {
  TapKit kit;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{10}, std::size_t{10'000}}) {
    const Passed passed = pass(kit, with_length(kCall), kCall, piece);
    CHECK(passed.state == RequestBody::State::kComplete);
    CHECK(passed.framing == http::Framing::kLength);
    CHECK(passed.length == passed.out.size());
    CHECK(passed.out.contains("traceparent"));
    CHECK(without_ours(passed.out) == kCall);
  }
}

TEST_CASE("what follows a body is not taken", "[proxy][body]") {
  TapKit kit;
  const Passed passed =
      pass(kit, with_length(kCall), std::string(kCall) + "GET / HTTP/1.1\r\n", 1 << 20);
  CHECK(passed.taken == kCall);
}

TEST_CASE("a large body streams, and comes out as long as it was announced", "[proxy][body]") {
  TapKit kit;
  const std::string body = large_call(300'000);
  for (const std::size_t piece : {std::size_t{997}, std::size_t{65'536}, std::size_t{1'000'000}}) {
    CAPTURE(piece);
    const Passed passed = pass(kit, with_length(body), body, piece);
    CHECK(passed.state == RequestBody::State::kComplete);
    CHECK(passed.length == body.size() + RequestBody::kReserve);
    CHECK(passed.out.size() == passed.length);
    CHECK(without_ours(passed.out) == body);
  }
}

TEST_CASE("chunks stay chunks, small and large", "[proxy][body]") {
  TapKit kit;
  for (const std::size_t size : {std::size_t{10}, std::size_t{300'000}}) {
    const std::string body = large_call(size);
    for (const std::size_t chunk : {std::size_t{5'000}, std::size_t{70'000}}) {
      for (const std::size_t piece : {std::size_t{777}, std::size_t{1'000'000}}) {
        CAPTURE(size, chunk, piece);
        const Passed passed = pass(kit, "Transfer-Encoding: chunked", chunked(body, chunk), piece);
        CHECK(passed.framing == http::Framing::kChunked);
        const std::string out = unchunked(passed.out);
        CHECK(without_ours(out) == body);
        CHECK(out.contains("traceparent"));
      }
    }
  }
}

TEST_CASE("what is not JSON passes as it is, of any size", "[proxy][body]") {
  TapKit kit;
  for (const std::size_t size : {std::size_t{10}, std::size_t{300'000}}) {
    const std::string body(size, '\n');
    const Passed passed = pass(kit, with_length(body), body, 60'000, {}, false, false);
    CHECK(passed.length == body.size());
    CHECK(passed.out == body);
    const Passed in_chunks =
        pass(kit, "Transfer-Encoding: chunked", chunked(body, 999), 60'000, {}, false, false);
    CHECK(unchunked(in_chunks.out) == body);
  }
}

TEST_CASE("a request without a body is complete at once", "[proxy][body]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  const ReadHead head("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  RequestBody::Buffers buffers;
  RequestBody body(*kit.tap, {}, false, buffers);
  body.begin(*head, true, true);
  CHECK(body.state() == RequestBody::State::kComplete);
  CHECK(body.ready().empty());
}

TEST_CASE("what must be known and does not fit is refused, and so is too much", "[proxy][body]") {
  TapKit kit;
  const std::string body = large_call(3'000);
  const RequestBodyLimits limits{.whole_bytes_max = 1'000, .held_bytes_max = 2'000};
  CHECK(pass(kit, with_length(body), body, 500, limits, true).state ==
        RequestBody::State::kRefused);
  CHECK(pass(kit, with_length(body), body, 500, limits).state == RequestBody::State::kComplete);
  CHECK(pass(kit, "Transfer-Encoding: chunked", chunked(body, 100), 500, {.body_bytes_max = 1'000})
            .state == RequestBody::State::kRefused);
}

TEST_CASE("an answer is framed as the client was told", "[proxy][body]") {
  const std::string payload = "event: message\ndata: {}\n\n";
  const auto passed = [&](std::string_view fields, std::string_view wire, http::Framing framing,
                          std::size_t piece) {
    const ReadHead head("HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n",
                        http::Side::kResponse);
    ResponseBody body;
    body.begin(*head, framing);
    std::string out;
    while (!wire.empty() && body.state() == http::State::kReading) {
      const std::size_t taken = body.take(wire.substr(0, piece));
      out += text_of(body.pieces());
      wire.remove_prefix(taken);
    }
    if (body.end_of_stream()) {
      body.take({});
      out += text_of(body.pieces());
    }
    CHECK(body.state() == http::State::kDone);
    return out;
  };
  using http::Framing;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{9}, std::size_t{1000}}) {
    CAPTURE(piece);
    const std::string chunks = "Transfer-Encoding: chunked\r\n";
    CHECK(unchunked(passed(chunks, chunked(payload, 4), Framing::kChunked, piece)) == payload);
    CHECK(passed(chunks, chunked(payload, 4), Framing::kUntilClose, piece) == payload);
    CHECK(unchunked(passed("", payload, Framing::kChunked, piece)) == payload);
    CHECK(passed(with_length(payload) + "\r\n", payload, Framing::kLength, piece) == payload);
  }
}

TEST_CASE("an answer that breaks off has no end", "[proxy][body]") {
  const ReadHead head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                      http::Side::kResponse);
  ResponseBody body;
  body.begin(*head, http::Framing::kChunked);
  body.take("4\r\nabcd\r\n");
  CHECK_FALSE(text_of(body.pieces()).contains("0\r\n\r\n"));
  CHECK_FALSE(body.end_of_stream());
  body.take("zz\r\n");
  CHECK(body.state() == http::State::kRefused);
  CHECK_FALSE(text_of(body.pieces()).contains("0\r\n\r\n"));
}
