#include "mcp/inferred_sessions.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "base/random.h"

namespace sonde::mcp {
namespace {

using std::chrono::minutes;

struct Bench {
  std::string find(const Caller& caller) { return std::string(sessions.find(caller, now)); }
  void pass(std::chrono::nanoseconds time) {
    now.monotonic += time;
    now.wall += time;
  }

  Moment now{.wall = std::chrono::hours(500'000), .monotonic = std::chrono::hours(1)};
  Random random{7};
  Stats stats;
  InferredSessions sessions{{.sessions_max = 3, .idle_gap = minutes(30)}, random, stats};
};

constexpr Caller kDirect{.client = "host 1.0", .user = "", .connection = 7, .relayed = false};

TEST_CASE("what comes over one connection is one session", "[mcp][inferred]") {
  Bench bench;
  const std::string first = bench.find(kDirect);
  CHECK(first.size() == 36);
  bench.pass(minutes(29));
  CHECK(bench.find(kDirect) == first);
  Caller other = kDirect;
  other.connection = 8;
  CHECK(bench.find(other) != first);
}

TEST_CASE("a long pause begins a new session", "[mcp][inferred]") {
  Bench bench;
  const std::string first = bench.find(kDirect);
  bench.pass(minutes(30));
  const std::string second = bench.find(kDirect);
  CHECK_FALSE(second.empty());
  CHECK(second != first);
}

TEST_CASE("a request that does not say of which client it is belongs to the connection's",
          "[mcp][inferred]") {
  Bench bench;
  Caller silent = kDirect;
  silent.client = "";
  const std::string first = bench.find(silent);
  CHECK(bench.find(kDirect) == first);
  CHECK(bench.find(silent) == first);
}

TEST_CASE("a connection of several clients or users is left without sessions", "[mcp][inferred]") {
  Bench bench;
  CHECK_FALSE(bench.find(kDirect).empty());
  Caller other = kDirect;
  SECTION("clients") { other.client = "other 2.0"; }
  SECTION("users") {
    Caller known = kDirect;
    known.user = "u1:aa";
    CHECK_FALSE(bench.find(known).empty());
    other.user = "u1:bb";
  }
  CHECK(bench.find(other).empty());
  CHECK(bench.find(kDirect).empty());
}

TEST_CASE("behind a relay only a known user's client is told apart", "[mcp][inferred]") {
  Bench bench;
  Caller relayed = kDirect;
  relayed.relayed = true;
  CHECK(bench.find(relayed).empty());
  relayed.user = "u1:aa";
  const std::string first = bench.find(relayed);
  CHECK_FALSE(first.empty());
  relayed.connection = 99;
  CHECK(bench.find(relayed) == first);
  relayed.client = "other 2.0";
  const std::string second = bench.find(relayed);
  CHECK_FALSE(second.empty());
  CHECK(second != first);
  relayed.client = "";
  CHECK(bench.find(relayed).empty());
}

TEST_CASE("of too many sessions the longest unused is forgotten, and counted", "[mcp][inferred]") {
  Bench bench;
  const auto find = [&bench](std::uint64_t connection) {
    Caller caller = kDirect;
    caller.connection = connection;
    return bench.find(caller);
  };
  const std::string first = find(1);
  const std::string second = find(2);
  find(3);
  CHECK(find(1) == first);
  find(4);
  CHECK(bench.stats.read(Stat::kInferredForgotten) == 1);
  CHECK(find(1) == first);
  CHECK(find(2) != second);
}

TEST_CASE("to make room for another an idle session is no loss", "[mcp][inferred]") {
  Bench bench;
  for (std::uint64_t connection = 1; connection <= 6; ++connection) {
    Caller caller = kDirect;
    caller.connection = connection;
    bench.find(caller);
    bench.pass(minutes(31));
  }
  CHECK(bench.stats.read(Stat::kInferredForgotten) == 0);
}

}  // namespace
}  // namespace sonde::mcp
