#include "install/install.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "base/check.h"
#include "install/backup.h"
#include "install/launcher.h"
#include "install/owned_file.h"
#include "install/report.h"

namespace sonde::install {
namespace {

namespace fs = std::filesystem;

/// A home and a project, gone at the end.
class Home {
 public:
  Home() {
    std::string name = (fs::temp_directory_path() / "sonde-install-XXXXXX").string();
    SONDE_CHECK(mkdtemp(name.data()) != nullptr);
    root_ = name;
    place = {.home = name + "/home",
             .project = name + "/project",
             .data_dir = name + "/home/.local/share/sonde",
             .sonde = "/usr/bin/sonde",
             .flags = {},
             .lookup = [](std::string_view) { return std::nullopt; }};
    fs::create_directories(place.project);
  }
  ~Home() { fs::remove_all(root_); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  std::string write(const std::string& name, std::string_view text) const {
    const fs::path path = root_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string backups() const { return place.data_dir + "/backups"; }

  Outcome run(Request request) const {
    auto outcome = install::run(request, place);
    REQUIRE(outcome);
    return *std::move(outcome);
  }
  Outcome install() const { return run({}); }
  Outcome uninstall() const { return run({.action = Action::kUninstall}); }

  Place place;

 private:
  fs::path root_;
};

constexpr std::string_view kText = "{\"mcpServers\": {\"s\": {\"command\": \"x\"}}}";
constexpr const char* kCursor = "home/.cursor/mcp.json";

const FileOutcome& outcome_of(const Outcome& outcome, const std::string& path) {
  for (const FileOutcome& file : outcome.files) {
    if (file.file.path == path) return file;
  }
  FAIL("no outcome for " << path);
  return outcome.files.front();
}

mode_t mode_of(const std::string& path) {
  struct stat found{};
  REQUIRE(stat(path.c_str(), &found) == 0);
  return found.st_mode & 07777;
}

TEST_CASE("installing keeps a copy, and restoring takes it away", "[install]") {
  const Home home;
  const std::string file = home.write(kCursor, kText);
  const Outcome outcome = home.install();
  const FileOutcome& out = outcome_of(outcome, file);
  CHECK(out.state == FileState::kChanged);
  CHECK(Home::read(out.backup) == kText);
  CHECK(mode_of(out.backup) == 0600);
  CHECK(mode_of(home.backups()) == 0700);
  CHECK(Home::read(file) != kText);
  home.uninstall();
  CHECK(Home::read(file) == kText);
  CHECK(fs::is_empty(home.backups()));
}

TEST_CASE("the copy is of the file before the first change", "[install]") {
  const Home home;
  const std::string file = home.write(kCursor, kText);
  const std::string backup = outcome_of(home.install(), file).backup;
  std::string more = Home::read(file);
  more.insert(more.find("\"s\""), "\"t\": {\"command\": \"y\"}, ");
  home.write(kCursor, more);
  CHECK(outcome_of(home.install(), file).servers.front().change == Change::kInstalled);
  CHECK(Home::read(backup) == kText);
  home.uninstall();
  CHECK(Home::read(file) == R"({"mcpServers": {"t": {"command": "y"}, "s": {"command": "x"}}})");
  CHECK(Home::read(backup) == kText);  // Not what the file is now: it stays.
}

TEST_CASE("installing twice writes nothing the second time", "[install]") {
  const Home home;
  const std::string file = home.write(kCursor, kText);
  home.install();
  const std::string once = Home::read(file);
  const fs::file_time_type time = fs::last_write_time(file);
  CHECK(outcome_of(home.install(), file).state == FileState::kUnchanged);
  CHECK(Home::read(file) == once);
  CHECK(fs::last_write_time(file) == time);
}

TEST_CASE("the launcher is there before a file names it, and comes back", "[install]") {
  const Home home;
  home.write(kCursor, kText);
  CHECK(home.install().launcher == home.place.launcher());
  CHECK(mode_of(home.place.launcher()) == 0755);
  CHECK(Home::read(home.place.launcher()) == *launcher_program("/usr/bin/sonde"));
  fs::remove(home.place.launcher());
  home.install();
  CHECK(fs::exists(home.place.launcher()));
  home.uninstall();
  CHECK(fs::exists(home.place.launcher()));
}

TEST_CASE("without servers nothing is made but the lock", "[install]") {
  const Home home;
  home.write(kCursor, R"({"mcpServers": {"s": {"url": "https://x"}}})");
  CHECK(home.install().launcher.empty());
  CHECK_FALSE(fs::exists(home.place.launcher()));
  CHECK_FALSE(fs::exists(home.backups()));
}

TEST_CASE("a dry run changes nothing and makes no folder", "[install]") {
  const Home home;
  const std::string file = home.write(kCursor, kText);
  const Outcome outcome = home.run({.dry_run = true});
  CHECK(outcome_of(outcome, file).diff.find("\n+{\"mcpServers\"") != std::string::npos);
  CHECK(Home::read(file) == kText);
  CHECK_FALSE(fs::exists(home.place.home + "/.local"));
}

TEST_CASE("mode and links stay what they are", "[install]") {
  const Home home;
  const std::string target = home.write("dotfiles/mcp.json", kText);
  fs::permissions(target, fs::perms(0640));
  const std::string link = home.place.home + "/.cursor/mcp.json";
  fs::create_directories(home.place.home + "/.cursor");
  fs::create_symlink("../../dotfiles/mcp.json", link);
  home.install();
  CHECK(fs::is_symlink(link));
  CHECK(Home::read(target) != kText);
  CHECK(mode_of(target) == 0640);
  home.uninstall();
  CHECK(fs::is_symlink(link));
  CHECK(Home::read(target) == kText);
  CHECK(fs::is_empty(home.backups()));
}

TEST_CASE("nothing is left beside a file that was changed", "[install]") {
  const Home home;
  home.write(kCursor, kText);
  home.install();
  CHECK(std::distance(fs::directory_iterator(home.place.home + "/.cursor"), {}) == 1);
}

TEST_CASE("a file that cannot be changed says why and keeps no other from it", "[install]") {
  const Home home;
  const std::string good =
      home.write("project/.vscode/mcp.json", R"({"servers": {"s": {"command": "x"}}})");
  const std::string bad = home.place.home + "/.cursor/mcp.json";
  std::string problem;
  SECTION("no JSON") {
    home.write(kCursor, "{\n  \"mcpServers\": {,}\n}");
    problem = "line 2, column 18: a key in quotes was expected here";
  }
  SECTION("another hard link") {
    home.write(kCursor, kText);
    fs::create_hard_link(bad, home.place.home + "/other");
    problem = "has another hard link, which replacing it would cut off";
  }
  SECTION("a folder") {
    fs::create_directories(bad);
    problem = "is no regular file";
  }
  SECTION("a pipe that nobody writes to") {
    fs::create_directories(home.place.home + "/.cursor");
    REQUIRE(mkfifo(bad.c_str(), 0600) == 0);
    problem = "is no regular file";
  }
  const Outcome outcome = home.install();
  CHECK(outcome_of(outcome, bad).state == FileState::kRefused);
  CHECK(outcome_of(outcome, bad).problem == problem);
  CHECK(outcome_of(outcome, good).state == FileState::kChanged);
  CHECK_FALSE(succeeded(outcome, {}));
  CHECK(as_text(outcome, {}).find("  not changed: " + problem) != std::string::npos);
}

TEST_CASE("a file that somebody else changes meanwhile is not overwritten", "[install]") {
  const Home home;
  const std::string path = home.write(kCursor, kText);
  const auto file = read_owned(path);
  REQUIRE((file && file->exists));
  home.write(kCursor, "{}");
  const Status replaced = replace_owned(*file, "ours");
  REQUIRE_FALSE(replaced);
  CHECK(replaced.error().code() == Errc::kUnavailable);
  CHECK(Home::read(path) == "{}");
  CHECK(std::distance(fs::directory_iterator(home.place.home + "/.cursor"), {}) == 1);
}

TEST_CASE("a home that JSON cannot spell is refused before anything is changed", "[install]") {
  Home home;
  const std::string file = home.write(kCursor, kText);
  home.place.data_dir = home.place.home + "/\xff/sonde";
  const auto outcome = run({}, home.place);
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().message().starts_with("the launcher's path cannot be written"));
  CHECK(Home::read(file) == kText);
}

TEST_CASE("client, scope and server narrow what is done", "[install]") {
  const Home home;
  const std::string two = R"({"mcpServers": {"a": {"command": "x"}, "b": {"command": "y"}}})";
  const std::string user = home.write(kCursor, two);
  const std::string project = home.write("project/.cursor/mcp.json", two);
  const std::string other = home.write("project/.mcp.json", two);
  home.run({.client = Client::kCursor, .scope = Scope::kProject, .server = "b"});
  CHECK(Home::read(user) == two);
  CHECK(Home::read(other) == two);
  const std::string changed = Home::read(project);
  CHECK(changed.find(R"("a": {"command": "x"})") != std::string::npos);
  CHECK(changed.find(R"("b": {"command": "y"})") == std::string::npos);
}

TEST_CASE("a server that nobody has is a problem", "[install]") {
  const Home home;
  home.write(kCursor, kText);
  const Request request{.server = "nobody"};
  const Outcome outcome = home.run(request);
  CHECK_FALSE(succeeded(outcome, request));
  CHECK(as_text(outcome, request).ends_with("No file has a server `nobody`.\n"));
}

TEST_CASE("variables move the user's files as they do for the clients", "[install][clients]") {
  const auto lookup = [](std::string_view name) -> std::optional<std::string> {
    if (name == "CLAUDE_CONFIG_DIR") return "/c";
    if (name == "XDG_CONFIG_HOME") return "relative";
    return std::nullopt;
  };
  const auto files = client_files("/h", "/p", lookup);
  CHECK(files[0].path == "/c/.claude.json");
  CHECK(files[4].path == "/h/.config/Code/User/mcp.json");
}

TEST_CASE("the copies of two files never share a name", "[install][backup]") {
  CHECK(backup_path("/d", "/a/b%c") == "/d/backups/%a%b%%c");
  CHECK(backup_path("/d", "/a/b") != backup_path("/d", "/a%b"));
  const std::string tail(300, 'x');
  CHECK(backup_path("/d", "/a/" + tail) != backup_path("/d", "/b/" + tail));
  CHECK(backup_path("/d", "/a/" + tail).size() == std::string_view("/d/backups/").size() + 200);
}

TEST_CASE("json has one object a file", "[install][report]") {
  const Home home;
  home.write(kCursor, kText);
  const Outcome outcome = home.run({.client = Client::kCursor, .scope = Scope::kUser});
  const std::string json = as_json(outcome, {});
  CHECK(
      json.starts_with(R"({"action":"install","dry_run":false,"client":"cursor","scope":"user")"));
  CHECK(json.find(R"("servers":[{"name":"s","change":"installed","detail":"x"}])") !=
        std::string::npos);
  CHECK(json.ends_with("}\n"));
}

TEST_CASE("a path too long for the launcher is refused", "[install][launcher]") {
  CHECK(launcher_program(std::string(4095, 'x')));
  CHECK_FALSE(launcher_program(std::string(4096, 'x')));
}

}  // namespace
}  // namespace sonde::install
