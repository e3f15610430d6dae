#include "wrap/shutdown.h"

#include <catch2/catch_test_macros.hpp>

namespace sonde::wrap {
namespace {

using namespace std::chrono_literals;
using Action = Shutdown::Action;

const WrapConfig kLimits{.eof_grace = 1500ms, .kill_grace = 5000ms};

TEST_CASE("nothing is due while the session lives", "[wrap][shutdown]") {
  Shutdown shutdown(kLimits);
  CHECK(shutdown.due(100h) == Action::kNothing);
  CHECK(shutdown.next() == Shutdown::Time::max());
  CHECK_FALSE(shutdown.begun());
}

TEST_CASE("a client that has gone leads to SIGTERM, then SIGKILL, then to giving up",
          "[wrap][shutdown]") {
  Shutdown shutdown(kLimits);
  shutdown.client_gone(10s);
  CHECK(shutdown.next() == 11500ms);
  CHECK(shutdown.due(11499ms) == Action::kNothing);
  CHECK(shutdown.due(11500ms) == Action::kTerminate);
  CHECK(shutdown.due(11599ms) == Action::kNothing);
  // Who was forked meanwhile has not been asked.
  CHECK(shutdown.due(11600ms) == Action::kTerminate);
  CHECK(shutdown.due(16499ms) == Action::kTerminate);
  CHECK(shutdown.due(16500ms) == Action::kKill);
  CHECK(shutdown.killing());
  CHECK(shutdown.due(16519ms) == Action::kNothing);
  CHECK(shutdown.due(16520ms) == Action::kKill);
  CHECK(shutdown.due(17s) == Action::kGiveUp);
  CHECK(shutdown.next() == Shutdown::Time::max());
}

TEST_CASE("by default all is over within seven seconds, with time to flush", "[wrap][shutdown]") {
  const WrapConfig limits;
  Shutdown shutdown(limits);
  shutdown.client_gone(0s);
  Shutdown::Time now = 0s;
  while (shutdown.due(now) != Action::kGiveUp) now = std::max(shutdown.next(), now + 1ms);
  CHECK(now + limits.flush_max < 7s);
}

TEST_CASE("a SIGTERM that was passed on shortens the way", "[wrap][shutdown]") {
  Shutdown shutdown(kLimits);
  shutdown.client_gone(0s);
  shutdown.terminated(1s);
  CHECK(shutdown.next() == 1100ms);
  shutdown.terminated(5s);  // A second one does not start it again.
  CHECK(shutdown.due(5999ms) == Action::kTerminate);
  CHECK(shutdown.next() == 6s);
  CHECK(shutdown.due(6s) == Action::kKill);
}

TEST_CASE("limits that come late hold for the stage that has begun", "[wrap][shutdown]") {
  const WrapConfig shorter{.eof_grace = 100ms, .kill_grace = 200ms};
  Shutdown shutdown(kLimits);
  shutdown.client_gone(10s);
  shutdown.set_limits(shorter);
  CHECK(shutdown.due(10100ms) == Action::kTerminate);
  shutdown.set_limits(kLimits);
  CHECK(shutdown.due(15099ms) == Action::kTerminate);
  CHECK(shutdown.due(15100ms) == Action::kKill);
}

TEST_CASE("limits that come late give no grace back to what is left behind", "[wrap][shutdown]") {
  Shutdown shutdown(kLimits);
  shutdown.client_gone(10s);
  shutdown.server_gone(11s);
  shutdown.set_limits(kLimits);
  CHECK(shutdown.due(11s) == Action::kTerminate);
}

TEST_CASE("what a server leaves behind gets no grace of its own", "[wrap][shutdown]") {
  Shutdown shutdown(kLimits);
  shutdown.server_gone(1s);
  CHECK_FALSE(shutdown.begun());
  shutdown.client_gone(2s);
  shutdown.server_gone(2100ms);
  CHECK(shutdown.due(2100ms) == Action::kTerminate);
  CHECK(shutdown.due(7100ms) == Action::kKill);
}

}  // namespace
}  // namespace sonde::wrap
