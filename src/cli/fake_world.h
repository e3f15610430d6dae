#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "cli/command.h"

// For the tests of this module.

namespace sonde::cli {

/// A home folder, an environment, a clock that stands at 2026-11-20 12:00 UTC, and two
/// strings for stdout and stderr.
class FakeWorld {
 public:
  FakeWorld() {
    std::string name = (std::filesystem::temp_directory_path() / "sonde-cli-XXXXXX").string();
    SONDE_CHECK(mkdtemp(name.data()) != nullptr);
    home_ = name;
    variables = {{"HOME", name}, {"TERM", "xterm"}};
    io.out = [this](std::string_view text) {
      out += text;
      return --writes_left_ != 0;
    };
    io.err = [this](std::string_view text) { err += text; };
    io.lookup = [this](std::string_view key) -> std::optional<std::string> {
      const auto found = variables.find(key);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    io.host = "box";
    io.clock = &clock;
    io.utc_offset = [](std::chrono::seconds) { return std::chrono::seconds(0); };
    io.stop_fd = [this] { return stop_.get(); };
  }
  ~FakeWorld() { std::filesystem::remove_all(home_); }
  FakeWorld(const FakeWorld&) = delete;
  FakeWorld& operator=(const FakeWorld&) = delete;

  /// Runs a command line, which must be written without quotes; clears what was printed.
  int run(std::string_view line) {
    out.clear();
    err.clear();
    std::vector<std::string_view> words;
    while (!line.empty()) {
      const std::size_t end = std::min(line.find(' '), line.size());
      if (end > 0) words.push_back(line.substr(0, end));
      line.remove_prefix(std::min(end + 1, line.size()));
    }
    return run_command(words, io);
  }

  std::string home() const { return home_; }
  std::string state() const { return home() + "/.local/state/sonde"; }
  std::string write(const std::string& name, std::string_view text) const {
    return write_to(home_ / name, text);
  }
  std::string write_log(const std::string& name, std::string_view text) const {
    return write_to(std::filesystem::path(state()) / "log" / name, text);
  }
  void append_log(const std::string& name, std::string_view text) const {
    std::ofstream(state() + "/log/" + name, std::ios::app) << text;
  }
  /// What was printed with the home folder's name as "~".
  std::string out_at_home() const {
    std::string text = out;
    for (std::size_t at; (at = text.find(home())) != std::string::npos;) {
      text.replace(at, home().size(), "~");
    }
    return text;
  }
  /// As `| head -n COUNT` does.
  void stop_reading_after(int writes) { writes_left_ = writes; }

  std::map<std::string, std::string, std::less<>> variables;
  ManualClock clock;
  Io io;
  std::string out;
  std::string err;

 private:
  static std::string write_to(const std::filesystem::path& path, std::string_view text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::filesystem::path home_;
  int writes_left_ = -1;
  /// Already readable, so a command that waits looks around once and ends.
  Fd stop_{eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)};
};

/// A log line.  `more` is JSON of further members, each with a comma in front.
struct LineParts {
  std::string_view time = "12:00:00.000";
  std::string_view server = "search";
  std::string_view tool = "find";
  std::string_view status = "ok";
  std::string_view duration = "12.50";
  std::string_view more = "";
};

inline std::string log_line(const LineParts& parts = {}) {
  const std::string event = parts.status == "ok" ? "success" : std::string(parts.status);
  return R"({"timestamp":"2026-11-20T)" + std::string(parts.time) +
         R"(Z","level":"info","event":"tool.)" + event + R"(","server_name":")" +
         std::string(parts.server) + R"(","tool_name":")" + std::string(parts.tool) +
         R"(","method":"tools/call","duration_ms":)" + std::string(parts.duration) +
         R"(,"status":")" + std::string(parts.status) + '"' + std::string(parts.more) + "}\n";
}

}  // namespace sonde::cli
