#include "sinks/line_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "sinks/lines.h"

namespace sonde::sinks {
namespace {

constexpr int kRounds = 8;  // How often a file may be replaced while we open it.
constexpr std::size_t kBlock = 16 * 1024;
constexpr std::chrono::microseconds kPauseFirst{50};
constexpr std::chrono::microseconds kPauseMax{2'000};

void pause_for(std::chrono::nanoseconds time) {
  const timespec wait{.tv_sec = 0, .tv_nsec = static_cast<long>(time.count())};
  nanosleep(&wait, nullptr);
}

}  // namespace

LineFile::LineFile(Options options, Stats& stats, std::unique_ptr<FileCalls> calls)
    : options_(std::move(options)), stats_(stats), calls_(std::move(calls)) {}

LineFile::~LineFile() { shut(); }

Result<std::size_t> LineFile::write(std::string_view lines, Moment /*now*/) {
  std::size_t taken = 0;
  while (taken < lines.size()) {
    const std::string_view chunk = front_lines(lines.substr(taken), options_.chunk_bytes_max);
    if (Status written = write_chunk(chunk); !written) {
      shut();  // Opened anew next time: the folder may be back, the disk may be another.
      if (taken == 0) return fail(std::move(written).error());
      break;
    }
    taken += chunk.size();
  }
  return taken;
}

Status LineFile::write_chunk(std::string_view chunk) {
  for (int round = 0; round < kRounds; ++round) {
    if (fd_ < 0) SONDE_RETURN_IF_ERROR(open());
    const bool locked = lock();
    if (!locked) stats_.add(Stat::kLogLockMissed);
    const Result<Outcome> outcome = write_opened(chunk, locked);
    if (locked) calls_->flock(fd_, LOCK_UN);
    if (!outcome) return fail(outcome.error());
    if (*outcome == Outcome::kWritten) return {};
    shut();
  }
  return fail(Errc::kUnavailable, "log file " + options_.path + ": replaced again and again");
}

Result<LineFile::Outcome> LineFile::write_opened(std::string_view chunk, bool locked) {
  struct stat opened{};
  if (calls_->fstat(fd_, &opened) != 0) return failed("status");
  auto size = static_cast<std::uint64_t>(opened.st_size);
  if (S_ISREG(opened.st_mode)) {
    // Only now: while we waited for the lock, its holder may have rotated.
    if (replaced(opened)) return Outcome::kReopen;
    if (locked) {
      const Result<std::uint64_t> repaired = repair(size);
      if (!repaired) return fail(repaired.error());
      size = *repaired;
      if (size > 0 && size + chunk.size() > options_.file_bytes_max) {
        SONDE_RETURN_IF_ERROR(rotate());
        return Outcome::kReopen;
      }
    }
  } else {
    locked = false;  // A pipe or a device cannot be cut back.
  }
  SONDE_RETURN_IF_ERROR(append(chunk, size, locked));
  return Outcome::kWritten;
}

Status LineFile::open() {
  constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  fd_ = calls_->open(options_.path.c_str(), kFlags, 0600);
  if (fd_ < 0 && errno == ENOENT) {
    SONDE_RETURN_IF_ERROR(make_folders());
    fd_ = calls_->open(options_.path.c_str(), kFlags, 0600);
  }
  if (fd_ < 0) return failed("open");
  return {};
}

Status LineFile::make_folders() {
  for (std::size_t at = options_.path.find('/', 1); at != std::string::npos;
       at = options_.path.find('/', at + 1)) {
    const std::string folder = options_.path.substr(0, at);
    if (calls_->mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("make folder");
  }
  return {};
}

void LineFile::shut() {
  if (fd_ >= 0) calls_->close(fd_);
  fd_ = -1;
}

bool LineFile::lock() {
  std::chrono::nanoseconds waited{0};
  std::chrono::nanoseconds pause = kPauseFirst;
  while (calls_->flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    // A file system without locks never gives one.
    if (errno != EWOULDBLOCK || waited >= options_.lock_wait_max) return false;
    pause_for(pause);
    waited += pause;
    pause = std::min<std::chrono::nanoseconds>(pause * 2, kPauseMax);
  }
  return true;
}

/// Is the path another file by now, or none?
bool LineFile::replaced(const struct stat& opened) {
  struct stat named{};
  if (calls_->stat(options_.path.c_str(), &named) != 0) return true;
  return named.st_ino != opened.st_ino || named.st_dev != opened.st_dev;
}

/// Cuts off a last line without its newline, and returns the size then.
Result<std::uint64_t> LineFile::repair(std::uint64_t size) {
  if (size == 0) return size;
  char last = 0;
  if (calls_->pread(fd_, &last, 1, static_cast<off_t>(size - 1)) != 1) return failed("read");
  if (last == '\n' || !settled(size)) return size;

  Result<std::uint64_t> begin = last_line(size);
  if (!begin) return begin;
  char first = 0;
  if (calls_->pread(fd_, &first, 1, static_cast<off_t>(*begin)) != 1) return failed("read");
  if (first != '{' && first != '\0') {
    // Not ours: somebody's file that we were told to append to.
    SONDE_RETURN_IF_ERROR(append("\n", size, true));
    return size + 1;
  }
  if (calls_->ftruncate(fd_, static_cast<off_t>(*begin)) != 0) return failed("repair");
  stats_.add(Stat::kLogRepaired);
  return *begin;
}

/// A line without its newline is torn only if nobody is at work on it: a writer that got
/// no lock writes beside us.
bool LineFile::settled(std::uint64_t size) {
  pause_for(kPauseMax);
  struct stat status{};
  return calls_->fstat(fd_, &status) == 0 && static_cast<std::uint64_t>(status.st_size) == size;
}

/// Where the last line begins.
Result<std::uint64_t> LineFile::last_line(std::uint64_t size) {
  std::array<char, kBlock> block;
  for (std::uint64_t end = size; end > 0;) {
    const std::uint64_t begin = end > kBlock ? end - kBlock : 0;
    const auto wanted = static_cast<std::size_t>(end - begin);
    const ssize_t got = calls_->pread(fd_, block.data(), wanted, static_cast<off_t>(begin));
    if (got != static_cast<ssize_t>(wanted)) return failed("read");
    const std::size_t newline = std::string_view(block.data(), wanted).rfind('\n');
    if (newline != std::string_view::npos) return begin + newline + 1;
    end = begin;
  }
  return std::uint64_t{0};
}

Status LineFile::append(std::string_view chunk, std::uint64_t size_before, bool locked) {
  std::size_t done = 0;
  while (done < chunk.size()) {
    const ssize_t written = calls_->write(fd_, chunk.data() + done, chunk.size() - done);
    if (written > 0) {
      done += static_cast<std::size_t>(written);
      continue;
    }
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;
    const auto error = failed("write");
    // Should this fail too, the next holder of the lock repairs the file.
    if (locked && done > 0) calls_->ftruncate(fd_, static_cast<off_t>(size_before));
    return error;
  }
  return {};
}

/// x.1 becomes x.2, x becomes x.1; the path is free then.  Only as many move as stand
/// without a gap: a writer killed between two renames leaves one, which so is filled.
Status LineFile::rotate() {
  if (options_.files_max <= 1) {
    if (calls_->unlink(options_.path.c_str()) != 0) return failed("rotate");
    stats_.add(Stat::kLogRotations);
    return {};
  }
  std::uint32_t last = 1;
  struct stat ignored{};
  for (; last + 1 < options_.files_max; ++last) {
    if (calls_->stat(numbered(last).c_str(), &ignored) == 0) continue;
    if (errno != ENOENT) return failed("rotate");
    break;
  }
  for (std::uint32_t number = last; number > 0; --number) {
    if (calls_->rename(numbered(number - 1).c_str(), numbered(number).c_str()) != 0) {
      return failed("rotate");
    }
  }
  stats_.add(Stat::kLogRotations);
  return {};
}

std::string LineFile::numbered(std::uint32_t number) const {
  return number == 0 ? options_.path : options_.path + "." + std::to_string(number);
}

std::unexpected<Error> LineFile::failed(std::string_view doing) const {
  const std::string cause = std::generic_category().message(errno);
  return fail(Errc::kUnavailable,
              "log file " + options_.path + ": " + std::string(doing) + ": " + cause);
}

}  // namespace sonde::sinks
