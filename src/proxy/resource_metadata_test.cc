#include "proxy/resource_metadata.h"

#include <catch2/catch_test_macros.hpp>

using namespace sonde::proxy;

namespace {

constexpr Origins kOrigins{
    .upstream = "127.0.0.1:3001", .asked = "proxy:8080", .known_as = "https://mcp.example"};

}  // namespace

TEST_CASE("the resource of metadata gets the public origin, and nothing else changes",
          "[proxy][oauth]") {
  CHECK(
      with_origin(R"({ "resource" : "http://127.0.0.1:3001/mcp", "x": ["http://127.0.0.1:3001"] })",
                  kOrigins) ==
      R"({ "resource" : "https://mcp.example/mcp", "x": ["http://127.0.0.1:3001"] })");
  CHECK(with_origin(R"({"resource":"http://PROXY:8080"})", kOrigins) ==
        R"({"resource":"https://mcp.example"})");
  CHECK(with_origin(R"({"resource":"http://localhost:3001/"})", kOrigins));
  CHECK_FALSE(with_origin(R"({"resource":"urn:x"})", kOrigins));
  CHECK_FALSE(with_origin(R"({"resource":7})", kOrigins));
  CHECK_FALSE(with_origin(R"({"authorization_servers":[]})", kOrigins));
  CHECK_FALSE(with_origin("no json", kOrigins));
}

TEST_CASE("metadata that name another's resource stay as they are, for the client to refuse",
          "[proxy][oauth]") {
  for (const char* const url :
       {"http://evil.example/mcp", "http://127.0.0.1:3002/mcp",
        "http://127.0.0.1:3001@evil.example/mcp", "https://127.0.0.1/mcp"}) {
    CAPTURE(url);
    CHECK_FALSE(with_origin("{\"resource\":\"" + std::string(url) + "\"}", kOrigins));
    CHECK_FALSE(
        challenge_with_origin("Bearer resource_metadata=\"" + std::string(url) + "\"", kOrigins));
  }
}

TEST_CASE("a challenge leads to the metadata at the public origin", "[proxy][oauth]") {
  CHECK(
      challenge_with_origin(
          R"(Bearer error="x", resource_metadata="http://proxy:8080/.well-known/oauth-protected-resource/mcp", scope="a")",
          kOrigins) ==
      R"(Bearer error="x", resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp", scope="a")");
  CHECK_FALSE(challenge_with_origin(R"(Bearer realm="x")", kOrigins));
  CHECK_FALSE(challenge_with_origin(R"(Bearer resource_metadata="/relative")", kOrigins));
  CHECK_FALSE(challenge_with_origin(R"(Bearer resource_metadata=")", kOrigins));
}

TEST_CASE("of several challenges each leads to the public origin", "[proxy][oauth]") {
  CHECK(
      challenge_with_origin(
          R"(Basic realm="a", Bearer resource_metadata="http://proxy:8080/a", DPoP resource_metadata="http://127.0.0.1:3001/b", Other resource_metadata="http://evil.example/c")",
          kOrigins) ==
      R"(Basic realm="a", Bearer resource_metadata="https://mcp.example/a", DPoP resource_metadata="https://mcp.example/b", Other resource_metadata="http://evil.example/c")");
}

TEST_CASE("metadata is known by its path", "[proxy][oauth]") {
  CHECK(is_resource_metadata("/.well-known/oauth-protected-resource"));
  CHECK(is_resource_metadata("/.well-known/oauth-protected-resource/mcp"));
  CHECK_FALSE(is_resource_metadata("/.well-known/oauth-protected-resources"));
  CHECK_FALSE(is_resource_metadata("/mcp"));
}
