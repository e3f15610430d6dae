#include "sinks/line_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <numeric>
#include <optional>

#include "sinks/temp_dir.h"

namespace sonde::sinks {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// A log in a folder of its own.
struct Log {
  explicit Log(LineFile::Options wanted = {}, std::unique_ptr<FileCalls> calls = nullptr)
      : options(std::move(wanted)) {
    if (options.path.empty()) options.path = dir / "log/server.jsonl";
    if (calls == nullptr) calls = std::make_unique<FileCalls>();
    file = std::make_unique<LineFile>(options, stats, std::move(calls));
  }

  /// The bytes taken; 0 after an Error.
  std::size_t write(std::string_view lines) { return file->write(lines, {}).value_or(0); }
  std::string text(const std::string& suffix = "") const {
    return read_file(options.path + suffix);
  }
  std::uint64_t count(Stat stat) const { return stats.read(stat); }

  TempDir dir;
  LineFile::Options options;
  Stats stats;
  std::unique_ptr<LineFile> file;
};

mode_t mode_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

TEST_CASE("lines are appended", "[sinks][file]") {
  Log log;
  CHECK(log.write("{1}\n{2}\n") == 8);
  CHECK(log.write("{3}\n") == 4);
  CHECK(log.text() == "{1}\n{2}\n{3}\n");
}

TEST_CASE("missing folders are made, and nobody else may read", "[sinks][file]") {
  const Log log({});
  const auto before = ::umask(0);
  REQUIRE(log.file->write("{}\n", {}));
  ::umask(before);
  CHECK(mode_of(log.options.path) == 0600);
  CHECK(mode_of(fs::path(log.options.path).parent_path()) == 0700);
}

TEST_CASE("a file deleted under us is made again", "[sinks][file]") {
  Log log;
  log.write("{1}\n");
  fs::remove_all(fs::path(log.options.path).parent_path());
  CHECK(log.write("{2}\n") == 4);
  CHECK(log.text() == "{2}\n");
}

TEST_CASE("a file renamed by others is left alone", "[sinks][file]") {
  Log log;
  log.write("{1}\n");
  fs::rename(log.options.path, log.options.path + ".old");
  log.write("{2}\n");
  CHECK(log.text(".old") == "{1}\n");
  CHECK(log.text() == "{2}\n");
}

TEST_CASE("a folder that cannot be is an error now and may be there later", "[sinks][file]") {
  Log log;
  const std::string folder = log.dir / "log";
  write_file(folder, "in the way");
  const auto refused = log.file->write("{1}\n", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Errc::kUnavailable);
  CHECK(refused.error().message().find("Not a directory") != std::string::npos);
  fs::remove(folder);
  CHECK(log.write("{1}\n") == 4);
}

TEST_CASE("a full device is an error and no more", "[sinks][file]") {
  Log log({.path = "/dev/full"});
  const auto refused = log.file->write("{1}\n", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() == "log file /dev/full: write: No space left on device");
}

TEST_CASE("files are rotated when the next lines would not fit", "[sinks][file]") {
  Log log({.file_bytes_max = 8, .files_max = 3});
  for (const char* line : {"{1}\n", "{2}\n", "{3}\n", "{4}\n", "{5}\n", "{6}\n", "{7}\n"}) {
    log.write(line);
  }
  CHECK(log.text() == "{7}\n");
  CHECK(log.text(".1") == "{5}\n{6}\n");
  CHECK(log.text(".2") == "{3}\n{4}\n");
  CHECK_FALSE(fs::exists(log.options.path + ".3"));
  CHECK(log.count(Stat::kLogRotations) == 3);
}

TEST_CASE("a line longer than a file still is one line", "[sinks][file]") {
  Log log({.file_bytes_max = 4, .files_max = 2});
  log.write("{long line}\n");
  log.write("{1}\n");
  CHECK(log.text(".1") == "{long line}\n");
  CHECK(log.text() == "{1}\n");
}

TEST_CASE("one file alone begins anew", "[sinks][file]") {
  Log log({.file_bytes_max = 8, .files_max = 1});
  log.write("{1}\n{2}\n");
  log.write("{3}\n");
  CHECK(log.text() == "{3}\n");
  CHECK_FALSE(fs::exists(log.options.path + ".1"));
}

TEST_CASE("many lines are written in chunks, so that a file does not outgrow its limit",
          "[sinks][file]") {
  Log log({.file_bytes_max = 64, .files_max = 10, .chunk_bytes_max = 10});
  std::string lines;
  for (int i = 0; i < 64; ++i) lines += "{x}\n";
  CHECK(log.write(lines) == lines.size());
  for (int i = 1; i < 4; ++i) CHECK(log.text("." + std::to_string(i)).size() == 64);
}

TEST_CASE("two writers agree on a rotation", "[sinks][file]") {
  Log log({.file_bytes_max = 8, .files_max = 3});
  LineFile other(log.options, log.stats);
  log.write("{1}\n");
  CHECK(other.write("{2}\n", {}));
  log.write("{3}\n");
  CHECK(other.write("{4}\n", {}));
  CHECK(log.text(".1") == "{1}\n{2}\n");
  CHECK(log.text() == "{3}\n{4}\n");
  CHECK(log.count(Stat::kLogRotations) == 1);
}

TEST_CASE("a torn last line is cut off", "[sinks][file]") {
  const auto [before, after] = GENERATE(table<std::string, std::string>({
      {"{1}\n{\"torn", "{1}\n{2}\n"},
      {"{\"torn", "{2}\n"},
      {"{1}\n" + std::string(100'000, '{'), "{1}\n{2}\n"},
      {"{1}\n" + std::string(50'000, '\0'), "{1}\n{2}\n"},  // After a loss of power.
      {"{1}\n", "{1}\n{2}\n"},
      {"", "{2}\n"},
  }));
  Log log;
  log.write("{}\n");
  write_file(log.options.path, before);
  log.write("{2}\n");
  CHECK(log.text() == after);
  CHECK(log.count(Stat::kLogRepaired) == (before.empty() || before.back() == '\n' ? 0 : 1));
}

TEST_CASE("a file of somebody else loses nothing", "[sinks][file]") {
  Log log;
  log.write("{}\n");
  write_file(log.options.path, "dear diary\nno newline at the end");
  log.write("{2}\n");
  CHECK(log.text() == "dear diary\nno newline at the end\n{2}\n");
  CHECK(log.count(Stat::kLogRepaired) == 0);
}

TEST_CASE("who holds the lock for long is not waited for", "[sinks][file]") {
  Log log({.lock_wait_max = 5ms});
  log.write("{1}\n");
  const int holder = ::open(log.options.path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(holder, LOCK_EX) == 0);
  CHECK(log.write("{2}\n") == 4);
  CHECK(log.count(Stat::kLogLockMissed) == 1);
  ::close(holder);
  CHECK(log.write("{3}\n") == 4);
  CHECK(log.text() == "{1}\n{2}\n{3}\n");
  CHECK(log.count(Stat::kLogLockMissed) == 1);
}

TEST_CASE("without the lock there is neither repair nor rotation", "[sinks][file]") {
  Log log({.file_bytes_max = 4, .lock_wait_max = 1ms});
  log.write("{1}\n");
  const int holder = ::open(log.options.path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(holder, LOCK_EX) == 0);
  log.write("{2}\n");
  CHECK(log.text() == "{1}\n{2}\n");
  ::close(holder);
}

/// Runs `body` in a child whose files may not grow beyond `bytes`; its exit code.
template <class Body>
int with_file_limit(rlim_t bytes, const Body& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    ::_exit(body() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("a write that came out short is taken back", "[sinks][file]") {
  Log log;
  const int code = with_file_limit(10, [&log] {
    return log.write("{first}\n") == 8 && !log.file->write("{too long}\n{x}\n", {});
  });
  CHECK(code == 0);
  CHECK(log.text() == "{first}\n");
}

/// The calls of the system, of which the `fault_at`-th fails.
class FaultyCalls final : public FileCalls {
 public:
  struct Fault {
    int at = 0;                ///< The number of the call that fails, from 1.
    int error = 0;             ///< Its errno; 0: a write of half the bytes.
    int lasts = 1;             ///< How many calls fail.
    bool short_first = false;  ///< The first of them, if a write, writes half the bytes.
  };

  FaultyCalls(Fault fault, int& count) : fault_(fault), count_(count) {}

  int open(const char* path, int flags, mode_t mode) override {
    return fails() ? -1 : FileCalls::open(path, flags, mode);
  }
  int mkdir(const char* path, mode_t mode) override {
    return fails() ? -1 : FileCalls::mkdir(path, mode);
  }
  int flock(int fd, int operation) override {
    return operation != LOCK_UN && fails() ? -1 : FileCalls::flock(fd, operation);
  }
  int fstat(int fd, struct stat* status) override {
    return fails() ? -1 : FileCalls::fstat(fd, status);
  }
  int stat(const char* path, struct stat* status) override {
    return fails() ? -1 : FileCalls::stat(path, status);
  }
  ssize_t pread(int fd, char* bytes, std::size_t size, off_t offset) override {
    return fails() ? -1 : FileCalls::pread(fd, bytes, size, offset);
  }
  ssize_t write(int fd, const char* bytes, std::size_t size) override {
    if (!fails()) return FileCalls::write(fd, bytes, size);
    const bool half = fault_.error == 0 || (fault_.short_first && count_ == fault_.at);
    return half ? FileCalls::write(fd, bytes, size / 2) : -1;
  }
  int ftruncate(int fd, off_t size) override {
    return fails() ? -1 : FileCalls::ftruncate(fd, size);
  }
  int rename(const char* from, const char* to) override {
    return fails() ? -1 : FileCalls::rename(from, to);
  }

 private:
  bool fails() {
    ++count_;
    if (count_ < fault_.at || count_ >= fault_.at + fault_.lasts) return false;
    errno = fault_.error;
    return true;
  }

  const Fault fault_;
  int& count_;
};

/// The calls of the system, beside which another writer is at work on the same file.
class SharedCalls : public FileCalls {
 public:
  void beside(std::string path) { path_ = std::move(path); }

 protected:
  /// The other one appends.  Without our lock: it did not get it, or does not know of it.
  void append(std::string_view text) const {
    const int fd = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    REQUIRE(FileCalls().write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(fd);
  }

 private:
  std::string path_;
};

/// The disk fills up in the middle of our line, and the other one writes then.
class FillingDisk final : public SharedCalls {
 public:
  ssize_t write(int fd, const char* bytes, std::size_t size) override {
    if (++writes_ == 1) return FileCalls::write(fd, bytes, size / 2);
    append("{other}\n");
    errno = ENOSPC;
    return -1;
  }

 private:
  int writes_ = 0;
};

TEST_CASE("without the lock nothing is taken back, for others may have written", "[sinks][file]") {
  auto calls = std::make_unique<FillingDisk>();
  FillingDisk& disk = *calls;
  const Log log({.lock_wait_max = 1ms}, std::move(calls));
  disk.beside(log.options.path);
  fs::create_directories(fs::path(log.options.path).parent_path());
  write_file(log.options.path, "{1}\n");
  const int holder = ::open(log.options.path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(::flock(holder, LOCK_EX) == 0);
  CHECK_FALSE(log.file->write("{ours}\n", {}));
  ::close(holder);
  CHECK(log.text() == "{1}\n{ou{other}\n");
}

/// The other one ends its line while we look whether it is torn.
class SlowWriter final : public SharedCalls {
 public:
  ssize_t pread(int fd, char* bytes, std::size_t size, off_t offset) override {
    looked_ = std::chrono::steady_clock::now();
    return FileCalls::pread(fd, bytes, size, offset);
  }
  int fstat(int fd, struct stat* status) override {
    const auto now = std::chrono::steady_clock::now();
    if (looked_ && now - *looked_ >= 1ms) append("half}\n");
    looked_.reset();
    return FileCalls::fstat(fd, status);
  }

 private:
  std::optional<std::chrono::steady_clock::time_point> looked_;
};

TEST_CASE("a line at which somebody is still at work is given time to end", "[sinks][file]") {
  auto calls = std::make_unique<SlowWriter>();
  SlowWriter& writer = *calls;
  Log log({}, std::move(calls));
  writer.beside(log.options.path);
  fs::create_directories(fs::path(log.options.path).parent_path());
  write_file(log.options.path, "{1}\n{first ");
  CHECK(log.write("{2}\n") == 4);
  CHECK(log.text() == "{1}\n{first half}\n{2}\n");
  CHECK(log.count(Stat::kLogRepaired) == 0);
}

/// Whole lines of ours, by their number.
std::vector<int> numbers_in(const std::string& text) {
  std::vector<int> numbers;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    const std::string line = text.substr(at, end - at);
    REQUIRE(line.starts_with("{\"n\":"));
    REQUIRE(line.ends_with("\"}"));
    numbers.push_back(std::stoi(line.substr(5)));
    at = end + 1;
  }
  return numbers;
}

std::string numbered_line(int number, std::size_t padding = 20) {
  return "{\"n\":" + std::to_string(number) + ",\"pad\":\"" + std::string(padding, 'x') + "\"}\n";
}

/// Writes ten lines, each again until it is taken, while the calls from `fault.at` on fail.
/// Returns how many calls were made.
int survive(FaultyCalls::Fault fault) {
  int calls = 0;
  Log log({.file_bytes_max = 100, .files_max = 100, .lock_wait_max = 0ms},
          std::make_unique<FaultyCalls>(fault, calls));
  for (int number = 0; number < 10; ++number) {
    int tries = 0;
    while (log.write(numbered_line(number)) == 0) REQUIRE(++tries < 10);
  }
  std::vector<int> expected(10);
  std::iota(expected.begin(), expected.end(), 0);
  std::vector<int> seen;
  for (int file = 99; file >= 0; --file) {
    const auto more = numbers_in(log.text(file == 0 ? "" : "." + std::to_string(file)));
    seen.insert(seen.end(), more.begin(), more.end());
  }
  CHECK(seen == expected);
  return calls;
}

constexpr int kNever = 1'000'000;

TEST_CASE("whichever call fails, every line stands once and whole", "[sinks][file]") {
  const int error = GENERATE(EIO, ENOSPC, EINTR, EROFS, 0);
  const int all = survive({.at = kNever});
  REQUIRE(all > 50);
  for (int at = 1; at <= all; ++at) {
    INFO("call " << at << " of " << all << ", errno " << error);
    survive({.at = at, .error = error});
  }
}

TEST_CASE("a line whose taking back failed stands at least once", "[sinks][file]") {
  const TempDir dir;
  Stats stats;
  for (int at = 1; at < 40; ++at) {
    int calls = 0;
    const std::string path = dir / ("x" + std::to_string(at));
    LineFile file(
        {.path = path, .lock_wait_max = 0ms}, stats,
        std::make_unique<FaultyCalls>(
            FaultyCalls::Fault{.at = at, .error = EIO, .lasts = 3, .short_first = true}, calls));
    for (int number = 0; number < 6; ++number) {
      while (!file.write(numbered_line(number), {})) continue;
    }
    const std::vector<int> seen = numbers_in(read_file(path));
    for (int number = 0; number < 6; ++number) CHECK(std::ranges::count(seen, number) >= 1);
  }
}

}  // namespace
}  // namespace sonde::sinks
