#include "config/resolve.h"

#include <map>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::config {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Lookup lookup_in(Variables variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

Config resolved(const Variables& variables, Config config = {}) {
  resolve(config, words("npx -y weather"), lookup_in(variables), "box");
  return config;
}

TEST_CASE("a server is named after what its command starts", "[config][resolve]") {
  const auto [command, name] = GENERATE(table<std::string, std::string>({
      {"npx -y @modelcontextprotocol/server-everything stdio", "server-everything"},
      {"npx -y @modelcontextprotocol/server-filesystem@2025.1 /home/me", "server-filesystem"},
      {"npx @playwright/mcp@latest", "playwright"},
      {"npx -p some-package some-command", "some-package"},
      {"npm exec -- weather", "weather"},
      {"bunx --bun weather", "weather"},
      {"deno run -A npm:@acme/weather@1", "weather"},
      {"deno run --allow-net weather.ts", "weather"},
      {"uvx mcp-server-fetch", "mcp-server-fetch"},
      {"uvx --from git+https://host/acme/serena.git serena-mcp", "serena"},
      {"uv --directory /home/me/forecast run server.py", "forecast"},
      {"uv run --with mcp mcp run server.py", "mcp"},
      {"python -m mcp_server_time --local-timezone=UTC", "mcp_server_time"},
      {"python3 -u /opt/weather/server.py", "weather"},
      {"/usr/bin/python3.12 weather.py", "weather"},
      {"node /x/y/dist/index.js", "y"},
      {"node --require ./hook.js /x/y/build/src/main.mjs --stdio", "y"},
      {"/usr/local/bin/node.exe index.js", "index"},
      {"docker run -i --rm -e TOKEN ghcr.io/github/github-mcp-server:v1 stdio",
       "github-mcp-server"},
      {"docker run -i --rm -v /a:/b -e TOKEN=x mcp/fetch@sha256:00", "fetch"},
      {"sh -c 'exec npx -y weather 2>/dev/null'", "weather"},
      {"env DEBUG=1 npx weather", "weather"},
      {"sonde wrap -- npx weather", "weather"},
      {"cmd /c npx -y weather", "weather"},
      {"java -jar /opt/tools/weather.jar", "weather"},
      {"/opt/weather/bin/server", "weather"},
      {"./weather", "weather"},
      {"weather --port 1", "weather"},
      {"node", "node"},
  }));
  INFO(command);
  CHECK(server_name_from(words(command)) == name);
}

TEST_CASE("a command that says nothing still gives a name", "[config][resolve]") {
  CHECK(server_name_from({}) == "server");
  CHECK_FALSE(server_name_from(words("-")).empty());
  CHECK_FALSE(server_name_from(words("/")).empty());
  CHECK_FALSE(server_name_from(words("npx @")).empty());
  CHECK_FALSE(server_name_from(words("''")).empty());
}

TEST_CASE("the environment's name is found in order", "[config][resolve]") {
  const std::string attributes = "service.name=x, deployment.environment.name=qa%201 ,a=b";
  CHECK(resolved({}).environment == "production");
  CHECK(resolved({{"OTEL_RESOURCE_ATTRIBUTES", attributes}}).environment == "qa 1");
  CHECK(resolved({{"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=old"}}).environment ==
        "old");
  CHECK(resolved({{"AWS_EMF_ENVIRONMENT", "beta"}, {"OTEL_RESOURCE_ATTRIBUTES", attributes}})
            .environment == "beta");
  Config config;
  config.environment = "set";
  CHECK(resolved({{"AWS_EMF_ENVIRONMENT", "beta"}}, config).environment == "set");
}

TEST_CASE("the transports of the EMF library are no environments", "[config][resolve]") {
  const auto* name = GENERATE("Local", "Lambda", "Agent", "EC2", "ECS", "ecs", "");
  CHECK(resolved({{"AWS_EMF_ENVIRONMENT", name}}).environment == "production");
}

TEST_CASE("the service is named by the standard variables, else after the server",
          "[config][resolve]") {
  CHECK(resolved({}).service == "weather");
  CHECK(resolved({{"AWS_EMF_SERVICE_NAME", "b"}}).service == "b");
  CHECK(resolved({{"OTEL_SERVICE_NAME", "a"}, {"AWS_EMF_SERVICE_NAME", "b"}}).service == "a");
  CHECK(resolved({{"OTEL_SERVICE_NAME", "a"}}).emf.log_group == "a-metrics");
}

TEST_CASE("what would not do as a dimension's value is made to", "[config][resolve]") {
  CHECK(resolved({{"OTEL_SERVICE_NAME", " a\x1b b "}}).service == "a_ b");
}

TEST_CASE("the instance is the pod or task, else the host", "[config][resolve]") {
  CHECK(resolved({}).instance == "box");
  CHECK(resolved({{"OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=p1,host.name=h"}}).instance == "p1");
}

TEST_CASE("the state folder is found from HOME alone", "[config][resolve]") {
  CHECK(resolved({{"HOME", "/h"}}).state_dir == "/h/.local/state/sonde");
  CHECK(resolved({{"HOME", "/h"}, {"XDG_STATE_HOME", "/s"}}).state_dir == "/s/sonde");
  CHECK(resolved({{"HOME", "/h"}, {"XDG_STATE_HOME", "s"}}).state_dir == "/h/.local/state/sonde");
  CHECK(resolved({{"HOME", "/h"}}).log.file == "/h/.local/state/sonde/log/weather.jsonl");
}

TEST_CASE("without HOME the password database is asked", "[config][resolve]") {
  CHECK(home_dir(lookup_in({})).starts_with('/'));
}

TEST_CASE("a tilde stands for home in every path", "[config][resolve]") {
  Config config;
  config.state_dir = "~/s";
  config.log.file = "~/l.jsonl";
  config.privacy.hash_key = "~/k";
  config = resolved({{"HOME", "/h"}}, config);
  CHECK(config.state_dir == "/h/s");
  CHECK(config.log.file == "/h/l.jsonl");
  CHECK(config.privacy.hash_key == "/h/k");
}

TEST_CASE("a server's name is made safe for a file", "[config][resolve]") {
  CHECK(file_name_of("server-everything") == "server-everything");
  CHECK(file_name_of("../../etc/passwd") == "_._.._etc_passwd");
  CHECK(file_name_of("a b/c\n") == "a_b_c_");
  CHECK(file_name_of("") == "server");
  CHECK(file_name_of(std::string(500, 'a')).size() == 100);
}

}  // namespace
}  // namespace sonde::config
