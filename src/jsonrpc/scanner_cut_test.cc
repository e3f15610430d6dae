#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <random>
#include <string>
#include <string_view>

#include "jsonrpc/scanner_oracle.h"
#include "jsonrpc/scanner_transcript.h"

namespace sonde::jsonrpc {
namespace {

/// Small enough that the streams below go beyond each.
constexpr Limits kTight{.id = 3,
                        .method = 9,
                        .name = 4,
                        .uri = 5,
                        .meta = 20,
                        .params = 30,
                        .arguments = 50,
                        .result = 40,
                        .content = 60,
                        .tools = 30,
                        .error = 12,
                        .bad_lines_max = 4};

const std::string kCall =
    R"({"method":"tools/call","params":{"name":"search","arguments":{"q":"a,\"b\\","n":[1,2]},)"
    R"("_meta":{"progressToken":17}},"jsonrpc":"2.0","id":3})";
const std::string kResponse =
    R"({"result":{"content":[{"type":"text","text":"h\"ello, [x] and a good deal more of it"},{}],)"
    R"("structuredContent":{"a":[1,[2,{}]]},"isError":false,"tools":[{"name":"t"}],)"
    R"("_meta":{"x":null},"resultType":"complete"},"jsonrpc":"2.0","id":"a string"})";
const std::string kError =
    R"({ "\u0065rror" : { "code" : -32601e0 , "message" : "no \u00e9 such" } , "id" : null }  )";
const std::string kBatches =
    "\xEF\xBB\xBF[{\"id\":1,\"method\":\"a\"}, {\"result\":[],\"id\":2} ,12.5, \"x\", [[]] ]\n[]\n"
    "[1,{\"id\":2}]";
const std::string kBadLines =
    "[INFO] "
    "started\n\xEF\xBBhello\n\r\n{foo}\ntrue\nfalsy\n\"text\\\"\"\n{\"a\":tru}\nlog\n{\"ke\n{"
    "\"id\":1}";
const std::string kTwice =
    R"({"id":1,"params":{"name":"x","_meta":{}},"id":22,"params":{"uri":"u","arguments":[]},)"
    R"("params":{"name":"the last one","uri":"and its uri"},"method":"twice"})";
const std::string kTorn = R"({"id":1,"method":"m","x":[{"y":"]"}],"params":[1,2,3]})"
                          "\n{\"id\":1,\"method\":\"m\"}\n{\"id\":1,\"method\":\"cut";

const std::string kStreams[] = {kCall + "\n",
                                kResponse + "\n",
                                kError + "\r\n",
                                kBatches + "\n",
                                kBadLines + "\n",
                                kTwice + "\n",
                                kTorn};

TEST_CASE("a last chunk yields what a chunk and the end do", "[jsonrpc][cut]") {
  const auto& stream = GENERATE(from_range(std::begin(kStreams), std::end(kStreams)));
  const bool newline = GENERATE(true, false);
  const Limits limits = GENERATE(Limits{}, kTight);
  std::string_view text = stream;
  if (!newline && text.ends_with('\n')) text.remove_suffix(1);
  const Transcript whole = without_end_marks(transcribe(text, limits));
  REQUIRE_FALSE(whole.empty());
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    INFO("cut at " << cut);
    REQUIRE(transcribe_last(text, cut, limits) == whole);
  }
}

TEST_CASE("after a last chunk another stream may follow", "[jsonrpc][cut]") {
  Transcriber transcriber;
  transcriber.feed_last(kCall);
  const Transcript both = transcriber.feed_last(kResponse);
  REQUIRE(both.size() == 2);
  CHECK(both[0].starts_with("request"));
  CHECK(both[1].starts_with("response"));
}

