#include "wrap/conversation.h"

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "base/json_reader.h"

namespace sonde::wrap {
namespace {

using Verdict = Conversation::Verdict;
using Replay = Conversation::Replay;

/// A conversation that is fed lines.
struct Talk {
  Verdict say(Direction direction, std::string line, bool lost = false) {
    line += '\n';
    jsonrpc::Scanner scanner;
    scanner.feed(line);
    Verdict verdict = Verdict::kPass;
    while (const jsonrpc::Message* message = scanner.next()) {
      if (it.on_message(direction, *message, lost) == Verdict::kDrop) verdict = Verdict::kDrop;
    }
    if (verdict == Verdict::kPass) it.on_line(direction, line);
    return verdict;
  }
  Verdict client(std::string line) { return say(Direction::kToServer, std::move(line)); }
  Verdict server(std::string line) { return say(Direction::kToClient, std::move(line)); }
  void greet() {
    client(kInitialize);
    server(R"({"jsonrpc":"2.0","id":0,"result":{"capabilities":{"tools":{}}}})");
    client(kInitialized);
  }

  static constexpr const char* kInitialize =
      R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})";
  static constexpr const char* kInitialized =
      R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

  Stats stats;
  Conversation it{{.token = "t0", .tap_version = "1"}, stats};
};

std::string call(std::string_view id) {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"method":"tools/call","params":{}})";
}
std::string answer(std::string_view id) {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"result":{}})";
}

std::vector<std::string> lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    REQUIRE(end != std::string_view::npos);
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string member(std::string_view object, std::string_view key) {
  return std::string(find_member(object, key).value_or(""));
}

TEST_CASE("a pulse waits until the session has begun and nothing is open", "[wrap][keep]") {
  Talk talk;
  CHECK_FALSE(talk.it.idle());
  talk.client(Talk::kInitialize);
  CHECK_FALSE(talk.it.idle());
  talk.server(answer("0"));
  CHECK_FALSE(talk.it.idle());
  talk.client(Talk::kInitialized);
  CHECK(talk.it.idle());
  talk.client(call("1"));
  CHECK_FALSE(talk.it.idle());
  talk.server(answer("1"));
  CHECK(talk.it.idle());
}

TEST_CASE("numbers and texts are different ids", "[wrap][keep]") {
  Talk talk;
  talk.greet();
  talk.client(call("1"));
  talk.server(answer("\"1\""));
  CHECK_FALSE(talk.it.idle());
}

TEST_CASE("a request that was cancelled is not waited for", "[wrap][keep]") {
  Talk talk;
  talk.greet();
  talk.client(call("7"));
  talk.client(R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})");
  CHECK(talk.it.idle());
}

TEST_CASE("the answer to a pulse is not shown, however late it comes", "[wrap][keep]") {
  Talk talk;
  talk.greet();
  const std::string first = talk.it.pulse();
  CHECK(member(first, "method") == "\"ping\"");
  CHECK(member(first, "id") == "\"sonde-pulse-t0-1\"");
  CHECK_FALSE(talk.it.pulse_answered());
  talk.it.pulse();
  CHECK(talk.server(answer("\"sonde-pulse-t0-1\"")) == Verdict::kDrop);
  CHECK_FALSE(talk.it.pulse_answered());
  CHECK(talk.server(answer("\"sonde-pulse-t0-2\"")) == Verdict::kDrop);
  CHECK(talk.it.pulse_answered());
  // Somebody else's.
  CHECK(talk.server(answer("\"sonde-pulse-t1-2\"")) == Verdict::kPass);
}

TEST_CASE("in the modern era the server is asked what it is", "[wrap][keep]") {
  Talk talk;
  const std::string meta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})";
  talk.client(R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{)" + meta + "}}");
  CHECK_FALSE(talk.it.idle());
  talk.server(answer("1"));
  REQUIRE(talk.it.idle());
  const std::string pulse = talk.it.pulse();
  CHECK(member(pulse, "method") == "\"server/discover\"");
  CHECK(pulse.find("\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"") !=
        std::string::npos);
  // News without end do not hinder.
  talk.client(R"({"jsonrpc":"2.0","id":2,"method":"subscriptions/listen","params":{)" + meta +
              "}}");
  CHECK(talk.it.idle());
  CHECK_FALSE(talk.it.begin_replay());
}

