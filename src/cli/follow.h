#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "cli/log_files.h"

namespace sonde::cli {

/// Watches logs for new lines, across rotation, deletion and new files.
///
/// Purpose.  A file is known by its inode, so a log that is renamed while lines arrive is
/// read to its end under its new name, and the file that takes its place from its start.
/// Limits.  kFollowedMax files; a line of kLineBytesMax.
/// Blocking.  follow() sleeps in the kernel until something is written; it looks around
/// once a second for what the kernel does not tell (network file systems, a folder that
/// is not there yet).
class Follower {
 public:
  static constexpr std::size_t kFollowedMax = 1000;

  /// All logs in `folder`, if that is not empty, and `files`.
  Follower(std::string folder, std::vector<std::string> files);

  /// What was there when the follower was made, to be shown first: follow() goes on
  /// exactly behind it.
  std::vector<LogSeries> present() const;

  /// Shows each new complete line to `use` until `stop_fd` becomes readable or `use`
  /// returns false.
  void follow(int stop_fd, const std::function<bool(std::string_view line)>& use);

 private:
  using Inode = std::pair<dev_t, ino_t>;
  struct Followed {
    std::string path;
    Fd fd;
    off_t shown = 0;     ///< Everything before has been shown.
    bool listed = true;  ///< Still a log by its name, or just rotated.
    bool oversized = false;
  };

  void look_around(bool at_start);
  void look_at(const LogSeries& series, const std::set<Inode>& passed, bool at_start);
  void add(const std::string& path, bool at_start);
  void watch(const std::string& folder);
  bool read_new(Followed& file, const std::function<bool(std::string_view)>& use);
  bool wait(int stop_fd);

  std::string folder_;
  std::vector<std::string> files_;
  Fd inotify_;
  std::map<std::string, int> watched_;
  std::map<Inode, Followed> followed_;
  std::set<Inode> passed_;  ///< Rotated files that have been shown, or were old at the start.
};

}  // namespace sonde::cli
