#include "cli/follow.h"

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "cli/fake_world.h"

namespace sonde::cli {
namespace {

/// A follower over the log folder of a fake world.
class Watched {
 public:
  Watched() : follower_((prepare(world_), world_.state() + "/log"), {}) {}

  void append(const std::string& name, const std::string& text) { world_.append_log(name, text); }
  void rename(const std::string& from, const std::string& to) {
    std::filesystem::rename(path(from), path(to));
  }
  std::string path(const std::string& name) const { return world_.state() + "/log/" + name; }

  /// What is new since the last call, lines joined by blanks.
  std::string look() {
    std::string lines;
    follower_.follow(world_.io.stop_fd(), [&](std::string_view line) {
      lines += (lines.empty() ? "" : " ") + std::string(line);
      return true;
    });
    return lines;
  }

 private:
  static void prepare(FakeWorld& world) { world.write_log("a.jsonl", "old\ntorn"); }

  FakeWorld world_;
  Follower follower_;
};

TEST_CASE("only what comes after the start is new", "[cli][follow]") {
  Watched log;
  CHECK(log.look().empty());
  log.append("a.jsonl", "-whole\nnext\n");
  CHECK(log.look() == "torn-whole next");
  CHECK(log.look().empty());
}

TEST_CASE("a line is shown once it is whole", "[cli][follow]") {
  Watched log;
  log.append("a.jsonl", "\nfirst ha");
  CHECK(log.look() == "torn");
  log.append("a.jsonl", "lf\n");
  CHECK(log.look() == "first half");
}

TEST_CASE("no line is lost or repeated when a log is rotated", "[cli][follow]") {
  Watched log;
  log.append("a.jsonl", "\nbefore\n");
  log.rename("a.jsonl", "a.jsonl.1");
  log.append("a.jsonl", "after\n");
  log.append("a.jsonl.1", "late\n");  // By a writer that has it open still.
  const std::string seen = log.look();
  CHECK(seen.find("torn before late") != std::string::npos);
  CHECK(seen.find("after") != std::string::npos);
  CHECK(log.look().empty());
  log.append("a.jsonl", "more\n");
  CHECK(log.look() == "more");
}

TEST_CASE("a writer that still has the rotated log open is still heard", "[cli][follow]") {
  Watched log;
  log.rename("a.jsonl", "a.jsonl.1");
  log.append("a.jsonl", "new\n");
  CHECK(log.look() == "new");
  log.append("a.jsonl.1", "-late\n");
  CHECK(log.look() == "torn-late");
  log.append("a.jsonl.1", "later\n");
  log.append("a.jsonl", "newer\n");
  const std::string seen = log.look();
  CHECK(seen.find("later") != std::string::npos);
  CHECK(seen.find("newer") != std::string::npos);
}

std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST_CASE("a log that was rotated away for good is let go, with all its lines shown",
          "[cli][follow]") {
  Watched log;
  log.append("a.jsonl", "\n");
  CHECK(log.look() == "torn");
  const std::ptrdiff_t before = open_files();
  for (int round = 0; round < 10; ++round) {
    const std::string line = "line" + std::to_string(round);
    log.append("a.jsonl", line + "\n");
    for (int number = round; number > 0; --number) {
      log.rename("a.jsonl." + std::to_string(number), "a.jsonl." + std::to_string(number + 1));
    }
    log.rename("a.jsonl", "a.jsonl.1");
    CHECK(log.look() == line);
  }
  CHECK(open_files() <= before + 1);  // The log just rotated away.
}

TEST_CASE("a file rotated twice between two looks is read to its end", "[cli][follow]") {
  Watched log;
  log.append("a.jsonl", "\n1\n");
  log.rename("a.jsonl", "a.jsonl.2");
  log.append("a.jsonl.1", "2\n");
  log.append("a.jsonl", "3\n");
  const std::string seen = log.look();
  for (const char* line : {"1", "2", "3"}) CHECK(seen.find(line) != std::string::npos);
  CHECK(log.look().empty());
}

TEST_CASE("a new server's log is followed from its start", "[cli][follow]") {
  Watched log;
  log.append("b.jsonl", "hello\n");
  CHECK(log.look() == "hello");
}

TEST_CASE("a log that was emptied in place is read anew", "[cli][follow]") {
  Watched log;
  log.append("a.jsonl", "\nlong enough\n");
  CHECK(log.look() == "torn long enough");
  std::filesystem::resize_file(log.path("a.jsonl"), 0);
  log.append("a.jsonl", "new\n");
  CHECK(log.look() == "new");
}

TEST_CASE("a line that never ends is dropped", "[cli][follow]") {
  Watched log;
  log.append("a.jsonl", std::string(kLineBytesMax + 100'000, 'x'));
  CHECK(log.look().empty());
  log.append("a.jsonl", "end of it\nnext\n");
  CHECK(log.look() == "next");
}

TEST_CASE("a log folder that comes later is found", "[cli][follow]") {
  const FakeWorld world;
  Follower follower(world.state() + "/log", {});
  world.write_log("a.jsonl", "hello\n");
  std::string seen;
  follower.follow(world.io.stop_fd(), [&](std::string_view line) {
    seen += line;
    return true;
  });
  CHECK(seen == "hello");
}

TEST_CASE("a log that comes later and is rotated at once is shown whole, once", "[cli][follow]") {
  const FakeWorld world;
  Follower follower(world.state() + "/log", {});
  for (const char* name : {"a.jsonl", "a.jsonl.1", "a.jsonl.2", "a.jsonl.3", "a.jsonl.4"}) {
    world.write_log(name, std::string(name) + "\n");
  }
  std::set<std::string> seen;
  std::size_t lines = 0;
  const auto note = [&](std::string_view line) {
    seen.emplace(line);
    ++lines;
    return true;
  };
  for (int look = 0; look < 3; ++look) follower.follow(world.io.stop_fd(), note);
  CHECK(seen.size() == 5);
  CHECK(lines == 5);
}

TEST_CASE("files that were rotated before the start stay unshown", "[cli][follow]") {
  const FakeWorld world;
  for (const char* name : {"a.jsonl", "a.jsonl.1", "a.jsonl.2", "a.jsonl.3"}) {
    world.write_log(name, "old\n");
  }
  Follower follower(world.state() + "/log", {});
  std::size_t lines = 0;
  for (int look = 0; look < 2; ++look) {
    follower.follow(world.io.stop_fd(), [&](std::string_view) {
      ++lines;
      return true;
    });
  }
  CHECK(lines == 0);
}

TEST_CASE("what is present ends exactly where following begins", "[cli][follow]") {
  const FakeWorld world;
  world.write_log("a.jsonl", log_line({.tool = "a"}));
  const Follower follower(world.state() + "/log", {});
  world.append_log("a.jsonl", log_line({.tool = "b"}));
  std::string present;
  Skipped skipped;
  merge_logs(follower.present(), Order::kNewestFirst, {}, skipped,
             [&](const LogEntry& entry, std::string_view) {
               present += entry.tool;
               return true;
             });
  CHECK(present == "a");
}

TEST_CASE("what is present ends where following has come to, after a rotation too",
          "[cli][follow]") {
  const FakeWorld world;
  const std::string path = world.state() + "/log/a.jsonl";
  world.write_log("a.jsonl", log_line({.tool = "a"}));
  Follower follower(world.state() + "/log", {});
  std::filesystem::rename(path, path + ".1");
  world.write_log("a.jsonl", log_line({.tool = "b"}));
  follower.follow(world.io.stop_fd(), [](std::string_view) { return true; });
  world.append_log("a.jsonl.1", log_line({.tool = "c"}));
  world.append_log("a.jsonl", log_line({.tool = "d"}));
  std::multiset<std::string> present;
  Skipped skipped;
  merge_logs(follower.present(), Order::kNewestFirst, {}, skipped,
             [&](const LogEntry& entry, std::string_view) {
               present.insert(std::string(entry.tool));
               return true;
             });
  CHECK(present == std::multiset<std::string>{"a", "b"});
}

TEST_CASE("tail -f shows no metrics, and counts foreign lines", "[cli][follow]") {
  FakeWorld world;
  world.write_log("a.jsonl", "");
  world.io.stop_fd = [&world, stop = world.io.stop_fd] {
    world.append_log("a.jsonl", R"({"timestamp":"2026-11-20T12:00:00Z","event":"emf.aggregate"})"
                                "\nhello\n\n" +
                                    log_line({.tool = "c"}));
    return stop();
  };
  CHECK(world.run("tail -f --json") == kDone);
  CHECK(world.out == log_line({.tool = "c"}));
  CHECK(world.err.find("1 line was skipped") != std::string::npos);
}

TEST_CASE("tail -f shows the newest, then what comes, each once", "[cli][follow]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line({.tool = "a"}) + log_line({.tool = "b"}));
  world.io.stop_fd = [&world, stop = world.io.stop_fd] {
    world.append_log("a.jsonl", log_line({.tool = "c"}));  // After the newest were shown.
    return stop();
  };
  CHECK(world.run("tail -f -n 1") == kDone);
  CHECK(world.out.find(" a ") == std::string::npos);
  CHECK(world.out.find(" b ") < world.out.find(" c "));
  CHECK(world.out.find(" c ") == world.out.rfind(" c "));
}

}  // namespace
}  // namespace sonde::cli
