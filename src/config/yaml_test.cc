#include "config/yaml.h"

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "config/document.h"

namespace sonde::config {
namespace {

/// The faults of a file, one a line.
std::string faults_of(std::string_view text) {
  std::string out;
  for (const Fault& fault : read_yaml(text, "s.yaml").faults.list()) out += to_string(fault) + '\n';
  return out;
}

Config config_of(std::string_view text) {
  Config config;
  const Document document = read_yaml(text, "s.yaml");
  REQUIRE(document.faults.empty());
  for (const Assignment& one : document.common) assign(*one.field, one.value, config);
  return config;
}

std::string show_all(const Config& config) {
  std::string out;
  for (const Field& field : fields())
    out += std::string(field.key) + ' ' + show(field, config) + '\n';
  return out;
}

TEST_CASE("an empty file, or one of comments, changes nothing", "[config][yaml]") {
  const auto* text =
      GENERATE("", "\n\n", "# nothing\n", "---\n", "emf:\n  # mode: off\n", "servers:\n");
  CHECK(show_all(config_of(text)) == show_all(Config{}));
}

TEST_CASE("the documented example gives the defaults", "[config][yaml]") {
  CHECK(show_all(config_of(render_example())) == show_all(Config{}));
}

TEST_CASE("sections and dotted keys mean the same", "[config][yaml]") {
  const auto* text = GENERATE("emf: {mode: off}", "emf.mode: off", "emf:\n  mode: \"off\"\n");
  CHECK(config_of(text).emf.mode == EmfConfig::Mode::kOff);
}

TEST_CASE("every type is read", "[config][yaml]") {
  const Config config = config_of(R"(
environment: staging
log: {file: ~/calls.jsonl, to_stderr: yes, file_bytes_max: 1.5 MiB, files_max: 3}
emf:
  inline_rate_max: 0.5
  interval: 2m
  dimensions: [[Environment], [ServerName, Environment]]
privacy:
  redact_keys:
    - ssn
    - iban
)");
  CHECK(config.environment == "staging");
  CHECK(config.log.file == "~/calls.jsonl");
  CHECK(config.log.to_stderr);
  CHECK(config.log.file_bytes_max == 1'572'864);
  CHECK(config.log.files_max == 3);
  CHECK(config.emf.inline_rate_max == 0.5);
  CHECK(config.emf.interval == std::chrono::minutes(2));
  CHECK(config.emf.dimensions == ListOfLists{{"Environment"}, {"ServerName", "Environment"}});
  CHECK(config.privacy.redact_keys == List{"ssn", "iban"});
}

TEST_CASE("a switch of the command line does not belong into the file", "[config][yaml]") {
  CHECK(faults_of("wrap: {restart: on-crash}\n") ==
        "s.yaml:1:8: wrap.restart: is a switch of the command line; write --wrap-restart behind "
        "`sonde wrap`, or set SONDE_WRAP_RESTART\n");
}

TEST_CASE("an unknown key is told with its place and the nearest one", "[config][yaml]") {
  CHECK(faults_of("emf:\n  modee: off\n") ==
        "s.yaml:2:3: emf.modee: unknown key; did you mean `emf.mode`?\n");
  CHECK(faults_of("enviroment: x\n") ==
        "s.yaml:1:1: enviroment: unknown key; did you mean `environment`?\n");
  CHECK(faults_of("emff: {mode: off}\n") == "s.yaml:1:1: emff: unknown key; did you mean `emf`?\n");
  CHECK(faults_of("zzzzzzzzzz: 1\n") == "s.yaml:1:1: zzzzzzzzzz: unknown key\n");
}

TEST_CASE("a key without its section is found in one", "[config][yaml]") {
  CHECK(faults_of("redact_keys: [a]\n") ==
        "s.yaml:1:1: redact_keys: unknown key; did you mean `privacy.redact_keys`?\n");
}

TEST_CASE("a wrong value is told with what may be written", "[config][yaml]") {
  CHECK(faults_of("emf: {mode: inlin}") ==
        "s.yaml:1:13: emf.mode: `inlin` is not one of off, inline or aggregate; did you mean "
        "`inline`?\n");
  CHECK(faults_of("emf.interval: 5 parsecs") ==
        "s.yaml:1:15: emf.interval: `5 parsecs` is no duration; write 500ms, 30s, 5m, 2h or 7d\n");
  CHECK(faults_of("emf.interval: 5") ==
        "s.yaml:1:15: emf.interval: `5` is no duration; write 500ms, 30s, 5m, 2h or 7d\n");
  CHECK(faults_of("log.file_bytes_max: 1") ==
        "s.yaml:1:21: log.file_bytes_max: `1` is out of bounds; write 64KiB to 4GiB\n");
  CHECK(faults_of("log.to_file: maybe") ==
        "s.yaml:1:14: log.to_file: `maybe` is neither true nor false\n");
  CHECK(faults_of("emf.agent_endpoint: localhost:25888") ==
        "s.yaml:1:21: emf.agent_endpoint: `localhost:25888` must be written tcp://HOST:PORT or "
        "udp://HOST:PORT\n");
}

TEST_CASE("a value of the wrong form is told", "[config][yaml]") {
  CHECK(faults_of("emf: off") ==
        "s.yaml:1:1: emf: is a section; write its keys indented on lines below\n");
  CHECK(faults_of("emf.mode: [off]") ==
        "s.yaml:1:11: emf.mode: has the wrong form; write off, inline or aggregate\n");
  CHECK(faults_of("emf.mode:\n") ==
        "s.yaml:1:1: emf.mode: has no value; write off, inline or aggregate\n");
  CHECK(faults_of("emf.dimensions: [Environment]") ==
        "s.yaml:1:17: emf.dimensions: has an entry that is no list of texts\n");
  CHECK(faults_of("- a\n") ==
        "s.yaml:1:1: is no mapping; write keys and values, as `emf: {mode: inline}`\n");
  CHECK(faults_of("[a]: b\n") == "s.yaml:1:1: a key must be a name\n");
}

TEST_CASE("a dimension that no metric carries is a fault", "[config][yaml]") {
  CHECK(faults_of("emf.dimensions: [[Tool]]") ==
        "s.yaml:1:17: emf.dimensions: `Tool` is no dimension; take from ServerName, ToolName, "
        "Environment, Service, Instance, Transport and ClientName\n");
}

TEST_CASE("a key given twice is told with its first line", "[config][yaml]") {
  CHECK(faults_of("name: a\nservice: b\nname: c\n") ==
        "s.yaml:3:1: name: is given twice; the first is on line 1\n");
  CHECK(faults_of("emf: {mode: off}\nemf.mode: off\n") ==
        "s.yaml:2:1: emf.mode: is given twice; the first is on line 1\n");
  CHECK(faults_of("servers: {a: {}, a: {}}") ==
        "s.yaml:1:18: servers.a: is given twice; the first is on line 1\n");
}

TEST_CASE("a relative path in a file would depend on the client's folder", "[config][yaml]") {
  CHECK(faults_of("log.file: calls.jsonl") ==
        "s.yaml:1:11: log.file: is a relative path; write a path, absolute or from ~/\n");
}

TEST_CASE("all faults are told at once", "[config][yaml]") {
  const Document document =
      read_yaml("nam: x\nemf: {mode: x, interval: y}\nlog.files_max: 0\n", "s");
  CHECK(document.faults.list().size() == 4);
}

TEST_CASE("what is right before a syntax error is still checked", "[config][yaml]") {
  const std::string faults = faults_of("nam: x\nemf: {mode: off\nname: [\n");
  CHECK(faults.find("not YAML") != std::string::npos);
  CHECK(faults.find("nam: unknown key") != std::string::npos);
}

TEST_CASE("what would make a small file large is refused", "[config][yaml]") {
  CHECK(faults_of("a: &x [1]\n").find("anchors (&name) are not supported") != std::string::npos);
  CHECK(faults_of("name: *x\n").find("not YAML") != std::string::npos);
  CHECK(faults_of("[[[[[[[[[[a]]]]]]]]]]").find("nested too deeply") != std::string::npos);
  CHECK(faults_of(std::string(100'000, '[')).find("not YAML") != std::string::npos);
  CHECK(faults_of(std::string(kTextBytesMax + 1, 'a')).find("larger than 1 MiB") !=
        std::string::npos);
  std::string many = "privacy.redact_keys: [";
  for (std::size_t i = 0; i < kNodesMax; ++i) many += "a,";
  CHECK(faults_of(many + "a]").find("more than 20000 values") != std::string::npos);
}

TEST_CASE("a second document is a fault", "[config][yaml]") {
  CHECK(faults_of("name: a\n---\nname: b\n") ==
        "s.yaml:1:1: holds a second document; remove it and its `---`\n");
}

TEST_CASE("a thousand faults are told as a hundred and a word", "[config][yaml]") {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "zzzzzzz" + std::to_string(i) + ": 1\n";
  const Document document = read_yaml(text, "s");
  REQUIRE(document.faults.list().size() == Faults::kFaultsMax + 1);
  CHECK(document.faults.list().back().problem == "more faults follow");
}

TEST_CASE("what a fault quotes cannot act on a terminal", "[config][yaml]") {
  const std::string faults = faults_of("\"a\\e[2Jb\": 1\n");
  CHECK(faults.find('\x1b') == std::string::npos);
  CHECK(faults.find("unknown key") != std::string::npos);
}

TEST_CASE("a server's part holds what differs for it", "[config][yaml]") {
  const Document document = read_yaml("servers:\n  git:\n    emf.mode: off\n  web:\n", "s");
  CHECK(document.faults.empty());
  REQUIRE(document.servers.at("git").size() == 1);
  CHECK(document.servers.at("git").front().field->key == "emf.mode");
}

TEST_CASE("faults in a server's part name the server", "[config][yaml]") {
  CHECK(faults_of("servers: {git: {emf: {mod: off}}}") ==
        "s.yaml:1:23: servers.git.emf.mod: unknown key; did you mean `emf.mode`?\n");
  CHECK(faults_of("servers: {git: {name: x}}") ==
        "s.yaml:1:17: servers.git.name: cannot differ by server; the name above it is the "
        "server's name\n");
  CHECK(faults_of("servers: {git: 1}").find("servers.git: is no mapping") != std::string::npos);
  CHECK(faults_of("servers: 1").find("servers: is no mapping") != std::string::npos);
}

}  // namespace
}  // namespace sonde::config
