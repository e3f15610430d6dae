#include "cli/follow.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sonde::cli {
namespace {

constexpr int kLookAroundMs = 1000;
constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

Follower::Follower(std::string folder, std::vector<std::string> files)
    : folder_(std::move(folder)),
      files_(std::move(files)),
      inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  look_around(true);
}

std::vector<LogSeries> Follower::present() const {
  std::vector<LogSeries> all;
  if (!folder_.empty()) all = find_logs(folder_);
  for (const std::string& file : files_) all.push_back({.newest_first = {{.path = file}}});
  for (LogSeries& series : all) {
    // Of a file that is followed, exactly what the follower leaves out.
    for (LogFile& file : series.newest_first) {
      const auto found = std::ranges::find_if(
          followed_, [&](const auto& one) { return one.second.path == file.path; });
      if (found == followed_.end()) continue;
      file.fd = found->second.fd.get();
      file.end = found->second.shown;
    }
  }
  return all;
}

void Follower::look_around(bool at_start) {
  for (auto& [inode, file] : followed_) file.listed = false;
  if (!folder_.empty()) {
    watch(folder_);
    const std::set<Inode> passed = std::exchange(passed_, {});
    for (const LogSeries& series : find_logs(folder_)) look_at(series, passed, at_start);
  }
  for (const std::string& file : files_) {
    watch(folder_of(file));
    add(file, at_start);
  }
}

void Follower::look_at(const LogSeries& series, const std::set<Inode>& passed, bool at_start) {
  for (std::size_t i = 0; i < series.newest_first.size(); ++i) {
    const std::string& path = series.newest_first[i].path;
    // A log and the one just rotated away may still get lines.
    if (i < 2) {
      add(path, at_start);
      continue;
    }
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) continue;
    const Inode inode(info.st_dev, info.st_ino);
    if (followed_.contains(inode)) continue;
    if (at_start || passed.contains(inode)) {
      passed_.insert(inode);
    } else {
      // Made and rotated more than once since the last look.
      add(path, false);
    }
  }
}

void Follower::watch(const std::string& folder) {
  if (!inotify_ || watched_.contains(folder)) return;
  constexpr std::uint32_t kMask = IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_DELETE_SELF;
  const int id = inotify_add_watch(inotify_.get(), folder.c_str(), kMask);
  if (id >= 0) watched_[folder] = id;
}

void Follower::add(const std::string& path, bool at_start) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return;
  if (const auto known = followed_.find({info.st_dev, info.st_ino}); known != followed_.end()) {
    known->second.listed = true;
    known->second.path = path;
    return;
  }
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  const Inode inode(info.st_dev, info.st_ino);
  if (followed_.size() >= kFollowedMax) return;
  Followed file;
  file.path = path;
  file.shown = at_start ? complete_end(fd.get(), info.st_size) : 0;
  file.fd = std::move(fd);
  followed_.emplace(inode, std::move(file));
}

bool Follower::read_new(Followed& file, const std::function<bool(std::string_view)>& use) {
  struct stat info{};
  if (fstat(file.fd.get(), &info) != 0) return true;
  if (info.st_size < file.shown) file.shown = 0;  // Emptied in place: begin again.
  std::string buffer;
  off_t at = file.shown;
  while (at < info.st_size) {
    const std::size_t size = buffer.size();
    buffer.resize(size + kBlockBytes);
    const ssize_t got = pread(file.fd.get(), buffer.data() + size, kBlockBytes, at);
    buffer.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0) break;
    at += got;
    std::size_t begin = 0;
    for (std::size_t end; (end = buffer.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const bool whole = !std::exchange(file.oversized, false);
      if (whole && !use(std::string_view(buffer).substr(begin, end - begin))) return false;
    }
    buffer.erase(0, begin);
    file.shown += static_cast<off_t>(begin);
    if (buffer.size() > kLineBytesMax) {
      file.oversized = true;
      file.shown += static_cast<off_t>(buffer.size());
      buffer.clear();
    }
  }
  return true;
}

bool Follower::wait(int stop_fd) {
  std::array<pollfd, 2> polled = {{{.fd = stop_fd, .events = POLLIN, .revents = 0},
                                   {.fd = inotify_.get(), .events = POLLIN, .revents = 0}}};
  const int ready = poll(polled.data(), polled.size(), kLookAroundMs);
  if (ready < 0) return errno == EINTR;
  std::array<char, 4096> events{};
  while (inotify_ && read(inotify_.get(), events.data(), events.size()) > 0) {
    // What has changed is found by looking; the events only say when.
  }
  return polled[0].revents == 0;
}

void Follower::follow(int stop_fd, const std::function<bool(std::string_view)>& use) {
  do {
    look_around(false);
    for (auto file = followed_.begin(); file != followed_.end();) {
      if (!read_new(file->second, use)) return;
      if (file->second.listed) {
        ++file;
      } else {
        passed_.insert(file->first);
        file = followed_.erase(file);
      }
    }
  } while (wait(stop_fd));
}

}  // namespace sonde::cli
