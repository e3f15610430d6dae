#include "mcp/server_health.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace sonde::mcp {
namespace {

using Kind = PulseResult::Kind;

PulseResult answer() { return {.kind = Kind::kAnswer, .http_status = 200}; }
PulseResult status(int code) { return {.kind = Kind::kStatus, .http_status = code}; }
PulseResult silence() { return {.kind = Kind::kTimeout}; }
PulseResult lacking(std::vector<std::string> tools) {
  PulseResult result = answer();
  result.missing_tools = std::move(tools);
  return result;
}

/// What is told of a row of pulses: '+' an answer, '-' none, 'm' a tool is missing; in the result
/// the state at every change, '.' where nothing is told.
std::string told(ServerHealth& health, std::string_view pulses) {
  std::string out;
  for (const char pulse : pulses) {
    const bool changed = health.take(pulse == '+'   ? answer()
                                     : pulse == 'm' ? lacking({"find"})
                                                    : silence());
    out += changed ? to_string(health.state()).front() : '.';
  }
  return out;
}

std::string told(std::string_view pulses) {
  ServerHealth health;
  return told(health, pulses);
}

TEST_CASE("a server that answers is up, and that is no news", "[mcp][health]") {
  ServerHealth health;
  CHECK_FALSE(health.up());
  CHECK(told(health, "+++++") == ".....");
  CHECK(health.state() == ServerState::kUp);
  CHECK(health.up() == true);
}

TEST_CASE("one failure is none, two are noticed, three in a row are the end", "[mcp][health]") {
  CHECK(told("+-+-+-+") == ".......");
  CHECK(told("+--") == "..d");
  CHECK(told("+---") == "..dd");
  CHECK(told("+-----") == "..dd..");
  ServerHealth health;
  told(health, "+--");
  CHECK(health.state() == ServerState::kDegraded);
  CHECK(health.up() == true);
  told(health, "-");
  CHECK(health.state() == ServerState::kDown);
  CHECK(health.up() == false);
  CHECK(health.reason() == "no answer in time");
}

TEST_CASE("a server that never answered is down after as many, and unknown until then",
          "[mcp][health]") {
  CHECK(told("--") == "..");
  CHECK(told("---") == "..d");
  ServerHealth health;
  told(health, "--");
  CHECK_FALSE(health.up());
}

TEST_CASE("a server that has answered its client was up", "[mcp][health]") {
  ServerHealth health;
  health.seen_up();
  CHECK(told(health, "---") == ".dd");
  health.seen_up();
  CHECK(health.state() == ServerState::kDown);
}

TEST_CASE("it is up again after its second answer, and told once", "[mcp][health]") {
  CHECK(told("+---++++") == "..dd.u..");
  CHECK(told("+--++") == "..d.u");
}

TEST_CASE("who relapses has to answer for longer each time, up to a limit", "[mcp][health]") {
  ServerHealth health;
  CHECK(told(health, "---++") == "..d.u");
  CHECK(told(health, "---++++") == ".dd...u");
  CHECK(told(health, "---++++++++") == ".dd.......u");
  // The limit: eight.
  CHECK(told(health, "---++++++++") == ".dd.......u");
  // Calm for long enough, and it is trusted as at first.
  CHECK(told(health, std::string(20, '+')) == std::string(20, '.'));
  CHECK(told(health, "---++") == ".dd.u");
}

TEST_CASE("flapping is told seldom", "[mcp][health]") {
  ServerHealth health;
  std::string pulses;
  for (int i = 0; i < 100; ++i) pulses += "---++";
  const std::string changes = told(health, pulses);
  // Without damping each round would tell of two to three.
  CHECK(std::ranges::count(changes, '.') >= static_cast<std::ptrdiff_t>(changes.size()) - 8);
}

TEST_CASE("missing tools degrade, once they are sure to be missing", "[mcp][health]") {
  CHECK(told("m") == "d");  // From the start.
  CHECK(told("+m+m+m") == "......");
  CHECK(told("+mmm++") == "..d..u");
  ServerHealth health;
  told(health, "mm");
  CHECK(health.reason() == "tools are missing: find");
  CHECK(health.up() == true);
}

TEST_CASE("other tools missing are news", "[mcp][health]") {
  ServerHealth health;
  CHECK(health.take(lacking({"a"})));
  CHECK_FALSE(health.take(lacking({"a"})));
  CHECK(health.take(lacking({"a", "b"})));
  CHECK(health.reason() == "tools are missing: a, b");
}

TEST_CASE("of many missing tools some are named", "[mcp][health]") {
  ServerHealth health;
  health.take(lacking({"a", "b", "c", "d", "e", "f", "g"}));
  CHECK(health.reason() == "tools are missing: a, b, c, d, e and 2 more");
}

TEST_CASE("a server that refuses us is alive, and the reason says with what", "[mcp][health]") {
  const int code = GENERATE(401, 403, 404, 405, 400, 429, 302);
  ServerHealth health;
  health.take(status(code));
  CHECK(health.state() == ServerState::kUp);
  CHECK(health.reason() == "it answers HTTP " + std::to_string(code));
}

TEST_CASE("a server that says it is broken is not alive", "[mcp][health]") {
  const int code = GENERATE(500, 502, 503, 504);
  ServerHealth health;
  for (int i = 0; i < 3; ++i) health.take(status(code));
  CHECK(health.state() == ServerState::kDown);
  CHECK(health.reason() == "it answers HTTP " + std::to_string(code));
}

TEST_CASE("how it fails is told, with what the system said", "[mcp][health]") {
  using Pair = std::pair<Kind, std::string>;
  const auto [kind, text] = GENERATE(Pair{Kind::kRefused, "no connection"},
                                     Pair{Kind::kClosed, "the connection ended before the answer"},
                                     Pair{Kind::kTimeout, "no answer in time"},
                                     Pair{Kind::kBadAnswer, "the answer is no MCP"});
  ServerHealth health({.failures_max = 1});
  CHECK(health.take({.kind = kind, .detail = "why"}));
  CHECK(health.reason() == text + ": why");
  CHECK(health.state() == ServerState::kDown);
}

TEST_CASE("a restarted server is unknown until it answers", "[mcp][health]") {
  ServerHealth health;
  told(health, "+---");
  health.restarted();
  CHECK(health.state() == ServerState::kUnknown);
  CHECK_FALSE(health.failing());
  CHECK(told(health, "+") == ".");
}

}  // namespace
}  // namespace sonde::mcp
