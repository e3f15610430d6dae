#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "jsonrpc/scanner.h"

namespace sonde::jsonrpc {
namespace {

/// What the allocator was asked for, to see that memory is constant.
std::size_t& allocated() {
  static std::size_t bytes = 0;
  return bytes;
}

}  // namespace
}  // namespace sonde::jsonrpc

void* operator new(std::size_t size) {
  sonde::jsonrpc::allocated() += size;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace sonde::jsonrpc {
namespace {

/// Feeds chunks of any stream; says what the last message was.
class Feeder {
 public:
  explicit Feeder(Limits limits = {}, ResultListener* listener = nullptr)
      : scanner_(limits, listener) {}

  void feed(std::string_view chunk) {
    scanner_.feed(chunk);
    while (const Message* message = scanner_.next()) {
      last_ = *message;
      ++messages_;
    }
  }

  Scanner& scanner() { return scanner_; }
  const Message& last() const { return last_; }
  int messages() const { return messages_; }

 private:
  Scanner scanner_;
  Message last_;
  int messages_ = 0;
};

constexpr std::size_t kMiB = 1024 * 1024;
const std::string kText(64 * 1024, 'x');

TEST_CASE("a line of any length needs no more memory than a short one", "[jsonrpc][limits]") {
  const auto [head, tail, field] = GENERATE(table<std::string, std::string, Field>({
      {R"({"result":{"content":[{"text":")", "\"}]},\"id\":1}\n", Field::kResult},
      {R"({"id":1,"result":{"content":[{"text":")", "\"}]}}\n", Field::kContent},
      {R"({"id":1,"method":")", "\"}\n", Field::kMethod},
      {R"({"method":"m","params":{"arguments":")", "\"}}\n", Field::kArguments},
      {R"({"id":")", "\"}\n", Field::kId},
      {R"({"method":"m","id":1,"other":")", "\"}\n", Field::kCount},
      {"{\"id\":1,\"", "\":2}\n", Field::kCount},
      {"log: ", "\n", Field::kCount},
  }));
  INFO(head);
  Feeder feeder;
  feeder.feed(head);
  // The buffers grow to their limits, and then no more.
  for (std::size_t fed = 0; fed < 4 * kMiB; fed += kText.size()) feeder.feed(kText);
  const std::size_t before = allocated();
  for (std::size_t fed = 0; fed < 64 * kMiB; fed += kText.size()) feeder.feed(kText);
  CHECK(allocated() == before);
  feeder.feed(tail);

  REQUIRE(feeder.messages() == 1);
  CHECK(feeder.last().size() + 1 >= 68 * kMiB + head.size() + tail.size() - 1);
  if (field == Field::kCount) return;
  CHECK(feeder.last()[field].size >= 68 * kMiB);
  CHECK(feeder.last()[field].truncated);
  CHECK(feeder.last()[field].text.size() <= kMiB);
}

TEST_CASE("once the buffers have grown, messages need no memory", "[jsonrpc][limits]") {
  std::string call = R"({"method":"tools/call","params":{"name":"t","arguments":{"text":")";
  call += std::string(3000, 'x') + "\"}},\"jsonrpc\":\"2.0\",\"id\":1}\n";
  const std::size_t chunk_bytes = GENERATE(std::size_t{7}, std::size_t{1000}, std::size_t{100000});
  Feeder feeder;
  const auto feed_all = [&] {
    for (std::size_t at = 0; at < call.size(); at += chunk_bytes) {
      feeder.feed(std::string_view(call).substr(at, chunk_bytes));
    }
  };
  feed_all();
  const std::size_t before = allocated();
  for (int i = 0; i < 20; ++i) feed_all();

  CHECK(allocated() == before);
  CHECK(feeder.messages() == 21);
}

TEST_CASE("a key that comes again and again needs no memory", "[jsonrpc][limits]") {
  const Limits limits{.uri = 64, .params = 64, .arguments = 256, .tools = 64};
  Feeder feeder(limits);
  feeder.feed("{\"method\":\"m\"");
  const std::string again = R"(,"params":{"arguments":")" + std::string(200, 'x') + "\"}";
  for (int i = 0; i < 10000; ++i) feeder.feed(again);
  const std::size_t before = allocated();
  for (int i = 0; i < 30000; ++i) feeder.feed(again);
  CHECK(allocated() == before);
  feeder.feed(R"(,"params":{"name":"last","arguments":[1]}})"
              "\n");

  REQUIRE(feeder.messages() == 1);
  CHECK(feeder.last().duplicate_keys);
  CHECK(feeder.last()[Field::kName].text == R"("last")");
  CHECK(feeder.last()[Field::kArguments].text == "[1]");
}

TEST_CASE("what lies between the fields is not kept", "[jsonrpc][limits]") {
  Feeder feeder;
  feeder.feed(R"({"id":1,"x":")" + kText + R"(","method":"m","y":")" + kText);

  CHECK(feeder.scanner().kept_bytes() == std::string_view(R"(1"m")").size());
}

