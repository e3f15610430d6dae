#include "aws/task_definition.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <map>
#include <optional>

#include "aws/pretty_json.h"
#include "base/json_reader.h"

namespace sonde::aws {
namespace {

using Catch::Matchers::ContainsSubstring;

config::Loaded loaded_from(const std::map<std::string, std::string>& variables) {
  const config::Lookup lookup = [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  config::Sources sources;
  sources.lookup = lookup;
  sources.host = "host";
  return config::load(sources);
}

const std::map<std::string, std::string> kHome = {
    {"HOME", "/nowhere"}, {"SONDE_ENVIRONMENT", "production"}, {"SONDE_SERVICE", "search"}};

TaskOptions sample_options() {
  return {.server_image = "search:1.2.3", .server_name = "search", .sonde_image = "sonde:0.1.0"};
}

std::string sample_task(const TaskOptions& options = sample_options()) {
  auto task = task_definition(loaded_from(kHome), options);
  REQUIRE(task);
  return *std::move(task);
}

std::string container(const std::string& task, std::string_view name) {
  JsonElements containers(find_member(task, "containerDefinitions").value());
  while (containers.next()) {
    if (json_string(find_member(containers.value(), "name").value()) == name) {
      return std::string(containers.value());
    }
  }
  FAIL("no container " << name);
  return {};
}

std::optional<std::string> variable(const std::string& of, std::string_view name) {
  JsonElements variables(find_member(of, "environment").value());
  while (variables.next()) {
    if (json_string(find_member(variables.value(), "name").value()) == name) {
      return json_string(find_member(variables.value(), "value").value());
    }
  }
  return std::nullopt;
}

TEST_CASE("the tap stands before the server and writes to CloudWatch", "[aws][task]") {
  const std::string tap = container(sample_task(), "sonde");
  CHECK(variable(tap, "SONDE_PROXY_UPSTREAMS") == "search=http://127.0.0.1:3001");
  CHECK(variable(tap, "SONDE_ENVIRONMENT") == "production");
  CHECK(variable(tap, "SONDE_LOG_TO_STDOUT") == "true");
  CHECK(variable(tap, "SONDE_PROXY_INSECURE_LISTEN") == "true");
  CHECK(variable(tap, "SONDE_SERVICE") == "search");
  CHECK(find_member(tap, "readonlyRootFilesystem") == "true");
  CHECK(json_string(find_member(tap, "user").value()) == "65532:65532");
  CHECK_THAT(
      tap, ContainsSubstring(R"("mode": "blocking")") || ContainsSubstring(R"("mode":"blocking")"));
}

TEST_CASE("the task waits longer for the tap than the tap for its clients", "[aws][task]") {
  CHECK(json_integer(find_member(container(sample_task(), "sonde"), "stopTimeout").value()) == 35);
  auto variables = kHome;
  variables["SONDE_PROXY_DRAIN_MAX"] = "5m";
  const auto task = task_definition(loaded_from(variables), sample_options());
  REQUIRE_FALSE(task);
  CHECK_THAT(task.error().message(), ContainsSubstring("120 s"));
}

TEST_CASE("what the file sets, the container has", "[aws][task]") {
  auto variables = kHome;
  variables["SONDE_EMF_DIMENSIONS"] = "ToolName,Environment;Environment";
  variables["SONDE_EMF_INTERVAL"] = "30s";
  variables["SONDE_PROXY_DENY_TOOLS"] = "a\\,b,c";
  variables["SONDE_STATE_DIR"] = "/somewhere";
  variables["SONDE_PROXY_TLS_KEY"] = "/etc/key.pem";
  const auto settings = container_settings(loaded_from(variables));
  const std::map<std::string, std::string> set(settings.variables.begin(),
                                               settings.variables.end());
  CHECK(set.at("SONDE_EMF_DIMENSIONS") == "ToolName,Environment;Environment");
  CHECK(set.at("SONDE_EMF_INTERVAL") == "30s");
  CHECK(set.at("SONDE_PROXY_DENY_TOOLS") == "a\\,b,c");
  CHECK_FALSE(set.contains("SONDE_STATE_DIR"));
  CHECK_FALSE(set.contains("SONDE_PROXY_TLS_KEY"));
  REQUIRE(settings.left_out.size() == 1);
  CHECK_THAT(settings.left_out[0], ContainsSubstring("proxy.tls_key names a file"));

  // And a tap that reads these is configured as this one.
  std::map<std::string, std::string> again(set);
  again["HOME"] = "/nowhere";
  const auto loaded = loaded_from(again);
  CHECK(loaded.faults.empty());
  CHECK(loaded.config.emf.dimensions ==
        std::vector<std::vector<std::string>>{{"ToolName", "Environment"}, {"Environment"}});
  CHECK(loaded.config.proxy.deny_tools == std::vector<std::string>{"a,b", "c"});
}

TEST_CASE("with an agent metrics go to its port", "[aws][task]") {
  TaskOptions options = sample_options();
  options.agent = true;
  const std::string task = sample_task(options);
  CHECK(variable(container(task, "sonde"), "SONDE_EMF_AGENT_ENDPOINT") == "tcp://127.0.0.1:25888");
  CHECK_THAT(*variable(container(task, "agent"), "CW_CONFIG_CONTENT"),
             ContainsSubstring(R"("emf":{})"));
  CHECK_FALSE(variable(container(sample_task(), "sonde"), "SONDE_EMF_AGENT_ENDPOINT"));
}

TEST_CASE("the key of the hashes comes from a secret", "[aws][task]") {
  TaskOptions options = sample_options();
  options.hash_key_secret = "arn:aws:secretsmanager:us-east-1:1:secret:k";
  const std::string tap = container(sample_task(options), "sonde");
  CHECK(variable(tap, "SONDE_PRIVACY_HASH_KEY") == "env:SONDE_HASH_KEY");
  CHECK_THAT(tap, ContainsSubstring(options.hash_key_secret));
}

TEST_CASE("an image that may be another one tomorrow is refused", "[aws][task]") {
  const auto image =
      GENERATE("sonde", "sonde:latest", "host:5000/sonde", "", ":1", "sonde@sha256:1");
  TaskOptions options = sample_options();
  options.sonde_image = image;
  INFO(image);
  CHECK_FALSE(task_definition(loaded_from(kHome), options));
}

TEST_CASE("a version or a digest pins an image", "[aws][task]") {
  CHECK(pinned("sonde:0.1.0"));
  CHECK(pinned("host:5000/a/sonde:0.1.0"));
  CHECK(pinned("sonde@sha256:" + std::string(64, 'a')));
  CHECK(pinned(kCollectorImage));
  CHECK(pinned(kAgentImage));
}

TEST_CASE("sizes that Fargate does not have are refused", "[aws][task]") {
  TaskOptions options = sample_options();
  options.cpu = 300;
  CHECK_FALSE(task_definition(loaded_from(kHome), options));
  options.cpu = 512;
  options.memory_mib = 512;
  CHECK_THAT(task_definition(loaded_from(kHome), options).error().message(),
             ContainsSubstring("1024 to 4096 MiB"));
  options.memory_mib = 1536;
  CHECK_FALSE(task_definition(loaded_from(kHome), options));
  options.memory_mib = 4096;
  CHECK(task_definition(loaded_from(kHome), options));
}

TEST_CASE("a task without any server is refused, one whose server is elsewhere is not",
          "[aws][task]") {
  TaskOptions options = sample_options();
  options.server_image.clear();
  CHECK_FALSE(task_definition(loaded_from(kHome), options));
  auto variables = kHome;
  variables["SONDE_PROXY_UPSTREAMS"] = "far=https://mcp.example.com";
  const auto task = task_definition(loaded_from(variables), options);
  REQUIRE(task);
  CHECK(variable(container(*task, "sonde"), "SONDE_PROXY_UPSTREAMS") ==
        "far=https://mcp.example.com");
}

TEST_CASE("the collector has its configuration in the task", "[aws][task]") {
  const std::string task = sample_task();
  const auto yaml = collector_yaml({.log_group = "/mcp/sonde"});
  REQUIRE(yaml);
  CHECK(variable(container(task, "collector"), "AOT_CONFIG_CONTENT") == *yaml);
  CHECK(find_member(container(task, "collector"), "essential") == "false");
}

TEST_CASE("what joins spans to log lines is indexed", "[aws][collector]") {
  const auto yaml = collector_yaml({.region = "eu-west-1", .log_group = "/a/b"});
  REQUIRE(yaml);
  for (const char* const name : {"sonde.correlation_id", "gen_ai.conversation.id", "error.type"}) {
    CHECK_THAT(*yaml, ContainsSubstring(std::string("- ") + name + '\n'));
  }
  CHECK_THAT(*yaml, ContainsSubstring("aws_log_groups: [\"/a/b\"]"));
  CHECK_THAT(*yaml, !ContainsSubstring("awsemf"));
}

TEST_CASE("a region is told from what is none", "[aws][collector]") {
  for (const char* const good : {"us-east-1", "cn-north-1", "us-gov-west-1", "ap-southeast-3"}) {
    CHECK(is_region(good));
  }
  for (const char* const bad :
       {"", "us-east", "useast1", "US-EAST-1", "us-east-1\nx", "-1", "a-1"}) {
    CHECK_FALSE(is_region(bad));
    CHECK_FALSE(collector_yaml({.region = bad}));
  }
  CHECK_FALSE(collector_yaml({.memory_mib = 10}));
}

TEST_CASE("the agent takes each line one way", "[aws][agent]") {
  Config config;
  config.state_dir = "/var/lib/sonde";
  const std::string files = agent_json(config, "/mcp/sonde", 30);
  CHECK_THAT(files, ContainsSubstring("/var/lib/sonde/log/*.jsonl"));
  CHECK_THAT(files, !ContainsSubstring("emf"));
  config.emf.agent_endpoint = "tcp://127.0.0.1:25888";
  const std::string port = agent_json(config, "/mcp/sonde", 30);
  CHECK_THAT(port, ContainsSubstring("emf"));
  CHECK_THAT(port, !ContainsSubstring("jsonl"));
}

TEST_CASE("pretty JSON is the same JSON", "[aws][json]") {
  const std::string long_text(80, 'x');
  const std::string json = R"({"a":[")" + long_text + R"(",{"b":1}],"c":{}})";
  CHECK(pretty_json(json) ==
        "{\n  \"a\": [\n    \"" + long_text + "\",\n    {\"b\":1}\n  ],\n  \"c\": {}\n}\n");
  CHECK(pretty_json("[]") == "[]\n");
}

}  // namespace
}  // namespace sonde::aws
