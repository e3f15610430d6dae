#include "benchmarks/peer.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace sonde::bench {
namespace {

constexpr std::string_view kRequestBegin =
    R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"search","arguments":{"query":")";
constexpr std::string_view kRequestEnd = R"("}},"id":1000000})"
                                         "\n";
constexpr std::size_t kIdDigits = 7;
constexpr std::string_view kResultBegin = R"({"result":{"content":[{"type":"text","text":")";
constexpr std::string_view kResultEnd = R"("}]},"jsonrpc":"2.0","id":1000000})"
                                        "\n";

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

// What tools return: words, and now and then a line end or a quotation mark, escaped.
std::string text_of(std::size_t bytes) {
  constexpr std::string_view kSample =
      R"(The quick brown fox jumps over the lazy dog, again and again.\nHe said \"enough\", )";
  std::string text;
  while (text.size() + kSample.size() <= bytes) text += kSample;
  text.append(bytes - text.size(), 'x');
  return text;
}

std::string framed(std::string_view begin, std::string_view end, std::size_t bytes) {
  const std::size_t frame = begin.size() + end.size();
  return std::string(begin) + text_of(std::max(bytes, frame) - frame) + std::string(end);
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n <= 0) die("write");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

// The id stands at the end of our requests, whatever was spliced in before it.
std::string_view id_of(std::string_view line) {
  return line.substr(line.size() - 2 - kIdDigits, kIdDigits);
}

struct Ends {
  int read;
  int write;
};

Ends make_stream(Peer::Streams streams) {
  int ends[2];
  if (streams == Peer::Streams::kSockets) {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) die("socketpair");
  } else if (pipe2(ends, O_CLOEXEC) != 0) {
    die("pipe");
  }
  return {ends[0], ends[1]};
}

pid_t launch(const std::vector<std::string>& command, int in, int out) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  dup2(in, 0);
  dup2(out, 1);
  execvp(argv[0], argv.data());
  die(argv[0]);
}

double cpu_us(pid_t pid) {
  double total = 0;
  const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    double ns = 0;
    std::ifstream(task.path() / "schedstat") >> ns;
    total += ns / 1000;
  }
  return total;
}

}  // namespace

double now_us() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::micro>(since).count();
}

std::string make_request(std::size_t bytes) { return framed(kRequestBegin, kRequestEnd, bytes); }

void set_id(std::string& request, int id) {
  const std::string digits = std::to_string(1'000'000 + id);
  request.replace(request.size() - 2 - kIdDigits, kIdDigits, digits);
}

int serve(std::size_t result_bytes) {
  std::string result = framed(kResultBegin, kResultEnd, result_bytes);
  std::string line;
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const ssize_t n = read(0, buffer.data(), buffer.size());
    if (n <= 0) return 0;
    line.append(buffer.data(), static_cast<std::size_t>(n));
    if (line.back() != '\n') continue;
    result.replace(result.size() - 2 - kIdDigits, kIdDigits, id_of(line));
    line.clear();
    write_all(1, result);
  }
}

int pour(std::string_view kind, std::uint64_t bytes) {
  std::string block = framed(kResultBegin, kResultEnd, 1 << 20);
  if (kind == "binary") {
    for (std::size_t i = 0; i < block.size(); ++i)
      block[i] = static_cast<char>(i * 2654435761U >> 13U);
  }
  while (bytes > 0) {
    const std::string_view part = std::string_view(block).substr(0, bytes);
    write_all(1, part);
    bytes -= part.size();
  }
  return 0;
}

Peer Peer::start(const std::vector<std::vector<std::string>>& commands, Streams streams) {
  std::signal(SIGPIPE, SIG_IGN);
  Peer peer;
  const Ends first = make_stream(streams);
  const Ends last = make_stream(streams);
  int in = first.read;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    // Between the programs of a chain there are pipes, as a shell would have it.
    const bool is_last = i + 1 == commands.size();
    const Ends next = is_last ? Ends{-1, last.write} : make_stream(Streams::kPipes);
    peer.pids_.push_back(launch(commands[i], in, next.write));
    close(in);
    close(next.write);
    in = next.read;
  }
  peer.to_ = first.write;
  peer.from_ = last.read;
  peer.buffer_.resize(1 << 20);
  return peer;
}

Peer::Peer(Peer&& other) noexcept
    : to_(std::exchange(other.to_, -1)),
      from_(std::exchange(other.from_, -1)),
      pids_(std::move(other.pids_)),
      buffer_(std::move(other.buffer_)) {}

Peer::~Peer() {
  if (to_ < 0) return;
  close(to_);
  while (read(from_, buffer_.data(), buffer_.size()) > 0) continue;
  close(from_);
  for (const pid_t pid : pids_) waitpid(pid, nullptr, 0);
}

void Peer::send(std::string_view bytes) { write_all(to_, bytes); }

void Peer::receive_line(std::size_t bytes) {
  std::size_t got = 0;
  while (got < bytes) {
    const ssize_t n = read(from_, buffer_.data(), buffer_.size());
    if (n <= 0) die("read");
    got += static_cast<std::size_t>(n);
    if (got == bytes && buffer_[static_cast<std::size_t>(n) - 1] != '\n') die("no line end");
  }
  if (got != bytes) die("another line");
}

std::uint64_t Peer::drain() {
  std::uint64_t total = 0;
  for (;;) {
    const ssize_t n = read(from_, buffer_.data(), buffer_.size());
    if (n <= 0) return total;
    total += static_cast<std::uint64_t>(n);
  }
}

double Peer::cpu_us_between() const {
  double total = cpu_us(pids_.front());
  if (pids_.size() > 1) total += cpu_us(pids_.back());
  return total;
}

double Peer::memory_kib(std::string_view row) const {
  std::ifstream rollup("/proc/" + std::to_string(pids_.front()) + "/smaps_rollup");
  std::string word;
  while (rollup >> word) {
    double value = 0;
    if (word == row && rollup >> value) return value;
  }
  return 0;
}

}  // namespace sonde::bench