TEST_CASE("what several fields share is kept once", "[jsonrpc][limits]") {
  Feeder feeder;
  feeder.feed(R"({"params":{"arguments":{"x":")" + kText.substr(0, 1000));

  CHECK(feeder.scanner().kept_bytes() == std::string_view(R"({"arguments":{"x":")").size() + 1000);
}

TEST_CASE("depth is only a number", "[jsonrpc][limits]") {
  constexpr std::size_t kDepth = 200000;
  std::string message = R"({"method":"m","params":{"arguments":)";
  message += std::string(kDepth, '[') + std::string(kDepth, ']') + "},\"id\":1}\n";
  const std::size_t chunk_bytes = GENERATE(std::size_t{63}, std::size_t{100000000});
  Feeder feeder;
  for (std::size_t at = 0; at < message.size(); at += chunk_bytes) {
    feeder.feed(std::string_view(message).substr(at, chunk_bytes));
  }

  REQUIRE(feeder.messages() == 1);
  CHECK(feeder.last().kind == Kind::kRequest);
  CHECK(feeder.last()[Field::kArguments].size == 2 * kDepth);
  CHECK(feeder.last()[Field::kArguments].elements == 1);
}

TEST_CASE("a value as long as its limit is whole, a longer one a prefix", "[jsonrpc][limits]") {
  const std::size_t chunk_bytes = GENERATE(std::size_t{1}, std::size_t{9}, std::size_t{1000});
  const auto name_of = [&](std::string_view name) {
    Feeder feeder({.name = 5});
    const std::string line = R"({"method":"m","params":{"name":")" + std::string(name) + "\"}}\n";
    for (std::size_t at = 0; at < line.size(); at += chunk_bytes) {
      feeder.feed(std::string_view(line).substr(at, chunk_bytes));
    }
    const Value& value = feeder.last()[Field::kName];
    // The message is over, but its chunk is not: only sizes may be looked at.
    return std::tuple(value.text.size(), value.size, value.truncated);
  };

  CHECK(name_of("abc") == std::tuple(5U, 5U, false));
  CHECK(name_of("abcd") == std::tuple(5U, 6U, true));
}

TEST_CASE("after too many bad lines in a row the stream is given up", "[jsonrpc][limits]") {
  Feeder feeder({.bad_lines_max = 3});
  feeder.feed("log\nlog\n{}\nlog\nlog\n\n");
  CHECK_FALSE(feeder.scanner().disabled());
  CHECK(feeder.messages() == 5);

  feeder.feed("log\n{\"method\":\"m\"}\n");
  CHECK(feeder.scanner().disabled());
  CHECK(feeder.messages() == 6);

  const std::uint64_t before = feeder.scanner().offset();
  feeder.feed("{\"method\":\"m\",\"params\":{}");
  CHECK(feeder.messages() == 6);
  CHECK_FALSE(feeder.scanner().hold_from());
  CHECK(feeder.scanner().offset() == before + 25);
}

/// Puts the pieces of results together again.
class Collector final : public ResultListener {
 public:
  void on_result_bytes(std::string_view bytes, bool first) noexcept override {
    if (first) results_.emplace_back();
    results_.back().append(bytes);
  }
  const std::vector<std::string>& results() const { return results_; }

 private:
  std::vector<std::string> results_;
};

TEST_CASE("the listener hears the bytes of long results and no others", "[jsonrpc][limits]") {
  const std::string large =
      R"({"content":[{"type":"text","text":")" + std::string(500, 'y') + R"("}], "isError":false})";
  const std::string text = "\"" + std::string(300, 'z') + "\"";
  const std::string stream = R"({"id":1,"result": )" + large + " , \"jsonrpc\":\"2.0\"}\n" +
                             R"({"result":{},"id":2})"
                             "\n" +
                             R"({"id":3,"result":)" + text + "}\n[{\"result\":" + large +
                             "},{\"result\":" + large + "}]\n";
  const std::size_t chunk_bytes = GENERATE(range(std::size_t{1}, std::size_t{700}));
  Collector collector;
  Feeder feeder({.result = 100}, &collector);
  for (std::size_t at = 0; at < stream.size(); at += chunk_bytes) {
    feeder.feed(std::string_view(stream).substr(at, chunk_bytes));
  }

  CHECK(collector.results() == std::vector<std::string>{large, text, large, large});
  CHECK(feeder.messages() == 5);
}

TEST_CASE("of two results the listener hears the last one from its beginning",
          "[jsonrpc][limits]") {
  const std::string one = "\"" + std::string(200, 'a') + "\"";
  const std::string two = "\"" + std::string(200, 'b') + "\"";
  const std::string stream = "{\"result\":" + one + ",\"result\":" + two + "}\n";
  const std::size_t chunk_bytes = GENERATE(std::size_t{1}, std::size_t{50}, std::size_t{1000});
  Collector collector;
  Feeder feeder({.result = 10}, &collector);
  for (std::size_t at = 0; at < stream.size(); at += chunk_bytes) {
    feeder.feed(std::string_view(stream).substr(at, chunk_bytes));
  }

  CHECK(collector.results().back() == two);
}

}  // namespace
}  // namespace sonde::jsonrpc
