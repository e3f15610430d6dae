#include "wrap/surroundings.h"

#include <catch2/catch_test_macros.hpp>

namespace sonde::wrap {
namespace {

using Environment = std::vector<std::string>;

constexpr std::string_view kParent =
    "TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Surroundings surroundings(const Environment& environment, bool inject = true) {
  Random random(1);
  return surroundings_of(environment, inject, ManualClock().now(), random);
}

TEST_CASE("the server learns a correlation id and a trace", "[wrap][surroundings]") {
  const auto result = surroundings({"PATH=/bin", "A=b"});
  REQUIRE(result.environment.size() == 4);
  CHECK(result.environment[0] == "PATH=/bin");
  CHECK(result.environment[2] == "SONDE_CORRELATION_ID=" + result.context.correlation_id);
  CHECK(result.environment[3].starts_with("TRACEPARENT=00-" + result.context.correlation_id));
  CHECK(result.added.size() == 2);
  // What we made up is nobody's parent.
  CHECK_FALSE(result.context.parent);
}

TEST_CASE("what is set already stays", "[wrap][surroundings]") {
  const Environment environment{std::string(kParent), "SONDE_CORRELATION_ID=order-66"};
  const auto result = surroundings(environment);
  CHECK(result.environment == environment);
  CHECK(result.context.correlation_id == "order-66");
  REQUIRE(result.context.parent);
}

TEST_CASE("a trace that is given names the correlation", "[wrap][surroundings]") {
  const auto result = surroundings({std::string(kParent)});
  CHECK(result.added == Environment{"SONDE_CORRELATION_ID=0af7651916cd43dd8448eb211c80319c"});
}

TEST_CASE("without injection the environment is as it was", "[wrap][surroundings]") {
  const Environment environment{"PATH=/bin"};
  CHECK(surroundings(environment, false).environment == environment);
}

TEST_CASE("wraps of one host process share its id", "[wrap][surroundings]") {
  CHECK(host_session_id() == host_session_id());
  CHECK(host_session_id().starts_with("host-"));
}

}  // namespace
}  // namespace sonde::wrap
