#include "proxy/inflater.h"

#include <zlib.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

#include "proxy/head_for_test.h"
#include "proxy/tap_kit_for_test.h"

using namespace sonde;
using namespace sonde::proxy;

namespace {

std::string packed(std::string_view text, int window = 15 + 16) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string unpacked(std::string_view bytes, std::size_t piece, bool& gave_up) {
  Inflater inflater;
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    inflater.feed(bytes.substr(at, piece), [&](std::string_view text) { out += text; });
  }
  gave_up = inflater.gave_up();
  return out;
}

}  // namespace

TEST_CASE("gzip and deflate are unpacked however they are cut", "[proxy][inflater]") {
  const std::string text = std::string(100'000, 'x') + "end";
  const int window = GENERATE(15 + 16, 15);
  const std::size_t piece = GENERATE(1U, 100U, 1'000'000U);
  bool gave_up = true;
  CHECK(unpacked(packed(text, window), piece, gave_up) == text);
  CHECK_FALSE(gave_up);
}

TEST_CASE("members that follow each other are one text", "[proxy][inflater]") {
  bool gave_up = true;
  CHECK(unpacked(packed("one") + packed("two"), 7, gave_up) == "onetwo");
  CHECK_FALSE(gave_up);
}

TEST_CASE("what is no gzip is given up, and so is a bomb", "[proxy][inflater]") {
  bool gave_up = false;
  unpacked("this is plain", 100, gave_up);
  CHECK(gave_up);
  gave_up = false;
  const std::string out = unpacked(packed(std::string(100'000'000, 'x')), 1000, gave_up);
  CHECK(gave_up);
  CHECK(out.size() < 50'000'000);
}

TEST_CASE("an answer that is compressed is observed all the same", "[proxy][tap][inflater]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  const ReadHead head(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
      "Transfer-Encoding: chunked\r\n\r\n",
      http::Side::kResponse);
  kit.tap->on_response(*head, kit.now);
  const std::string bytes = packed("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
  kit.tap->on_payload(bytes.substr(0, 20), false, kit.now, kit.now.monotonic);
  kit.tap->on_payload(bytes.substr(20), false, kit.now, kit.now.monotonic);
  kit.tap->end(mcp::ExchangeEnded::How::kComplete, kit.now);
  CHECK(kit.reports.all<mcp::ExchangeMessage>().size() == 1);
}

TEST_CASE("a compressed JSON answer in one piece ends with its last byte",
          "[proxy][tap][inflater]") {
  TapKit kit;
  kit.tap->begin(post_facts(), "/mcp", kit.now);
  const ReadHead head(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
      "Content-Length: 9\r\n\r\n",
      http::Side::kResponse);
  kit.tap->on_response(*head, kit.now);
  kit.tap->on_payload(packed(R"({"jsonrpc":"2.0","id":1,"result":{}})"), true, kit.now,
                      kit.now.monotonic);
  kit.tap->end(mcp::ExchangeEnded::How::kComplete, kit.now);
  CHECK(kit.reports.all<mcp::ExchangeMessage>().size() == 1);
}
