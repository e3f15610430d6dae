#include "http/head_writer.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "http/head_reader.h"

namespace sonde::http {
namespace {

/// `text` read and written anew; "" if it could not be written.
std::string rewritten(std::string_view text, const Rewrite& rewrite = {},
                      Side side = Side::kRequest, bool answers_head = false) {
  HeadReader reader(side);
  reader.reset(answers_head);
  reader.feed(text);
  REQUIRE(reader.state() == State::kDone);
  std::string out = "before ";
  const bool written = append_head(out, reader.head(), rewrite).has_value();
  CHECK(out.starts_with("before "));
  if (!written) CHECK(out == "before ");
  return out.substr(7);
}

constexpr std::string_view kPlain = "POST /mcp HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_CASE("a clean head is written as it was", "[http][writer]") {
  constexpr std::string_view kHead =
      "POST /mcp?a=b HTTP/1.1\r\nhost: A\r\nX-y: \xc3\xa9 \"\r\nContent-Length: 3\r\nx-Y: "
      "2\r\n\r\n";
  CHECK(rewritten(kHead) == kHead);
}

TEST_CASE("fields for one connection only are left out", "[http][writer]") {
  CHECK(rewritten("POST / HTTP/1.1\r\nHost: a\r\nConnection: Foo, upgrade\r\nfoo: 1\r\n"
                  "Keep-Alive: 5\r\nProxy-Connection: x\r\nTE: trailers\r\nTrailer: X\r\n"
                  "Upgrade: h2c\r\nHTTP2-Settings: A\r\nBar: 2\r\n\r\n") ==
        "POST / HTTP/1.1\r\nHost: a\r\nBar: 2\r\n\r\n");
}

TEST_CASE("the framing is said once, where it stood", "[http][writer]") {
  CHECK(rewritten("POST / HTTP/1.1\r\nTRANSFER-ENCODING:\tChunked\t\r\nHost: a\r\n\r\n") ==
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n");
  const Rewrite longer{.framing = Framing::kLength, .content_length = 12};
  CHECK(rewritten("POST / HTTP/1.1\r\nContent-Length: 3\r\nHost: a\r\n\r\n", longer) ==
        "POST / HTTP/1.1\r\nContent-Length: 12\r\nHost: a\r\n\r\n");
  CHECK(rewritten(kPlain, longer) == "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n");
}

TEST_CASE("a target is written in origin-form", "[http][writer]") {
  CHECK(rewritten("GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\n") ==
        "GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(rewritten(kPlain, {.path = "/other"}).starts_with("POST /other HTTP/1.1\r\n"));
  CHECK(rewritten(kPlain, {.path = "/a b"}).empty());
  CHECK(rewritten(kPlain, {.path = "/a\r\nX: 1"}).empty());
  CHECK(rewritten(kPlain, {.path = "*"}).empty());
}

TEST_CASE("fields are replaced, added and dropped", "[http][writer]") {
  const Rewrite::NewField set[] = {{.name = "X", .value = "new"}, {.name = "Y", .value = ""}};
  const std::string_view drop[] = {"cookie"};
  CHECK(rewritten("GET / HTTP/1.1\r\nx: 1\r\nHost: a\r\nCookie: c\r\nX: 2\r\n\r\n",
                  {.set = set, .drop = drop}) ==
        "GET / HTTP/1.1\r\nHost: a\r\nX: new\r\nY: \r\n\r\n");
  constexpr std::string_view kForUs =
      "GET / HTTP/1.1\r\nHost: a\r\nProxy-Authorization: t\r\nExpect: 100-continue\r\n\r\n";
  CHECK(rewritten(kForUs) == kForUs);
  CHECK(rewritten(kForUs, {.drop_proxy_authorization = true, .drop_expect = true}) ==
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST_CASE("no field can be added that would be read as another", "[http][writer]") {
  const auto with = [](std::string_view name, std::string_view value) {
    const Rewrite::NewField set[] = {{.name = name, .value = value}};
    return rewritten(kPlain, {.set = set});
  };
  CHECK_FALSE(with("X", "1").empty());
  CHECK(with("X", "1\r\nY: 2").empty());
  CHECK(with("X", "1\n").empty());
  CHECK(with("X", std::string_view("\0", 1)).empty());
  CHECK(with("X", " 1").empty());
  CHECK(with("X ", "1").empty());
  CHECK(with("", "1").empty());
  CHECK(with("Content-Length", "1").empty());
  CHECK(with("content_length", "1").empty());
  CHECK(with("transfer-encoding", "chunked").empty());
  CHECK(with("Connection", "close").empty());
  CHECK(with("Host", "a b").empty());
}

TEST_CASE("a request goes on with exactly one Host", "[http][writer]") {
  const Rewrite::NewField host[] = {{.name = "host", .value = "b:1"},
                                    {.name = "Host", .value = "c"}};
  const std::string_view drop[] = {"HOST"};
  CHECK(rewritten("GET / HTTP/1.0\r\n\r\n").empty());
  CHECK(rewritten("GET / HTTP/1.0\r\n\r\n", {.set = std::span(host).first(1)}) ==
        "GET / HTTP/1.1\r\nhost: b:1\r\n\r\n");
  CHECK(rewritten(kPlain, {.set = std::span(host).first(1)}) ==
        "POST /mcp HTTP/1.1\r\nhost: b:1\r\n\r\n");
  CHECK(rewritten(kPlain, {.set = host}).empty());
  CHECK(rewritten(kPlain, {.drop = drop}).empty());
}

TEST_CASE("a response keeps its status, its reason and its framing", "[http][writer]") {
  const auto response = [](std::string_view text, bool answers_head = false) {
    return rewritten(text, {}, Side::kResponse, answers_head);
  };
  CHECK(response("HTTP/1.0 404 Not  Here\r\nContent-Length: 0\r\n\r\n") ==
        "HTTP/1.1 404 Not  Here\r\nContent-Length: 0\r\n\r\n");
  CHECK(response("HTTP/1.1 200\r\n\r\n") == "HTTP/1.1 200 \r\nConnection: close\r\n\r\n");
  CHECK(response("HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n") == "HTTP/1.1 204 x\r\n\r\n");
  CHECK(response("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", true) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
  CHECK(response("HTTP/1.1 304 x\r\n\r\n") == "HTTP/1.1 304 x\r\n\r\n");
}

TEST_CASE("the last message of a connection says so", "[http][writer]") {
  CHECK(rewritten(kPlain, {.close = true}) ==
        "POST /mcp HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace sonde::http