TEST_CASE("what is open when the server ends is answered with an error, once", "[wrap][keep]") {
  Talk talk;
  talk.greet();
  talk.client(call("1"));
  talk.client(call("\"two\""));
  talk.server(answer("1"));
  talk.server(R"({"jsonrpc":"2.0","id":"ask","method":"roots/list"})");
  const auto told = lines(talk.it.server_gone("the server was ended by signal 9"));
  REQUIRE(told.size() == 2);
  CHECK(member(told[0], "id") == "\"two\"");
  const std::string error = member(told[0], "error");
  CHECK(member(error, "code") == "-32012");
  CHECK(member(error, "message").find("signal 9. ") != std::string::npos);
  CHECK(member(error, "message").find("may be lost") != std::string::npos);
  CHECK(member(told[1], "method") == "\"notifications/cancelled\"");
  CHECK(member(member(told[1], "params"), "requestId") == "\"ask\"");
  CHECK(talk.it.server_gone("again").empty());
  // The new server does not know what the old one had asked.
  CHECK(talk.client(answer("\"ask\"")) == Verdict::kDrop);
  CHECK(talk.client(answer("\"ask\"")) == Verdict::kPass);
}

TEST_CASE("the handshake is repeated as it was, and its answer is not shown", "[wrap][keep]") {
  Talk talk;
  talk.greet();
  talk.it.server_gone("why");
  CHECK(talk.it.begin_replay() == std::string(Talk::kInitialize) + '\n');
  CHECK(talk.it.replay() == Replay::kWaiting);
  CHECK_FALSE(talk.it.idle());
  CHECK(talk.server(R"({"jsonrpc":"2.0","method":"notifications/message"})") == Verdict::kPass);
  CHECK(talk.server(answer("0")) == Verdict::kDrop);
  CHECK(talk.it.replay() == Replay::kAnswered);
  CHECK(talk.it.finish_replay() == std::string(Talk::kInitialized) + '\n');
  CHECK(talk.it.idle());
}

TEST_CASE("a client that still waits for its handshake gets the new server's", "[wrap][keep]") {
  Talk talk;
  talk.client(Talk::kInitialize);
  CHECK(talk.it.server_gone("why").empty());
  REQUIRE(talk.it.begin_replay());
  CHECK(talk.server(answer("0")) == Verdict::kPass);
  CHECK(talk.it.finish_replay().empty());
  CHECK(talk.it.notice("why").empty());
  talk.client(Talk::kInitialized);
  CHECK(talk.it.idle());
}

TEST_CASE("a new server that refuses the handshake is of no use", "[wrap][keep]") {
  Talk talk;
  talk.greet();
  talk.it.server_gone("why");
  talk.it.begin_replay();
  CHECK(talk.server(R"({"jsonrpc":"2.0","id":0,"error":{"code":-32602,"message":"no"}})") ==
        Verdict::kDrop);
  CHECK(talk.it.replay() == Replay::kRefused);
}

TEST_CASE("the client is told that state may be lost, and to look at the tools", "[wrap][keep]") {
  Talk talk;
  talk.greet();
  const auto told = lines(talk.it.notice("the server was ended by signal 11"));
  REQUIRE(told.size() == 2);
  CHECK(member(told[0], "method") == "\"notifications/message\"");
  const std::string data = member(member(told[0], "params"), "data");
  CHECK(member(data, "state_lost") == "\"unknown\"");
  CHECK(member(told[1], "method") == "\"notifications/tools/list_changed\"");
}

TEST_CASE("a request that was cut in two is answered when its id is known", "[wrap][keep]") {
  Talk talk;
  talk.greet();
  talk.say(Direction::kToServer, call("9"), true);
  const auto told = lines(talk.it.take_answers());
  REQUIRE(told.size() == 1);
  CHECK(member(told[0], "id") == "9");
  CHECK(talk.it.idle());
}

TEST_CASE("of too many open requests the oldest is forgotten, and counted", "[wrap][keep]") {
  Talk talk;
  for (int id = 0; id < 4097; ++id) talk.client(call(std::to_string(id)));
  CHECK(talk.it.open() == 4096);
  CHECK(talk.stats.read(Stat::kOutstandingEvicted) == 1);
}

}  // namespace
}  // namespace sonde::wrap
