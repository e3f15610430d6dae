#include "config/flags.h"

#include <chrono>
#include <initializer_list>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

namespace sonde::config {
namespace {

using Words = std::vector<std::string>;
using Arguments = std::vector<std::string_view>;

Result<WrapCommand> parse(Arguments arguments) { return parse_wrap(arguments); }

Config config_of(Arguments flags) {
  flags.insert(flags.end(), {"--", "server"});
  const auto parsed = parse_wrap(flags);
  REQUIRE(parsed);
  Config config;
  for (const Override& one : parsed->overrides) assign(*one.field, one.value, config);
  return config;
}

std::string fault_of(Arguments arguments) {
  const auto parsed = parse_wrap(arguments);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code() == Errc::kInvalidInput);
  const std::string& text = parsed.error().message();
  CHECK(text.ends_with("\nRun `sonde help wrap` for all flags."));
  return text.substr(0, text.find('\n'));
}

TEST_CASE("the command begins behind the dashes or at the first word", "[config][flags]") {
  CHECK(parse({"--", "npx", "-y", "x"})->command == Words{"npx", "-y", "x"});
  CHECK(parse({"npx", "-y", "x"})->command == Words{"npx", "-y", "x"});
  CHECK(parse({"--name", "n", "npx"})->command == Words{"npx"});
  CHECK(parse({"--", "--", "x"})->command == Words{"--", "x"});
  CHECK(parse({"x", "--emf-mode", "off"})->overrides.empty());
}

TEST_CASE("a value is attached or follows", "[config][flags]") {
  CHECK(config_of({"--emf-mode", "off"}).emf.mode == EmfConfig::Mode::kOff);
  CHECK(config_of({"--emf-mode=off"}).emf.mode == EmfConfig::Mode::kOff);
  CHECK(config_of({"--service=a=b"}).service == "a=b");
  CHECK(config_of({"--service="}).service.empty());
  CHECK(config_of({"--service", "-x"}).service == "-x");
}

TEST_CASE("a switch is on, off or told which", "[config][flags]") {
  CHECK(config_of({"--log-to-stderr"}).log.to_stderr);
  CHECK_FALSE(config_of({"--no-log-to-file"}).log.to_file);
  CHECK_FALSE(config_of({"--no-inject"}).trace.inject);
  CHECK_FALSE(config_of({"--trace-inject=false"}).trace.inject);
  CHECK(config_of({"--raw-session-id"}).privacy.raw_session_id);
}

TEST_CASE("the last flag counts, but a list grows", "[config][flags]") {
  CHECK(config_of({"--service", "a", "--service", "b"}).service == "b");
  CHECK(config_of({"--privacy-redact-keys", "a,b", "--privacy-redact-keys", "c"})
            .privacy.redact_keys == List{"a", "b", "c"});
  CHECK(config_of({"--emf-dimensions", "Environment", "--emf-dimensions", "ToolName"})
            .emf.dimensions == ListOfLists{{"Environment"}, {"ToolName"}});
}

TEST_CASE("the configuration file is named by a flag", "[config][flags]") {
  CHECK(parse({"--config", "f.yaml", "x"})->config_file == "f.yaml");
  CHECK(parse({"--config=f.yaml", "x"})->config_file == "f.yaml");
}

TEST_CASE("help needs no command", "[config][flags]") {
  CHECK(parse({"--help"})->help);
  CHECK(parse({"-h", "--nonsense"})->help);
}

TEST_CASE("an unknown flag is told with the nearest one", "[config][flags]") {
  CHECK(fault_of({"--emf-moed", "off", "--", "x"}) ==
        "wrap: --emf-moed is no flag; did you mean `--emf-mode`?");
  CHECK(fault_of({"--emf.mode=off", "x"}) ==
        "wrap: --emf.mode is no flag; did you mean `--emf-mode`?");
  CHECK(fault_of({"--no-injekt", "x"}) ==
        "wrap: --no-injekt is no flag; did you mean `--no-inject`?");
  CHECK(fault_of({"--no-service", "x"}).starts_with("wrap: --no-service is no flag"));
  CHECK(fault_of({"-y", "x"}) == "wrap: -y is no flag");
  CHECK(fault_of({"--qqqqqqqqqqqqqq", "x"}) == "wrap: --qqqqqqqqqqqqqq is no flag");
}

TEST_CASE("a wrong value is told with the flag", "[config][flags]") {
  CHECK(fault_of({"--emf-interval=5", "x"}) ==
        "wrap: --emf-interval: `5` is no duration; write 500ms, 30s, 5m, 2h or 7d");
  CHECK(fault_of({"--service"}) == "wrap: --service needs a value: at most 255 characters");
  CHECK(fault_of({"--service", "--", "x"}) ==
        "wrap: --service needs a value: at most 255 characters");
  CHECK(fault_of({"--config=", "x"}) == "wrap: --config needs a file");
}

TEST_CASE("a missing command is told with an example", "[config][flags]") {
  CHECK(fault_of({}).starts_with("wrap: the server's command is missing; write it behind `--`"));
  CHECK(fault_of({"--name", "x", "--"}).starts_with("wrap: the server's command is missing"));
}

TEST_CASE("reading flags takes microseconds", "[config][flags]") {
  const Arguments arguments = {"--name", "n", "--no-inject", "--emf-mode=off", "--", "npx", "x"};
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kRuns = 100;
  for (int i = 0; i < kRuns; ++i) REQUIRE(parse_wrap(arguments));
  const auto each = (std::chrono::steady_clock::now() - begin) / kRuns;
  CHECK(each < std::chrono::microseconds(200));  // In a debug build; about 2 in a release.
}

Result<ProxyCommand> proxy(std::initializer_list<std::string_view> arguments) {
  const std::vector<std::string_view> words(arguments);
  return parse_proxy(words);
}

TEST_CASE("proxy takes its own flags, and several upstreams", "[config][flags]") {
  const auto command = proxy({"--listen", "[::1]:0", "--upstream", "a=http://127.0.0.1:1",
                              "--upstream=b/b=https://b.example/", "--strict"});
  REQUIRE(command);
  Config config;
  for (const Override& set : command->overrides) assign(*set.field, set.value, config);
  CHECK(config.proxy.listen == "[::1]:0");
  CHECK(config.proxy.upstreams == List{"a=http://127.0.0.1:1", "b/b=https://b.example/"});
  CHECK(config.proxy.strict);
}

TEST_CASE("a flag of one command is none of the other", "[config][flags]") {
  const auto of_wrap = proxy({"--wrap-eof-grace", "1s"});
  REQUIRE_FALSE(of_wrap);
  CHECK(of_wrap.error().message().starts_with("proxy: --wrap-eof-grace is no flag"));
  for (const std::string_view flag : {"--listen", "--log-stdout", "--proxy-threads"}) {
    CAPTURE(flag);
    const std::vector<std::string_view> words = {flag, "1", "--", "cat"};
    CHECK_FALSE(parse_wrap(words));
  }
}

TEST_CASE("proxy says what an upstream or address must look like", "[config][flags]") {
  const auto [flag, value, complaint] =
      GENERATE(Catch::Generators::table<std::string_view, std::string_view, std::string_view>({
          {"--upstream", "http://127.0.0.1:1", "NAME=URL"},
          {"--upstream", "a=ftp://127.0.0.1", "begins with http:// or https://"},
          {"--upstream", "a=http://user@host", "no user"},
          {"--upstream", "a=http://host:0", "port"},
          {"--upstream", "a=http://host/x?y", "query"},
          {"--upstream", "@h=http://host", "needs a name"},
          {"--listen", "8080", "ADDRESS:PORT"},
          {"--listen", "::1:80", "ADDRESS:PORT"},
          {"--listen", "127.0.0.1:65536", "port from 0 to 65535"},
          {"--public-origin", "https://a/b", "without a path"},
      }));
  CAPTURE(value);
  const auto command = proxy({flag, value});
  REQUIRE_FALSE(command);
  CHECK(command.error().message().contains(complaint));
}

TEST_CASE("proxy takes no words", "[config][flags]") {
  const auto command = proxy({"http://127.0.0.1:1"});
  REQUIRE_FALSE(command);
  CHECK(command.error().message().contains("--upstream NAME=URL"));
}

}  // namespace
}  // namespace sonde::config
