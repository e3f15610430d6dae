#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "base/json_reader.h"
#include "mcp/golden_lines_for_test.h"
#include "mcp/replay.h"

// Each folder of tests/golden/stdio is a connection and what is concluded from it:
//   capture.jsonl   {"at_us":0,"from":"client","bytes":"…\n"}   one line per write, or
//                   {"at_us":9,"end":"client_closed"}           the end of the session;
//                   "fill":N puts N times the letter x in place of "<fill>" in `bytes`
//   setup.json      optional: "env" {…}, "host_session", options by name
//   expected.jsonl  one line per record and event, then the counters that are not 0; an id
//                   that stands in neither of the other files shows as "<minted>"
// SONDE_UPDATE_GOLDEN=1 writes expected.jsonl anew.

namespace sonde::mcp {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;

ConnectionContext context_of(const std::string& setup) {
  const std::string env(find_member(setup, "env").value_or("{}"));
  std::vector<std::string> values;
  values.reserve(16);
  const auto lookup = [&](std::string_view name) -> std::optional<std::string_view> {
    values.push_back(text_member(env, name));
    if (values.back().empty()) return std::nullopt;
    return values.back();
  };
  return {.environment = trace_context::read_environment(lookup),
          .host_session_id = text_member(setup, "host_session")};
}

TrackerOptions options_of(const std::string& setup) {
  TrackerOptions options;
  options.inject = find_member(setup, "inject") != "false";
  options.start_lines = find_member(setup, "start_lines") == "true";
  options.outstanding_max =
      static_cast<std::uint32_t>(number_member(setup, "outstanding_max", options.outstanding_max));
  options.parked_max =
      static_cast<std::uint32_t>(number_member(setup, "parked_max", options.parked_max));
  return options;
}

/// Says what is concluded line by line, in the order in which it is.
class Player {
 public:
  Player(const std::string& setup, std::string given)
      : given_(std::move(given)), replay_(options_of(setup), context_of(setup)) {}

  void play(std::string_view line) {
    const auto at = microseconds(number_member(line, "at_us", 0));
    replay_.advance(at - played_);
    played_ = at;
    std::string bytes = text_member(line, "bytes");
    if (const auto place = bytes.find("<fill>"); place != std::string::npos) {
      bytes.replace(place, 6, static_cast<std::size_t>(number_member(line, "fill", 0)), 'x');
    }
    if (text_member(line, "from") == "client") replay_.client(bytes);
    if (text_member(line, "from") == "server") replay_.server(bytes);
    if (const std::string reason = text_member(line, "end"); !reason.empty()) replay_.end(reason);
    write();
  }

  std::string said() { return said_ + show(replay_.stats); }

 private:
  void write() {
    for (const Event& event : replay_.events) said_ += show(event, given_);
    for (const ObservedCall& call : replay_.calls) said_ += show(call, given_);
    replay_.events.clear();
    replay_.calls.clear();
  }

  std::string given_;
  std::string said_;
  microseconds played_{};
  Replay replay_;
};

std::string conclude(const fs::path& folder) {
  const std::string capture = read_file(folder / "capture.jsonl");
  const std::string setup = read_file(folder / "setup.json");
  Player player(setup, capture + setup);
  std::istringstream lines(capture);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) player.play(line);
  }
  return player.said();
}

std::vector<fs::path> cases() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(SONDE_GOLDEN_DIR)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  return folders;
}

TEST_CASE("what is concluded from a connection is what the golden file says", "[mcp][golden]") {
  const bool update = std::getenv("SONDE_UPDATE_GOLDEN") != nullptr;
  const std::vector<fs::path> folders = cases();
  CHECK(folders.size() >= 30);
  for (const fs::path& folder : folders) {
    INFO(folder.filename().string());
    const std::string said = conclude(folder);
    if (update) std::ofstream(folder / "expected.jsonl", std::ios::binary) << said;
    CHECK(said == read_file(folder / "expected.jsonl"));
  }
}

}  // namespace
}  // namespace sonde::mcp
