#include <map>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/random.h"
#include "mcp/known_tools.h"
#include "mcp/methods.h"
#include "mcp/results.h"
#include "mcp/tracked_call.h"
#include "mcp/tracker_state_internal.h"
#include "mcp/wire_values.h"

namespace sonde::mcp {
namespace {

/// An index and a map side by side: whatever is done to both, they agree.
class IndexBench {
 public:
  void insert(std::uint64_t hash) {
    TrackedCall& call = pool_.take();
    index_.insert(hash, call);
    model_.emplace(hash, &call);
  }
  void erase(std::size_t nth) {
    const auto victim = std::next(model_.begin(), static_cast<std::ptrdiff_t>(nth));
    index_.erase(victim->first, *victim->second);
    pool_.give_back(*victim->second);
    model_.erase(victim);
  }
  bool agrees() const {
    for (const auto& [hash, call] : model_) {
      const TrackedCall* const wanted = call;
      if (index_.find(hash, [&](const TrackedCall& c) { return &c == wanted; }) != call)
        return false;
    }
    return index_.find(999, [](const TrackedCall&) { return true; }) == nullptr;
  }
  std::size_t size() const { return model_.size(); }

 private:
  CallPool pool_;
  CallIndex index_;
  std::multimap<std::uint64_t, TrackedCall*> model_;
};

TEST_CASE("an index finds what a map finds, collisions and all", "[mcp][index]") {
  const std::uint64_t spread = GENERATE(as<std::uint64_t>(), 1, 7, 64, 1'000'000);
  Random random(spread);
  IndexBench bench;
  for (int step = 0; step < 800; ++step) {
    const bool grow = bench.size() == 0 || (random.next() % 100 < 55 && bench.size() < 200);
    if (grow) {
      bench.insert(1000 + random.next() % spread);
    } else {
      bench.erase(random.next() % bench.size());
    }
    REQUIRE(bench.agrees());
  }
}

TEST_CASE("a list keeps the order in which calls came", "[mcp][list]") {
  CallPool pool;
  CallList<&TrackedCall::age> list;
  TrackedCall& a = pool.take();
  TrackedCall& b = pool.take();
  TrackedCall& c = pool.take();
  for (TrackedCall* call : {&a, &b, &c, &b}) list.push_back(*call);

  CHECK(list.size() == 3);
  list.remove(b);
  list.remove(b);
  CHECK(list.front() == &a);
  CHECK(list.after(a) == &c);
  CHECK(list.before(c) == &a);
  list.remove(a);
  list.remove(c);
  CHECK(list.front() == nullptr);
  CHECK(list.back() == nullptr);
}

TEST_CASE("a reference does not outlive the use of its call", "[mcp][pool]") {
  CallPool pool;
  TrackedCall& call = pool.take();
  const CallRef ref{.call = &call, .serial = call.serial};
  CHECK(ref.get() == &call);
  pool.give_back(call);
  CHECK(ref.get() == nullptr);
  CHECK(&pool.take() == &call);
  CHECK(ref.get() == nullptr);
}

TEST_CASE("each method goes the ways the protocol says", "[mcp][methods]") {
  CHECK(find_method("tools/call").goes(Direction::kToServer));
  CHECK_FALSE(find_method("tools/call").goes(Direction::kToClient));
  CHECK(find_method("ping").goes(Direction::kToClient));
  CHECK_FALSE(find_method("elicitation/create").goes(Direction::kToServer));
  CHECK(find_method("x-vendor/own").goes(Direction::kToServer));
  CHECK(find_method("x-vendor/own").goes(Direction::kToClient));
  CHECK(find_method("").role == Role::kOther);
  CHECK(find_method("tools/list").role == Role::kToolsList);
  CHECK(find_method("completion/complete").name == "completion/complete");
}

TEST_CASE("time-outs are told from other reasons", "[mcp][cancel]") {
  const std::string_view reason =
      GENERATE("Request timed out", "TIMEOUT", "Time-out after 5 s", "context deadline exceeded",
               "McpError: MCP error -32001: x", "timeout: 60000ms");
  CHECK(says_timeout(reason));
  CHECK_FALSE(says_timeout("User pressed escape at that time"));
  CHECK_FALSE(says_timeout(""));
}

TEST_CASE("ids are read by type", "[mcp][ids]") {
  using Type = WireId::Type;
  CHECK(read_wire_id("1") == WireId{.type = Type::kNumber, .text = "1"});
  CHECK(read_wire_id("\"1\"") == WireId{.type = Type::kString, .text = "1"});
  CHECK(read_wire_id(R"("\u0061")") == read_wire_id("\"a\""));
  CHECK(read_wire_id("null").type == Type::kNull);
  CHECK(read_wire_id("").type == Type::kNone);
  CHECK(read_wire_id("{}").type == Type::kNone);
  CHECK(hash_id(read_wire_id("1")) != hash_id(read_wire_id("\"1\"")));
  const std::string longer(300, 'x');
  CHECK(read_wire_id('"' + longer + '"').text == longer.substr(0, 256) + "…302");
}

TEST_CASE("a text is clipped between two characters", "[mcp][text]") {
  CHECK(read_text("\"abc\"", 2) == "ab");
  CHECK(read_text("\"a\xc3\xa9\"", 2) == "a");
  CHECK(read_text(R"("\u00e9\u00e9")", 3) == "\xc3\xa9");
  CHECK(read_text("7", 9).empty());
  CHECK(read_text("\"", 9).empty());
  CHECK(read_text("\"cut off", 99) == "cut off");
  CHECK(read_text("\"cut off in an escape \\u00", 99).starts_with("cut off in an escape "));
}

TEST_CASE("a result inside another value is read like one of its own", "[mcp][results]") {
  const auto facts = read_result(
      R"({"content":[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"}],"isError":true})",
      99);
  CHECK(facts.tool_error);
  CHECK(facts.count == 3);
  CHECK(facts.error_text == "a\nb");
  CHECK(read_result(R"({"structuredContent":{"rows":[1,2],"n":2}})", 9).count == 2);
  CHECK_FALSE(read_result("{}", 9).count);
  CHECK_FALSE(read_result("[]", 9).tool_error);
}

