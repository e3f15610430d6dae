#include "recorder/control_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/fd.h"
#include "recorder/unix_address.h"

namespace sonde::recorder {
namespace {

constexpr mode_t kOwnerOnly = 0700;
constexpr std::size_t kHeadBytes = 256;  ///< pid and start_ticks are the first members.

std::unexpected<Error> failed(const std::string& doing, const std::string& path) {
  return fail(Errc::kInternal, doing + " " + path + ": " + std::generic_category().message(errno));
}

/// The first bytes of a small file; empty if it cannot be read.
std::string read_head(const std::string& path, std::size_t bytes_max) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::string head(bytes_max, '\0');
  const ssize_t size = fd ? ::read(fd.get(), head.data(), head.size()) : -1;
  head.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return head;
}

template <class Integer>
std::optional<Integer> leading_integer(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

/// The pid that a file of a tap is named after.
std::optional<pid_t> owner_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view suffix = name.substr(dot);
  if (suffix != ".json" && suffix != ".json.tmp" && suffix != ".sock") return std::nullopt;
  const std::string_view digits = name.substr(0, dot);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return leading_integer<pid_t>(digits);
}

/// What `<pid>.json` says; its first members are always `pid` and `start_ticks`.
std::optional<std::uint64_t> noted_start_ticks(const std::string& dir, pid_t pid) {
  constexpr std::string_view kKey = "\"start_ticks\":";
  const std::string head = read_head(stats_path(dir, pid), kHeadBytes);
  const std::size_t at = head.find(kKey);
  if (at == std::string::npos) return std::nullopt;
  return leading_integer<std::uint64_t>(std::string_view(head).substr(at + kKey.size()));
}

bool gone(const std::string& dir, pid_t pid) {
  const auto started = process_start_ticks(pid);
  const auto noted = noted_start_ticks(dir, pid);
  if (started && (!noted || *noted == *started)) return false;
  const auto answered = connect_unix(socket_path(dir, pid));
  return !answered && answered.error().code() == Errc::kUnavailable;
}

std::uint32_t remove_files(const std::string& dir, pid_t pid) {
  std::uint32_t removed = 0;
  const std::string stats = stats_path(dir, pid);
  for (const std::string& path : {stats, stats + ".tmp", socket_path(dir, pid)}) {
    if (::unlink(path.c_str()) == 0) ++removed;
  }
  return removed;
}

struct CloseDir {
  void operator()(DIR* dir) const noexcept { ::closedir(dir); }
};

}  // namespace

Status open_control_dir(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), kOwnerOnly);  // Mostly there already.
  }
  if (::mkdir(path.c_str(), kOwnerOnly) != 0 && errno != EEXIST) return failed("make", path);

  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat state{};
  if (!fd || ::fstat(fd.get(), &state) != 0) return failed("open", path);
  if (state.st_uid != ::geteuid()) {
    return fail(Errc::kInvalidInput, path + " belongs to another user");
  }
  if ((state.st_mode & 0777U) != kOwnerOnly && ::fchmod(fd.get(), kOwnerOnly) != 0) {
    return failed("chmod 0700", path);
  }
  return {};
}

std::string stats_path(const std::string& dir, pid_t pid) {
  return dir + "/" + std::to_string(pid) + ".json";
}

std::string socket_path(const std::string& dir, pid_t pid) {
  return dir + "/" + std::to_string(pid) + ".sock";
}

std::optional<std::uint64_t> process_start_ticks(pid_t pid) {
  constexpr std::size_t kStatBytes = 1024;
  constexpr int kFieldsBetween = 20;  // From the state, field 3, to field 22: proc(5).
  const std::string stat = read_head("/proc/" + std::to_string(pid) + "/stat", kStatBytes);
  // The name in field 2 may hold blanks and brackets; only its last bracket is the end.
  std::size_t at = stat.rfind(')');
  for (int field = 0; field < kFieldsBetween && at != std::string::npos; ++field) {
    at = stat.find(' ', at + 1);
  }
  if (at == std::string::npos) return std::nullopt;
  return leading_integer<std::uint64_t>(std::string_view(stat).substr(at + 1));
}

std::uint32_t sweep_control_dir(const std::string& dir, SweepLimits limits) {
  const std::unique_ptr<DIR, CloseDir> open(::opendir(dir.c_str()));
  if (!open) return 0;
  std::uint32_t removed = 0;
  for (std::uint32_t looked_at = 0; looked_at < limits.looked_at_max; ++looked_at) {
    if (removed >= limits.removed_max) break;
    // Safe in glibc as long as threads do not share the stream.
    const dirent* const entry = ::readdir(open.get());  // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr) break;
    const auto pid = owner_of(entry->d_name);
    if (pid && gone(dir, *pid)) removed += remove_files(dir, *pid);
  }
  return removed;
}

}  // namespace sonde::recorder
