#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::bench {

double now_us();

/// A `tools/call` of exactly `bytes` bytes with its newline; set_id() changes its id.
std::string make_request(std::size_t bytes);
void set_id(std::string& request, int id);

/// The server: answers each line with a result of `result_bytes` bytes in all.
int serve(std::size_t result_bytes);
/// Another: writes `bytes` bytes of kind "json" (lines of 1 MiB) or "binary", and ends.
int pour(std::string_view kind, std::uint64_t bytes);

/// A chain of programs, the first's stdin and the last's stdout in our hands.
class Peer {
 public:
  enum class Streams { kPipes, kSockets };

  static Peer start(const std::vector<std::vector<std::string>>& commands, Streams streams);
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&&) = delete;
  ~Peer();

  void send(std::string_view bytes);
  /// Reads one line of exactly `bytes` bytes; dies if it is another.
  void receive_line(std::size_t bytes);
  /// Reads to the end; returns how much that was.
  std::uint64_t drain();

  /// CPU time of what stands between us and the server, all threads: of a chain the first
  /// and the last program, of a single one itself.
  double cpu_us_between() const;
  /// A row of smaps_rollup of the first program.
  double memory_kib(std::string_view row) const;

 private:
  Peer() = default;

  int to_ = -1;
  int from_ = -1;
  std::vector<pid_t> pids_;
  std::string buffer_;
};

}  // namespace sonde::bench