TEST_CASE("where a stream is cut in two makes no difference", "[jsonrpc][cut]") {
  const auto& stream = GENERATE(from_range(std::begin(kStreams), std::end(kStreams)));
  const Limits limits = GENERATE(Limits{}, kTight);
  const Transcript whole = transcribe(stream, limits);

  for (std::size_t at = 1; at < stream.size(); ++at) {
    std::size_t size = at;
    const auto next = [&] { return std::exchange(size, stream.size()); };
    REQUIRE(transcribe(stream, limits, next) == whole);
  }
}

TEST_CASE("nor does the size of the chunks, down to one byte", "[jsonrpc][cut]") {
  std::string stream;
  for (const std::string& one : kStreams) stream += one;
  const Limits limits = GENERATE(Limits{}, kTight);
  const Transcript whole = transcribe(stream, limits);

  for (std::size_t chunk_bytes = 1; chunk_bytes < 300; ++chunk_bytes) {
    REQUIRE(transcribe_by(chunk_bytes, stream, limits) == whole);
  }
}

/// A value of about `size` bytes, of everything that JSON has.
std::string any_value(std::mt19937& random, int size) {
  static constexpr std::string_view kScalars[] = {
      "0",       "-1.5e-7",          "true",        "false", "null", R"("")",
      R"("\\")", R"("a\"b,]}\\\"")", "\"\xC3\xA9\""};
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  if (size < 8 || pick(6) == 0) return std::string(kScalars[pick(9)]);
  if (pick(4) == 0) return '"' + std::string(static_cast<std::size_t>(pick(size)), 'x') + '"';
  const bool object = pick(2) == 0;
  std::string text(1, object ? '{' : '[');
  for (int left = size; left > 0 && pick(8) != 0; left -= size / 3 + 1) {
    if (text.size() > 1) text += pick(3) == 0 ? " , " : ",";
    if (object) text += R"("k":)";
    text += any_value(random, size / 3);
  }
  return text + (object ? '}' : ']');
}

/// A message whose keys come in any order, some of them more than once.
std::string any_message(std::mt19937& random) {
  static constexpr std::string_view kTop[] = {"id",     "method", "jsonrpc",      "params",
                                              "result", "error",  "m\\u0065thod", "x"};
  static constexpr std::string_view kInner[] = {
      "name",    "uri",  "arguments",         "_meta", "content",    "isError",
      "message", "code", "structuredContent", "tools", "\\u006eame", "resultType",
      "y"};
  const auto object = [&](auto&& keys, auto&& value) {
    std::string text = "{";
    for (unsigned n = random() % 7; n > 0; --n) {
      if (text.size() > 1) text += ",";
      const std::string_view key = keys[random() % std::size(keys)];
      text += "\"" + std::string(key) + "\":" + value(key);
    }
    return text + "}";
  };
  const auto leaf = [&](std::string_view) {
    return any_value(random, static_cast<int>(random() % 300));
  };
  return object(kTop, [&](std::string_view key) {
    const bool looked_into = key == "params" || key == "result" || key == "error";
    if (looked_into && random() % 4 != 0) return object(kInner, leaf);
    return key == "method" ? std::string(R"("tools/call")") : leaf(key);
  });
}

TEST_CASE("any message is what simdjson finds in it", "[jsonrpc][cut]") {
  std::mt19937 random(20261121);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = any_message(random);
    INFO(text);
    simdjson::dom::parser parser;
    REQUIRE(parser.parse(text).error() == simdjson::SUCCESS);
    check_against_simdjson(text);
  }
}

TEST_CASE("any messages are the same however they are cut", "[jsonrpc][cut]") {
  std::mt19937 random(426);
  for (int i = 0; i < 150; ++i) {
    std::string stream;
    for (int n = 0; n < 4; ++n) stream += any_message(random) + "\n";
    const Limits limits = i % 2 == 0 ? Limits{} : kTight;
    INFO(stream);
    const auto any_size = [&] { return 1 + random() % 200; };
    REQUIRE(transcribe(stream, limits, any_size) == transcribe(stream, limits));
  }
}

}  // namespace
}  // namespace sonde::jsonrpc
