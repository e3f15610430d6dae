#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "base/random.h"
#include "sinks/line_file.h"
#include "sinks/temp_dir.h"

namespace sonde::sinks {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWriters = 6;
constexpr std::size_t kLivesMax = 40000;
constexpr std::uint32_t kFilesMax = 4000;

/// What the writers have told before they were killed: per life, how many lines were
/// reported as written.  In memory that outlives them.
struct Ledger {
  std::array<std::atomic<int>, kLivesMax> acknowledged;
};

std::string line_of(std::size_t life, int number) {
  return "{\"life\":" + std::to_string(life) + ",\"n\":" + std::to_string(number) + ",\"pad\":\"" +
         std::string(100 + static_cast<std::size_t>(number) * 37 % 4000, 'x') + "\"}\n";
}

/// Writes batches until it is killed.
[[noreturn]] void write_for_ever(const std::string& path, std::size_t life, Ledger& ledger) {
  Stats stats;
  LineFile file({.path = path, .file_bytes_max = 1024 * 1024, .files_max = kFilesMax}, stats);
  Random random(life);
  for (int number = 0;;) {
    std::string batch;
    const int lines = 1 + static_cast<int>(random.next() % 30);
    for (int i = 0; i < lines; ++i) batch += line_of(life, number + i);
    const auto taken = file.write(batch, {});
    if (!taken || *taken != batch.size()) ::_exit(1);
    number += lines;
    ledger.acknowledged[life].store(number);
    ::usleep(2'000);  // Or the test reads for longer than it writes.
  }
}

/// Writers that are killed and born again.
class Crowd {
 public:
  Crowd(std::string path, Ledger& ledger) : path_(std::move(path)), ledger_(ledger) {
    for (pid_t& child : children_) child = bear();
  }

  void kill_one(Random& random) {
    pid_t& child = children_[random.next() % kWriters];
    end(child);
    child = bear();
  }
  void end_all() {
    for (const pid_t child : children_) end(child);
  }
  std::size_t lives() const { return lives_; }

 private:
  pid_t bear() {
    const std::size_t life = lives_++;
    REQUIRE(life < kLivesMax);
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // A test that fails leaves no writer behind.
      write_for_ever(path_, life, ledger_);
    }
    return child;
  }
  static void end(pid_t child) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, WNOHANG) == 0);  // Alive until now.
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
  }

  const std::string path_;
  Ledger& ledger_;
  std::size_t lives_ = 0;
  std::array<pid_t, kWriters> children_{};
};

struct Seen {
  std::vector<std::vector<bool>> lines;  ///< By life and number.
  std::size_t faulty = 0;
  std::size_t twice = 0;

  bool has(std::size_t life, int number) const {
    return static_cast<std::size_t>(number) < lines[life].size() &&
           lines[life][static_cast<std::size_t>(number)];
  }
};

/// The number behind `key` in a line; -1 if there is none.
int number_of(const std::string& line, const std::string& key) {
  const std::size_t at = line.find("\"" + key + "\":");
  return at == std::string::npos ? -1 : std::atoi(line.c_str() + at + key.size() + 3);
}

void read_line(const std::string& line, Seen& seen) {
  const int life = number_of(line, "life");
  const int number = number_of(line, "n");
  if (life < 0 || number < 0 || line != line_of(static_cast<std::size_t>(life), number)) {
    ++seen.faulty;
    return;
  }
  std::vector<bool>& lines = seen.lines[static_cast<std::size_t>(life)];
  const auto index = static_cast<std::size_t>(number);
  if (lines.size() <= index) lines.resize(index + 1);
  if (lines[index]) ++seen.twice;
  lines[index] = true;
}

void read_lines(const std::string& text, Seen& seen) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1);
    read_line(text.substr(at, end + 1 - at), seen);
    at = end + 1;
  }
}

TEST_CASE("writers killed at any moment tear no line and lose none", "[sinks][file]") {
  const char* wanted = std::getenv("SONDE_KILL_SECONDS");  // NOLINT(concurrency-mt-unsafe)
  const auto duration = std::chrono::seconds(wanted != nullptr ? std::stoi(wanted) : 1);
  void* memory =
      ::mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  auto& ledger = *new (memory) Ledger{};
  const TempDir dir;
  const std::string path = dir / "log.jsonl";

  Crowd crowd(path, ledger);
  Random random(1);
  for (const auto end = std::chrono::steady_clock::now() + duration;
       std::chrono::steady_clock::now() < end;) {
    ::usleep(static_cast<useconds_t>(random.next() % 5'000));
    crowd.kill_one(random);
  }
  crowd.end_all();

  // A last writer finds, and repairs, what the last killed one has left.
  Stats stats;
  LineFile last({.path = path, .files_max = kFilesMax}, stats);
  REQUIRE(last.write(line_of(kLivesMax, 0), {}));

  Seen seen{.lines = std::vector<std::vector<bool>>(kLivesMax + 1)};
  for (const auto& file : std::filesystem::directory_iterator(dir / "")) {
    read_lines(read_file(file.path()), seen);
  }
  std::size_t lost = 0;
  std::size_t all = 0;
  for (std::size_t life = 0; life < crowd.lives(); ++life) {
    const int acknowledged = ledger.acknowledged[life].load();
    all += static_cast<std::size_t>(acknowledged);
    for (int n = 0; n < acknowledged; ++n) lost += seen.has(life, n) ? 0U : 1U;
  }
  INFO(crowd.lives() << " lives, " << all << " lines");
  CHECK(all > 1000);
  CHECK(seen.faulty == 0);
  CHECK(seen.twice == 0);
  CHECK(lost == 0);
  ::munmap(memory, sizeof(Ledger));
}

}  // namespace
}  // namespace sonde::sinks
