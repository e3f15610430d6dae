#include "proxy/resource_metadata.h"

#include <catch2/catch_test_macros.hpp>

using namespace sonde::proxy;

TEST_CASE("the resource of metadata gets the public origin, and nothing else changes",
          "[proxy][oauth]") {
  CHECK(
      with_origin(R"({ "resource" : "http://127.0.0.1:3001/mcp", "x": ["http://127.0.0.1:3001"] })",
                  "https://mcp.example") ==
      R"({ "resource" : "https://mcp.example/mcp", "x": ["http://127.0.0.1:3001"] })");
  CHECK(with_origin(R"({"resource":"http://h"})", "https://m") == R"({"resource":"https://m"})");
  CHECK_FALSE(with_origin(R"({"resource":"urn:x"})", "https://m"));
  CHECK_FALSE(with_origin(R"({"resource":7})", "https://m"));
  CHECK_FALSE(with_origin(R"({"authorization_servers":[]})", "https://m"));
  CHECK_FALSE(with_origin("no json", "https://m"));
}

TEST_CASE("a challenge leads to the metadata at the public origin", "[proxy][oauth]") {
  CHECK(
      challenge_with_origin(
          R"(Bearer error="x", resource_metadata="http://h:1/.well-known/oauth-protected-resource/mcp", scope="a")",
          "https://m") ==
      R"(Bearer error="x", resource_metadata="https://m/.well-known/oauth-protected-resource/mcp", scope="a")");
  CHECK_FALSE(challenge_with_origin(R"(Bearer realm="x")", "https://m"));
  CHECK_FALSE(challenge_with_origin(R"(Bearer resource_metadata="/relative")", "https://m"));
  CHECK_FALSE(challenge_with_origin(R"(Bearer resource_metadata=")", "https://m"));
}

TEST_CASE("metadata is known by its path", "[proxy][oauth]") {
  CHECK(is_resource_metadata("/.well-known/oauth-protected-resource"));
  CHECK(is_resource_metadata("/.well-known/oauth-protected-resource/mcp"));
  CHECK_FALSE(is_resource_metadata("/.well-known/oauth-protected-resources"));
  CHECK_FALSE(is_resource_metadata("/mcp"));
}
