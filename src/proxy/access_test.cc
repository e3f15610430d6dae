#include "proxy/access.h"

#include <catch2/catch_test_macros.hpp>

#include "proxy/head_for_test.h"

using namespace sonde::proxy;

namespace {

Access of(const AccessRules& rules, std::initializer_list<std::string_view> fields) {
  return check_access(rules, *ReadHead(request_text(fields)));
}

constexpr std::string_view kToken = "0123456789abcdef0123";

}  // namespace

TEST_CASE("on loopback a page elsewhere cannot come in under its own name", "[proxy][access]") {
  const AccessRules rules;
  CHECK(of(rules, {"Host: 127.0.0.1:8080"}) == Access::kGranted);
  CHECK(of(rules, {"Host: localhost:8080", "Origin: http://localhost:3000"}) == Access::kGranted);
  CHECK(of(rules, {"Host: evil.test:8080"}) == Access::kBadHost);
  CHECK(of(rules, {"Host: localhost", "Origin: http://evil.test"}) == Access::kBadOrigin);
  CHECK(of(rules, {"Host: localhost", "Origin: null"}) == Access::kBadOrigin);
}

TEST_CASE("what a browser fetches for another site is refused without an Origin, too",
          "[proxy][access]") {
  const AccessRules rules;
  CHECK(of(rules, {"Host: localhost", "Sec-Fetch-Site: cross-site"}) == Access::kBadOrigin);
  CHECK(of(rules, {"Host: localhost", "Sec-Fetch-Site: same-site"}) == Access::kBadOrigin);
  CHECK(of(rules, {"Host: localhost", "Sec-Fetch-Site: same-origin"}) == Access::kGranted);
  CHECK(of(rules, {"Host: localhost", "Sec-Fetch-Site: none"}) == Access::kGranted);
}

TEST_CASE("hosts and origins that are listed may come", "[proxy][access]") {
  const AccessRules rules{.hosts = {"mcp.example", "a.example:8080"},
                          .origins = {"https://app.example"}};
  CHECK(of(rules, {"Host: mcp.example:9000"}) == Access::kGranted);
  CHECK(of(rules, {"Host: A.EXAMPLE:8080"}) == Access::kGranted);
  CHECK(of(rules, {"Host: a.example:8081"}) == Access::kBadHost);
  CHECK(of(rules, {"Host: mcp.example", "Origin: https://app.example"}) == Access::kGranted);
  CHECK(of(rules, {"Host: mcp.example", "Origin: https://other.example"}) == Access::kBadOrigin);
}

TEST_CASE("beyond loopback only what is listed is checked", "[proxy][access]") {
  const AccessRules open{.loopback = false};
  CHECK(of(open, {"Host: anything.example", "Origin: https://app.example"}) == Access::kGranted);
  const AccessRules listed{.loopback = false, .hosts = {"mcp.example"}};
  CHECK(of(listed, {"Host: anything.example"}) == Access::kBadHost);
  CHECK(of(listed, {"Host: localhost"}) == Access::kBadHost);
}

TEST_CASE("the token is asked for in either field, and must be the whole of it",
          "[proxy][access]") {
  const AccessRules rules{.token = std::string(kToken)};
  const std::string own = "X-Sonde-Token: " + std::string(kToken);
  const std::string bearer = "Proxy-Authorization: bearer " + std::string(kToken);
  CHECK(of(rules, {"Host: localhost", own}) == Access::kGranted);
  CHECK(of(rules, {"Host: localhost", bearer}) == Access::kGranted);
  CHECK(of(rules, {"Host: localhost"}) == Access::kNoToken);
  CHECK(of(rules, {"Host: localhost", own + "0"}) == Access::kNoToken);
  CHECK(of(rules, {"Host: localhost", own.substr(0, own.size() - 1)}) == Access::kNoToken);
  CHECK(of(rules, {"Host: localhost", "X-Sonde-Token:"}) == Access::kNoToken);
  const std::string basic = "Proxy-Authorization: Basic " + std::string(kToken);
  CHECK(of(rules, {"Host: localhost", basic}) == Access::kNoToken);
  // Authorization belongs to the upstream.
  const std::string upstream = "Authorization: Bearer " + std::string(kToken);
  CHECK(of(rules, {"Host: localhost", upstream}) == Access::kNoToken);
}
