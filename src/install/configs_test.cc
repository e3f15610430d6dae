// Files in the style of real projects, tests/data/mcp_configs, named CLIENT-SCOPE-WHAT.json.
// Whatever is secret in them contains the word "hush".
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "install/report.h"
#include "install/rewrite_for_test.h"

namespace sonde::install {
namespace {

namespace fs = std::filesystem;

struct Sample {
  std::string name;
  std::string text;
  Layout layout;
};

Layout layout_of(const std::string& name) {
  if (name.starts_with("claude-user")) return Layout::kProjects;
  return name.starts_with("vscode") ? Layout::kServers : Layout::kMcpServers;
}

std::vector<Sample> samples() {
  std::vector<Sample> all;
  for (const fs::directory_entry& entry : fs::directory_iterator(SONDE_MCP_CONFIGS)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string name = entry.path().filename();
    all.push_back({.name = name,
                   .text = {std::istreambuf_iterator<char>(in), {}},
                   .layout = layout_of(name)});
  }
  return all;
}

TEST_CASE("there are thirty files, of all clients and scopes", "[install][configs]") {
  std::set<std::string> kinds;
  for (const Sample& sample : samples()) {
    kinds.insert(sample.name.substr(0, sample.name.find('-', sample.name.find('-') + 1)));
  }
  CHECK(samples().size() >= 30);
  CHECK(kinds.size() == 6);
}

TEST_CASE("real files come back byte for byte", "[install][configs]") {
  std::size_t changed = 0;
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const auto installed = rewritten(sample.text, sample.layout, true);
    REQUIRE(installed);
    CHECK(rewritten(*installed, sample.layout, true) == installed);
    CHECK(rewritten(*installed, sample.layout, false) == sample.text);
    CHECK(rewritten(sample.text, sample.layout, false) == sample.text);
    changed += *installed != sample.text ? 1 : 0;
  }
  CHECK(changed >= 28);  // Two files have no servers.
}

TEST_CASE("only programs are changed, and all of them", "[install][configs]") {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const std::string installed = *rewritten(sample.text, sample.layout, true);
    const auto document = JsoncDocument::parse(installed);
    for (const Server& server : *find_servers(*document, sample.layout)) {
      INFO(server.name);
      const bool remote = server.reason.starts_with("its type is") ||
                          server.reason == "it has a `url`" ||
                          server.reason == "it is set up for debugging";
      CHECK((server.state == ServerState::kInstalled || remote));
    }
  }
}

/// Where a client looks for the sample.
std::string file_of(const Sample& sample, const Place& place) {
  for (const ClientFile& file : client_files(place.home, place.project, place.lookup)) {
    const std::string_view client = name_of(file.client);
    const std::string kind = std::string(client.substr(0, client.find('-'))) + "-" +
                             std::string(name_of(file.scope)) + "-";
    if (sample.name.starts_with(kind)) return file.path;
  }
  FAIL("nobody reads " << sample.name);
  return {};
}

TEST_CASE("nothing that is printed has a secret of the files", "[install][configs]") {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    std::string root = (fs::temp_directory_path() / "sonde-configs-XXXXXX").string();
    REQUIRE(mkdtemp(root.data()) != nullptr);
    const Place place{.home = root + "/home",
                      .project = root + "/project",
                      .data_dir = root + "/data",
                      .sonde = "/usr/bin/sonde",
                      .flags = {},
                      .lookup = [](std::string_view) { return std::nullopt; }};
    const fs::path file = file_of(sample, place);
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << sample.text;
    std::string printed;
    for (const Action action : {Action::kInstall, Action::kUninstall}) {
      for (const bool dry_run : {true, false}) {
        const Request request{.action = action, .dry_run = dry_run};
        const auto outcome = run(request, place);
        REQUIRE(outcome);
        CHECK(succeeded(*outcome, request));
        printed += as_text(*outcome, request) + as_json(*outcome, request);
      }
    }
    INFO(printed);
    CHECK(printed.find("hush") == std::string::npos);
    fs::remove_all(root);
  }
}

}  // namespace
}  // namespace sonde::install
