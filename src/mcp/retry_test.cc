#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <string>
#include <string_view>

#include "mcp/replay.h"

namespace sonde::mcp {
namespace {

/// A tools/call "a" with the arguments {"x":1}, for which the server wants input first.
class Asked {
 public:
  /// `state` is the requestState as it is written in JSON; none if it is empty.
  explicit Asked(std::string_view state) {
    ask(1, R"({"name":"a","arguments":{"x":1}})");
    park(1, state);
  }

  void park(int id, std::string_view state) {
    answer(id, R"({"resultType":"input_required")" +
                   (state.empty() ? "" : R"(,"requestState":)" + std::string(state)) + "}");
  }
  void ask(int id, std::string_view params, std::string_view method = "tools/call") {
    replay_.client(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" +
                   std::string(method) + R"(","params":)" + std::string(params) + "}\n");
  }
  void answer(int id, std::string_view result) {
    replay_.server(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":)" +
                   std::string(result) + "}\n");
  }
  /// Whether this was taken for the call that waits.
  bool continues(std::string_view params, std::string_view method = "tools/call") {
    const auto before = replay_.stats.read(Stat::kRequestsJoined);
    ask(2, params, method);
    return replay_.stats.read(Stat::kRequestsJoined) > before;
  }

 private:
  Replay replay_;
};

TEST_CASE("a retry has the requestState that the server gave", "[mcp][retry]") {
  const std::string state = GENERATE(R"("s")", "1", R"({"a":1})", "null");
  CHECK(Asked(state).continues(R"({"name":"a","requestState":)" + state + "}"));
  for (const char* other : {R"("t")", "2", R"({"a":2})", "true", R"("")"}) {
    CAPTURE(state, other);
    CHECK_FALSE(Asked(state).continues(R"({"name":"a","arguments":{"x":1},"requestState":)" +
                                       std::string(other) + R"(,"inputResponses":{}})"));
  }
}

TEST_CASE("a requestState may be escaped in another way", "[mcp][retry]") {
  CHECK(Asked(R"("a/b")").continues(R"({"name":"a","requestState":"\u0061\/b"})"));
}

TEST_CASE("a call without the requestState that was given is no retry", "[mcp][retry]") {
  CHECK_FALSE(Asked(R"("s")").continues(R"({"name":"a","arguments":{"x":1},"inputResponses":{}})"));
}

TEST_CASE("a call with a requestState that nobody gave is no retry", "[mcp][retry]") {
  CHECK_FALSE(Asked("").continues(
      R"({"name":"a","arguments":{"x":1},"requestState":"s","inputResponses":{}})"));
}

TEST_CASE("without a requestState a retry has the same arguments, and input", "[mcp][retry]") {
  CHECK(Asked("").continues(R"({"name":"a","arguments":{"x":1},"inputResponses":{}})"));
  CHECK_FALSE(Asked("").continues(R"({"name":"a","arguments":{"x":2},"inputResponses":{}})"));
  // The same call once more, as anybody may make it.
  CHECK_FALSE(Asked("").continues(R"({"name":"a","arguments":{"x":1}})"));
}

TEST_CASE("a retry is of the same tool and the same method", "[mcp][retry]") {
  CHECK_FALSE(Asked(R"("s")").continues(R"({"name":"b","requestState":"s"})"));
  CHECK_FALSE(Asked(R"("s")").continues(R"({"name":"a","requestState":"s"})", "prompts/get"));
}

TEST_CASE("a call that has become a task waits for no retry", "[mcp][retry]") {
  Asked call(R"("s")");
  CHECK(call.continues(R"({"name":"a","requestState":"s"})"));
  call.answer(2, R"({"task":{"taskId":"t","status":"working"}})");
  CHECK_FALSE(call.continues(R"({"name":"a","requestState":"s"})"));
}

}  // namespace
}  // namespace sonde::mcp