TEST_CASE("both forms of a task are read", "[mcp][results]") {
  CHECK(read_task_state(R"({"task":{"taskId":"t","status":"working"}})").id == "t");
  const auto flat = read_task_state(R"({"status":"failed","taskId":"t","error":{"code":1}})");
  CHECK(flat.status == "failed");
  CHECK(flat.error == R"({"code":1})");
  CHECK(read_task_state("[]").id.empty());
}

TEST_CASE("what a server asks for is told apart", "[mcp][results]") {
  const auto both = read_input_request(
      R"({"inputRequests":{"a":{"method":"elicitation/create"},"b":{"method":"sampling/createMessage"}}})");
  CHECK(both.asks_human);
  CHECK(both.asks_model);
  CHECK_FALSE(both.state_hash);
  const auto state = read_input_request(R"({"requestState":"\u0061"})");
  CHECK(state.state_hash == read_input_answer(R"({"requestState":"a"})").state_hash);
  CHECK(read_input_answer(R"({"inputResponses":{}})").has_responses);
}

TEST_CASE("tool names are learnt up to a limit", "[mcp][tools]") {
  KnownTools tools(2);
  tools.learn(R"([{"name":"a","_meta":{"name":"x"}},{"title":"name","name":"b"},{"name":"c"}])",
              true);
  CHECK(tools.knows("a"));
  CHECK(tools.knows("b"));
  CHECK_FALSE(tools.knows("c"));
  CHECK_FALSE(tools.knows("x"));
  CHECK_FALSE(tools.knows("name"));
}

TEST_CASE("a changed list holds until it is read anew", "[mcp][tools]") {
  KnownTools tools(9);
  tools.learn(R"([{"name":"a"}])", true);
  tools.changed();
  tools.learn(R"([{"name":"b"}])", false);
  CHECK(tools.knows("a"));
  tools.learn(R"([{"name":"c"},{"name":"d)", true);
  CHECK_FALSE(tools.knows("a"));
  CHECK(tools.knows("c"));
}

TEST_CASE("waits that overlap count once", "[mcp][waits]") {
  using std::chrono::nanoseconds;
  WaitTime wait;
  wait.open(nanoseconds(10));
  wait.open(nanoseconds(20));
  wait.close(nanoseconds(30));
  CHECK(wait.total(nanoseconds(35)) == nanoseconds(25));
  wait.close(nanoseconds(40));
  wait.close(nanoseconds(90));
  CHECK(wait.total(nanoseconds(99)) == nanoseconds(30));
}

}  // namespace
}  // namespace sonde::mcp
