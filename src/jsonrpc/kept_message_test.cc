#include "jsonrpc/kept_message.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sonde::jsonrpc {
namespace {

constexpr std::string_view kCall =
    R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add",)"
    R"("arguments":{"a":1,"b":[2,3]},"_meta":{"progressToken":"p"}}})";

/// All that a message says, in words of its own memory.
std::vector<std::string> told(const Message& message) {
  std::vector<std::string> all;
  for (const Value& value : message.fields) {
    all.push_back(std::to_string(value.present) + std::to_string(value.truncated) + " " +
                  std::to_string(value.size) + " " + std::to_string(value.elements) + " " +
                  std::string(value.text));
  }
  return all;
}

/// The message of `line`, read in pieces of `piece` bytes, and what it said while it was valid.
std::pair<KeptMessage, std::vector<std::string>> keep(std::string_view line, std::size_t piece,
                                                      Limits limits = {}) {
  Scanner scanner(limits);
  const std::string whole = std::string(line) + "\n";
  for (std::size_t at = 0; at < whole.size(); at += piece) {
    // Each in memory of its own, so that a view into it cannot outlive it unnoticed.
    const std::vector<char> chunk(
        whole.begin() + static_cast<std::ptrdiff_t>(at),
        whole.begin() + static_cast<std::ptrdiff_t>(std::min(at + piece, whole.size())));
    scanner.feed({chunk.data(), chunk.size()});
    if (const Message* message = scanner.next()) return {KeptMessage(*message), told(*message)};
  }
  return {};
}

TEST_CASE("a kept message says the same when its scanner is gone", "[jsonrpc][kept]") {
  const std::size_t piece = GENERATE(1U, 2U, 7U, 40U, 1000U);

  const auto [kept, said] = keep(kCall, piece);

  REQUIRE_FALSE(said.empty());
  CHECK(told(kept.message()) == said);
  CHECK(kept.message().kind == Kind::kRequest);
  CHECK(kept.message().end == kCall.size());
  CHECK(kept.message()[Field::kName].text == R"("add")");
  REQUIRE(kept.message().splice);
}

TEST_CASE("what lies far between two values is not kept", "[jsonrpc][kept]") {
  const std::string line =
      R"({"id":1,"method":"m","x":")" + std::string(10'000, 'x') + R"(","params":{"name":"n"}})";

  const auto [kept, said] = keep(line, line.size() + 1);

  CHECK(told(kept.message()) == said);
  CHECK(kept.bytes_held() < sizeof(Message) + 512);
  CHECK(kept.message().whole.empty());
}

TEST_CASE("what lies within another value is kept once", "[jsonrpc][kept]") {
  const std::string blob(10'000, 'x');
  const std::string line =
      R"({"id":1,"result":{"content":[{"type":"text","text":")" + blob + R"("}],"isError":false}})";

  const auto [kept, said] = keep(line, line.size() + 1);

  CHECK(kept.message()[Field::kContent].text.size() > blob.size());
  CHECK(kept.message()[Field::kResult].text.size() > blob.size());
  CHECK(kept.bytes_held() < sizeof(Message) + line.size() + 256);
}

TEST_CASE("a value that reaches past a truncated one around it is kept whole", "[jsonrpc][kept]") {
  const std::string line =
      R"({"id":1,"method":"tools/call","params":{"arguments":{"a":"0123456789"},"name":"n"}})";

  const auto [kept, said] = keep(line, GENERATE(3U, 1000U), {.params = 20});

  CHECK(told(kept.message()) == said);
  CHECK(kept.message()[Field::kParams].truncated);
  CHECK(kept.message()[Field::kArguments].text == R"({"a":"0123456789"})");
}

TEST_CASE("a kept message stays in place when it is moved", "[jsonrpc][kept]") {
  auto [first, said] = keep(kCall, 1000);
  const Message* const at = &first.message();

  KeptMessage second = std::move(first);

  CHECK(&second.message() == at);
  CHECK(told(second.message()) == said);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): it says that it is left empty.
  CHECK(first.bytes_held() == 0);
  CHECK(first.message().kind == Kind::kNotJson);
}

TEST_CASE("memory of one kept message serves another", "[jsonrpc][kept]") {
  const std::string large = R"({"id":1,"result":{"text":")" + std::string(2'000, 'x') +
                            R"("}})"
                            "\n";
  const std::string line = std::string(kCall) + "\n";
  Scanner scanner;
  scanner.feed(large);
  KeptMessage first(*scanner.next());
  const Message* const at = &first.message();
  KeptMemory memory = first.release();
  CHECK(first.empty());
  CHECK(memory.size() > 2'000);
  CHECK(scanner.next() == nullptr);

  scanner.feed(line);
  const Message* const message = scanner.next();
  KeptMessage second(*message, std::move(memory));

  CHECK(&second.message() == at);
  CHECK(told(second.message()) == told(*message));
  CHECK(second.bytes_held() > 2'000);
  CHECK(scanner.next() == nullptr);

  scanner.feed(large);
  KeptMemory small = KeptMessage(*scanner.next(), {}).release();
  const std::string larger = R"({"id":1,"result":{"text":")" + std::string(9'000, 'x') +
                             R"("}})"
                             "\n";
  CHECK(scanner.next() == nullptr);
  scanner.feed(larger);
  const Message* const more = scanner.next();
  CHECK(told(KeptMessage(*more, std::move(small)).message()) == told(*more));
  CHECK(KeptMessage().release().size() == 0);
}

TEST_CASE("an empty kept message is a message without values", "[jsonrpc][kept]") {
  const KeptMessage nothing;

  CHECK(nothing.message().kind == Kind::kNotJson);
  CHECK_FALSE(nothing.message()[Field::kId].present);
}

}  // namespace
}  // namespace sonde::jsonrpc
