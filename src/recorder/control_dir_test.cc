#include "recorder/control_dir.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "recorder/temp_dir.h"
#include "recorder/unix_address.h"

namespace sonde::recorder {
namespace {

using Names = std::set<std::string>;

Names names_in(const std::string& dir) {
  Names names;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    names.insert(entry.path().filename());
  }
  return names;
}

/// The pid of a process that has just ended.
pid_t dead_pid() {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  ::waitpid(pid, nullptr, 0);
  return pid;
}

std::string stats_of(std::uint64_t start_ticks) {
  return "{\"pid\":1,\"start_ticks\":" + std::to_string(start_ticks) + ",\"server\":\"x\"}\n";
}

unsigned mode_of(const std::string& path) {
  struct stat state{};
  REQUIRE(::lstat(path.c_str(), &state) == 0);
  return state.st_mode & 0777U;
}

TEST_CASE("the folder is made with all above it, for its owner only", "[recorder][control]") {
  const TempDir temp;
  REQUIRE(open_control_dir(temp / "state/sonde/control"));
  CHECK(mode_of(temp / "state") == 0700);
  CHECK(mode_of(temp / "state/sonde/control") == 0700);
}

TEST_CASE("a folder that others may enter is closed to them", "[recorder][control]") {
  const TempDir temp;
  REQUIRE(::mkdir((temp / "control").c_str(), 0700) == 0);
  REQUIRE(::chmod((temp / "control").c_str(), 0777) == 0);
  REQUIRE(open_control_dir(temp / "control"));
  CHECK(mode_of(temp / "control") == 0700);
}

TEST_CASE("what is no folder of ours is refused", "[recorder][control]") {
  const TempDir temp;
  write_file(temp / "file", "");
  std::filesystem::create_symlink("/tmp", temp / "link");
  CHECK_FALSE(open_control_dir(temp / "file"));
  CHECK_FALSE(open_control_dir(temp / "link"));
  CHECK_FALSE(open_control_dir("/proc/nowhere/control"));
}

TEST_CASE("a process has one start, and none when it is gone", "[recorder][control]") {
  const auto ours = process_start_ticks(::getpid());
  CHECK(ours.value_or(0) > 0);
  CHECK(process_start_ticks(::getpid()) == ours);
  CHECK_FALSE(process_start_ticks(dead_pid()));
}

TEST_CASE("files of a dead process are swept away", "[recorder][control]") {
  const TempDir temp;
  const std::string pid = std::to_string(dead_pid());
  write_file(temp / (pid + ".json"), stats_of(5));
  write_file(temp / (pid + ".json.tmp"), "");
  write_file(temp / (pid + ".sock"), "");
  CHECK(sweep_control_dir(temp.path()) == 3);
  CHECK(names_in(temp.path()).empty());
}

TEST_CASE("files of a process that was given an old pid are swept away", "[recorder][control]") {
  const TempDir temp;
  write_file(stats_path(temp.path(), ::getpid()), stats_of(1));
  CHECK(sweep_control_dir(temp.path()) == 1);
}

TEST_CASE("files of a living process stay, and so does what is not ours", "[recorder][control]") {
  const TempDir temp;
  write_file(stats_path(temp.path(), ::getpid()),
             stats_of(process_start_ticks(::getpid()).value_or(0)));
  write_file(socket_path(temp.path(), 1), "");
  const Names others{"notes.json", "12x.json", ".json", "99999999999999.json", "-4.json", "17.txt"};
  for (const std::string& name : others) write_file(temp / name, "");
  CHECK(sweep_control_dir(temp.path()) == 0);
  CHECK(names_in(temp.path()).size() == others.size() + 2);
}

TEST_CASE("a tap that answers is alive, whatever its pid means here", "[recorder][control]") {
  const TempDir temp;
  const pid_t pid = dead_pid();
  write_file(stats_path(temp.path(), pid), stats_of(5));
  const auto listener = listen_unix(socket_path(temp.path(), pid), 1);
  REQUIRE(listener);
  CHECK(sweep_control_dir(temp.path()) == 0);
}

TEST_CASE("a sweep does only so much", "[recorder][control]") {
  const TempDir temp;
  const pid_t pid = dead_pid();
  for (int i = 0; i < 10; ++i) {
    write_file(temp / (std::string(static_cast<std::size_t>(i), '0') + std::to_string(pid)) + ".x",
               "");
  }
  CHECK(sweep_control_dir(temp.path(), {.looked_at_max = 3}) == 0);
  write_file(stats_path(temp.path(), pid), stats_of(5));
  write_file(socket_path(temp.path(), pid), "");
  CHECK(sweep_control_dir(temp.path(), {.removed_max = 0}) == 0);
  CHECK(sweep_control_dir(temp.path(), {.removed_max = 1}) <= 2);
}

}  // namespace
}  // namespace sonde::recorder
