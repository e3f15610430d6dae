#include <catch2/catch_test_macros.hpp>

#include "mcp/replay.h"

namespace sonde::mcp {
namespace {

using namespace std::chrono_literals;

/// A tools/call with id 1 that has become the task "t".
class TaskBench {
 public:
  TaskBench() {
    replay_.client(R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a",)"
                   R"("_meta":{"progressToken":5}}})"
                   "\n");
    answer(1, R"({"task":{"taskId":"t","status":"working"}})");
  }

  void ask(int id, std::string_view method) {
    replay_.client(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" +
                   std::string(method) + R"(","params":{"taskId":"t"}})" + "\n");
  }
  void answer(int id, std::string_view result) {
    replay_.server(R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":)" +
                   std::string(result) + "}\n");
  }
  void poll(int id, std::string_view status) {
    ask(id, "tasks/get");
    answer(id, R"({"taskId":"t","status":")" + std::string(status) + "\"}");
  }
  void progress() {
    replay_.server(R"({"jsonrpc":"2.0","method":"notifications/progress",)"
                   R"("params":{"progressToken":5,"progress":1}})"
                   "\n");
  }
  void advance(std::chrono::nanoseconds by) { replay_.advance(by); }

  /// The record of the call itself; null as long as there is none.
  const CallRecord* call() const {
    for (const ObservedCall& call : replay_.calls) {
      if (call.record.method == "tools/call") return &call.record;
    }
    return nullptr;
  }

 private:
  Replay replay_;
};

TEST_CASE("a task of which nothing is heard for ten minutes is given up", "[mcp][tasks]") {
  TaskBench task;
  task.poll(2, "working");
  task.advance(599s);
  CHECK(task.call() == nullptr);
  task.advance(1s);
  REQUIRE(task.call());
  CHECK(task.call()->status == CallStatus::kAborted);
  CHECK(task.call()->error_type == "expired");
}

TEST_CASE("polls and progress are news of a task", "[mcp][tasks]") {
  TaskBench task;
  for (int id = 2; id < 6; ++id) {
    task.advance(400s);
    id % 2 == 0 ? task.progress() : task.poll(id, "working");
  }
  CHECK(task.call() == nullptr);
  task.poll(9, "cancelled");
  REQUIRE(task.call());
  CHECK(task.call()->duration == 1600s);
  CHECK(task.call()->progress_count == 2);
  CHECK(task.call()->hops == 4);
}

TEST_CASE("while somebody waits for its result a task is not given up", "[mcp][tasks]") {
  TaskBench task;
  task.ask(2, "tasks/result");
  task.advance(3600s);
  CHECK(task.call() == nullptr);
  task.answer(2, R"({"content":[{"type":"text","text":"x"}]})");
  REQUIRE(task.call());
  CHECK(task.call()->status == CallStatus::kOk);
  CHECK(task.call()->result_count == 1);
}

TEST_CASE("a task ends when its end is first seen", "[mcp][tasks]") {
  TaskBench task;
  task.advance(10s);
  task.poll(2, "completed");
  task.advance(3s);
  task.poll(3, "completed");
  task.advance(2s);
  REQUIRE(task.call());
  CHECK(task.call()->status == CallStatus::kOk);
  CHECK(task.call()->duration == 10s);
}

TEST_CASE("the result of an ended task makes it whole", "[mcp][tasks]") {
  TaskBench task;
  task.advance(10s);
  task.poll(2, "completed");
  task.advance(3s);
  task.ask(3, "tasks/result");
  task.answer(3, R"({"content":[],"isError":true})");
  REQUIRE(task.call());
  CHECK(task.call()->error_type == "tool_error");
  CHECK(task.call()->duration == 10s);
  CHECK(task.call()->result_size_bytes == 29);
}

TEST_CASE("what a task asks of the user is human wait", "[mcp][tasks]") {
  TaskBench task;
  task.advance(1s);
  task.poll(2, "input_required");
  task.advance(20s);
  task.poll(3, "working");
  task.advance(1s);
  task.poll(4, "cancelled");
  REQUIRE(task.call());
  CHECK(task.call()->human_wait == 20s);
  CHECK(task.call()->duration == 22s);
}

TEST_CASE("while user and model are asked, it is the user who is waited for", "[mcp][retry]") {
  Replay replay;
  replay.client(R"({"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"p"}})"
                "\n");
  replay.server(
      R"({"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":)"
      R"({"a":{"method":"elicitation/create"},"b":{"method":"sampling/createMessage"}}}})"
      "\n");
  replay.advance(5s);
  replay.end();

  CHECK(replay.calls.at(0).record.human_wait == 5s);
  CHECK(replay.calls.at(0).record.sampling_wait == 0s);
}

TEST_CASE("a server may cancel a subscription, and nothing else that was asked", "[mcp][cancel]") {
  Replay replay;
  replay.client(R"({"jsonrpc":"2.0","id":1,"method":"server/discover"})"
                "\n");
  replay.server(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"
                "\n");

  CHECK(replay.tracker.open_calls() == 1);
  CHECK(replay.stats.read(Stat::kCancelUnknown) == 1);
}

}  // namespace
}  // namespace sonde::mcp
