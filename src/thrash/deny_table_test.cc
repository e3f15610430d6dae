#include "thrash/deny_table.h"

#include <atomic>
#include <string>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "thrash/denial.h"

namespace sonde::thrash {
namespace {

using std::chrono::seconds;

DenyTable::Call call_of(std::string_view session, std::string_view tool, std::string_view args) {
  return {.session = session_key(session), .server = "srv", .tool = tool, .args_hash = args};
}

bool deny(DenyTable& table, const DenyTable::Call& call, DenyTable::Time until,
          DenyTable::Time now = {}, std::uint32_t calls = 6) {
  return table.deny(call.session, call_key(hash_of(call.server), call.tool, call.args_hash),
                    {.calls = calls, .until = until}, now);
}

TEST_CASE("nothing is denied until something is, and no longer than it is", "[deny]") {
  DenyTable table;
  CHECK_FALSE(table.any(seconds(1)));
  deny(table, call_of("s", "read", "c1:1"), seconds(10));
  CHECK(table.any(seconds(9)));
  CHECK(table.find(call_of("s", "read", "c1:1"), seconds(9)));
  CHECK_FALSE(table.any(seconds(10)));
  CHECK_FALSE(table.find(call_of("s", "read", "c1:1"), seconds(10)));
}

TEST_CASE("a tool is listed as long as one call of it is denied", "[deny]") {
  DenyTable table;
  deny(table, call_of("s", "read", "c1:1"), seconds(10));
  CHECK(table.lists("srv", "read", seconds(1)));
  CHECK_FALSE(table.lists("srv", "write", seconds(1)));
  CHECK_FALSE(table.lists("other", "read", seconds(1)));
  CHECK_FALSE(table.lists("srv", "read", seconds(11)));
}

TEST_CASE("the denial that ends first makes room for one too many", "[deny]") {
  DenyTable table;
  for (std::size_t i = 0; i < DenyTable::kSlots; ++i) {
    CHECK(deny(table, call_of("s", "read", std::to_string(i)), seconds(100 + static_cast<int>(i))));
  }
  CHECK_FALSE(deny(table, call_of("s", "read", "new"), seconds(500)));
  CHECK_FALSE(table.find(call_of("s", "read", "0"), seconds(1)));
  CHECK(table.find(call_of("s", "read", "1"), seconds(1)));
  CHECK(table.find(call_of("s", "read", "new"), seconds(1)));
  // What is over is no loss.
  CHECK(deny(table, call_of("s", "read", "later"), seconds(500), seconds(150)));
}

TEST_CASE("a call that is denied again is denied once, for longer", "[deny]") {
  DenyTable table;
  for (int i = 0; i < 1000; ++i) deny(table, call_of("s", "read", "x"), seconds(10 + i));
  deny(table, call_of("s", "write", "y"), seconds(20));
  CHECK(table.find(call_of("s", "read", "x"), seconds(1008)));
  CHECK(table.find(call_of("s", "write", "y"), seconds(1)));
}

TEST_CASE("readers beside the writer see a denial whole or not at all", "[deny]") {
  DenyTable table;
  std::atomic<bool> stop = false;
  std::atomic<bool> wrong = false;
  std::thread reader([&] {
    while (!stop.load()) {
      for (int i = 0; i < 200; ++i) {
        const auto found = table.find(call_of("s", "read", std::to_string(i)), seconds(1));
        if (found && found->calls != static_cast<std::uint32_t>(i)) wrong.store(true);
      }
    }
  });
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 200; ++i) {
      deny(table, call_of("s", "read", std::to_string(i)), seconds(10 + round), {},
           static_cast<std::uint32_t>(i));
    }
  }
  stop.store(true);
  reader.join();
  CHECK_FALSE(wrong.load());
}

TEST_CASE("the agent is told why, and when it may ask again", "[deny]") {
  const std::string text =
      denial_text("read", {.calls = 7, .until = seconds(60)}, std::chrono::milliseconds(500));
  CHECK(text.contains("`read`"));
  CHECK(text.contains("7 times"));
  CHECK(text.contains("60 s"));
}

TEST_CASE("the answer is a result of the tool that is an error", "[deny]") {
  CHECK(denial_response("7", "not \"again\"", false) ==
        R"({"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text",)"
        R"("text":"not \"again\""}],"isError":true}})");
  CHECK(denial_response(R"("a")", "x", true).contains(R"("resultType":"complete")"));
}

}  // namespace
}  // namespace sonde::thrash
