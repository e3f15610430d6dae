#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/stats.h"
#include "sinks/file_calls.h"
#include "sinks/line_output.h"

namespace sonde::sinks {

/// An append-only file of lines that many processes write at once.
///
/// Purpose.  Fifty wraps may share one log, be killed in the middle of a write, find the
/// disk full or the file gone; no reader ever sees a torn line, and no line that was
/// reported as taken is lost, but by rotation.
/// How.  Lines are appended under flock().  The holder of the lock cuts off the torn last
/// line of a writer that was killed, takes back its own write if that came out short, and
/// rotates: x.jsonl, x.jsonl.1, …  A file that was renamed or deleted is opened anew.
/// Limits.  `files_max` files of `file_bytes_max` bytes; the lock is awaited for
/// `lock_wait_max`, then lines are written without it (Stat::kLogLockMissed): appending is
/// atomic by itself, only rotation and repair have to wait.
/// Blocking.  As long as the disk needs, and lock_wait_max per `chunk_bytes_max`.
/// Failure.  An Error if nothing could be written; the next call tries anew.
/// REQUIRES: SIGXFSZ is ignored or blocked where a file size limit may be set.
class LineFile final : public LineOutput {
 public:
  struct Options {
    std::string path = {};  ///< Missing folders are made, with mode 0700; the file with 0600.
    std::uint64_t file_bytes_max = std::uint64_t{16} * 1024 * 1024;
    std::uint32_t files_max = 10;  ///< With the one that is written.
    std::chrono::milliseconds lock_wait_max{100};
    std::size_t chunk_bytes_max = std::size_t{256} * 1024;  ///< Written at once.
  };

  /// `stats` must outlive it.
  LineFile(Options options, Stats& stats,
           std::unique_ptr<FileCalls> calls = std::make_unique<FileCalls>());
  ~LineFile() override;
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  std::string_view name() const override { return "file"; }
  Result<std::size_t> write(std::string_view lines, Moment now) override;

 private:
  enum class Outcome : std::uint8_t { kWritten, kReopen };

  Status write_chunk(std::string_view chunk);
  Result<Outcome> write_opened(std::string_view chunk, bool locked);
  Status open();
  Status make_folders();
  void shut();
  bool lock();
  bool replaced(const struct stat& opened);
  Result<std::uint64_t> repair(std::uint64_t size);
  bool settled(std::uint64_t size);
  Result<std::uint64_t> last_line(std::uint64_t size);
  Status append(std::string_view chunk, std::uint64_t size_before, bool locked);
  Status rotate();
  std::string numbered(std::uint32_t number) const;
  std::unexpected<Error> failed(std::string_view doing) const;

  const Options options_;
  Stats& stats_;
  const std::unique_ptr<FileCalls> calls_;
  int fd_ = -1;
};

}  // namespace sonde::sinks
