#include "proxy/upstream.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "proxy/settings.h"

using namespace sonde;
using namespace sonde::proxy;

namespace {

Upstream upstream(std::string_view text) {
  auto parsed = parse_upstream(text);
  REQUIRE(parsed);
  return *std::move(parsed);
}

std::string path_for(std::string_view text, std::string_view path) {
  const Upstream parsed = upstream(text);
  REQUIRE(matches(parsed, "any", path));
  std::string storage;
  return std::string(upstream_path(parsed, path, storage));
}

}  // namespace

TEST_CASE("an upstream says where to connect to, and for which requests", "[proxy][upstream]") {
  const Upstream plain = upstream("search=http://127.0.0.1:3001");
  CHECK(plain.name == "search");
  CHECK(plain.host == "127.0.0.1");
  CHECK(plain.port == 3001);
  CHECK_FALSE(plain.tls);
  CHECK_FALSE(plain.replaces);
  const Upstream full = upstream("a@A.example/files=https://[::1]/base/");
  CHECK(full.name == "a");
  CHECK(full.for_host == "a.example");
  CHECK(full.for_prefix == "/files");
  CHECK(full.host == "::1");
  CHECK(full.port == 443);
  CHECK(full.authority == "[::1]");
  CHECK(full.base == "/base");
  CHECK(upstream("a=http://h").port == 80);
}

TEST_CASE("a URL without a path leaves paths alone, one with a path replaces the prefix",
          "[proxy][upstream]") {
  CHECK(path_for("a=http://h", "/mcp?x=1") == "/mcp?x=1");
  CHECK(path_for("a/files=http://h", "/files/mcp") == "/files/mcp");
  CHECK(path_for("a/files=http://h/", "/files/mcp?x") == "/mcp?x");
  CHECK(path_for("a/files=http://h/base", "/files/mcp") == "/base/mcp");
  CHECK(path_for("a/files=http://h/", "/files") == "/");
  CHECK(path_for("a/files=http://h/", "/files?x") == "/?x");
  CHECK(path_for("a=http://h/", "*") == "*");
}

TEST_CASE("a prefix ends where a part of the path ends", "[proxy][upstream]") {
  const Upstream files = upstream("a/files=http://h");
  CHECK(matches(files, "any", "/files"));
  CHECK(matches(files, "any", "/files/x"));
  CHECK(matches(files, "any", "/files?x"));
  CHECK_FALSE(matches(files, "any", "/filesystem"));
  CHECK_FALSE(matches(files, "any", "/"));
  const Upstream host = upstream("a@a.example=http://h");
  CHECK(matches(host, "A.example:8080", "/"));
  CHECK_FALSE(matches(host, "b.example", "/"));
}

TEST_CASE("of several upstreams the one that says most is taken", "[proxy][upstream]") {
  Config config;
  config.proxy.upstreams = {"all=http://1.1.1.1", "files/files=http://2.2.2.2",
                            "deep/files/deep=http://3.3.3.3", "host@h.example=http://4.4.4.4"};
  const auto settings = make_settings(config);
  REQUIRE(settings);
  const auto name = [&](std::string_view host, std::string_view path) {
    const auto index = (*settings)->route(host, path);
    return index ? (*settings)->upstreams[*index].name : std::string("none");
  };
  CHECK(name("x", "/mcp") == "all");
  CHECK(name("x", "/files/a") == "files");
  CHECK(name("x", "/files/deep/a") == "deep");
  CHECK(name("h.example:80", "/files/deep/a") == "host");
}

TEST_CASE("settings that cannot work are refused with their key", "[proxy][settings]") {
  Config config;
  const auto complaint = [&config] {
    const auto settings = make_settings(config);
    return settings ? std::string() : settings.error().message();
  };
  CHECK(complaint().starts_with("proxy.upstreams: no server is named"));
  config.proxy.upstreams = {"a=http://h", "b=http://i"};
  CHECK(complaint().contains("NAME@HOST=URL"));
  config.proxy.upstreams = {"a=http://h"};
  CHECK(complaint().empty());
  config.proxy.listen = "0.0.0.0:8080";
  CHECK(complaint().starts_with("proxy.listen: 0.0.0.0:8080 can be reached from other machines"));
  config.proxy.insecure_listen = true;
  CHECK(complaint().empty());
  config.proxy.token_file = "/no/such/file";
  CHECK(complaint().starts_with("proxy.token_file: cannot be read"));
  config.proxy.token_file.clear();
  config.proxy.tls_key = "/no/such/file";
  CHECK(complaint().starts_with("proxy.tls_certificate: is missing"));
  config.proxy.tls_certificate = "/no/such/file";
  CHECK(complaint().starts_with("proxy.tls_certificate: cannot use the certificate"));
}
