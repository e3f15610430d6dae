#include "sinks/agent_endpoint.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::sinks {
namespace {

using Protocol = AgentEndpoint::Protocol;

TEST_CASE("an endpoint has a protocol, a host and a port", "[sinks][agent]") {
  const auto [text, expected] = GENERATE(table<std::string, AgentEndpoint>({
      {"tcp://127.0.0.1:25888", {Protocol::kTcp, "127.0.0.1", 25888}},
      {"udp://127.0.0.1:1", {Protocol::kUdp, "127.0.0.1", 1}},
      {"tcp://cwagent", {Protocol::kTcp, "cwagent", 25888}},
      {"tcp://cw-agent.my_ns.svc:65535/", {Protocol::kTcp, "cw-agent.my_ns.svc", 65535}},
      {"udp://[::1]:9", {Protocol::kUdp, "::1", 9}},
      {"tcp://[fe80::1%eth0]", {Protocol::kTcp, "fe80::1%eth0", 25888}},
  }));
  INFO(text);
  const auto endpoint = parse_agent_endpoint(text);
  REQUIRE(endpoint);
  CHECK(*endpoint == expected);
}

TEST_CASE("what is no endpoint is refused with its reason", "[sinks][agent]") {
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"", "must begin with tcp:// or udp://"},
      {"127.0.0.1:25888", "must begin with tcp:// or udp://"},
      {"http://127.0.0.1", "must begin with tcp:// or udp://"},
      {"tcp://", "no host name or address"},
      {"tcp://:25888", "no host name or address"},
      {"tcp://a b", "no host name or address"},
      {"tcp://user@host", "no host name or address"},
      {"tcp://host/path", "no host name or address"},
      {"tcp://[]:1", "no host name or address"},
      {"tcp://[::1", "no closing ]"},
      {"tcp://host:", "the port must be 1 to 65535"},
      {"tcp://host:0", "the port must be 1 to 65535"},
      {"tcp://host:65536", "the port must be 1 to 65535"},
      {"tcp://host:-1", "the port must be 1 to 65535"},
      {"tcp://host:12x", "the port must be 1 to 65535"},
      {"tcp://::1:25888", "no host name or address"},
      {"tcp://[::1]25888", "the port must be 1 to 65535"},
  }));
  INFO(text);
  const auto endpoint = parse_agent_endpoint(text);
  REQUIRE_FALSE(endpoint);
  CHECK(endpoint.error().message() == "endpoint \"" + text + "\": " + reason);
}

TEST_CASE("a host name has its limit", "[sinks][agent]") {
  CHECK(parse_agent_endpoint("tcp://" + std::string(253, 'h')));
  CHECK_FALSE(parse_agent_endpoint("tcp://" + std::string(254, 'h')));
}

}  // namespace
}  // namespace sonde::sinks
