#include "recorder/stats_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "base/fd.h"
#include "recorder/control_dir.h"

namespace sonde::recorder {

StatsFile::StatsFile(const std::string& dir, pid_t pid)
    : path_(stats_path(dir, pid)), temporary_(path_ + ".tmp") {}

StatsFile::~StatsFile() {
  ::unlink(path_.c_str());
  ::unlink(temporary_.c_str());
}

Status StatsFile::write(std::string_view document, std::chrono::nanoseconds now_monotonic) {
  stale_ = false;
  written_at_ = now_monotonic;
  const auto failed = [this] {
    return fail(Errc::kInternal, "write " + path_ + ": " + std::generic_category().message(errno));
  };

  const Fd fd(
      ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return failed();
  std::string line(document);
  line.push_back('\n');
  errno = ENOSPC;  // What a short write means; a failed one says so itself.
  const ssize_t written = ::write(fd.get(), line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) return failed();
  // No sync: it describes a process that dies with the machine.
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return failed();
  return {};
}

}  // namespace sonde::recorder
