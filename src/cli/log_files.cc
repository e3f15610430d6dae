#include "cli/log_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <map>
#include <queue>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/printable.h"

namespace sonde::cli {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
// Lines are written by several processes when calls end, so they are only nearly in order.
constexpr std::chrono::minutes kDisorderMax{1};
constexpr std::size_t kFilesToldMax = 20;

/// "x.jsonl.3" is the third of "x.jsonl", which itself is 0; nothing for other names.
std::optional<std::pair<std::string_view, unsigned>> split_name(std::string_view name) {
  const std::size_t at = name.rfind(kSuffix);
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const std::size_t end = at + kSuffix.size();
  if (end == name.size()) return std::pair(name, 0U);
  unsigned number = 0;
  const std::string_view digits = name.substr(end + 1);
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc() && stop == digits.data() + digits.size();
  if (name[end] != '.' || !whole || number == 0) return std::nullopt;
  return std::pair(name.substr(0, end), number);
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  if (!dir) return names;
  while (names.size() < kLogNamesMax) {
    const dirent* found = readdir(dir.get());  // NOLINT(concurrency-mt-unsafe): own stream.
    if (found == nullptr) break;
    names.emplace_back(found->d_name);
  }
  return names;
}

Fd open_log(const LogFile& file) {
  if (file.fd >= 0) return Fd(fcntl(file.fd, F_DUPFD_CLOEXEC, 0));
  return Fd(open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

}  // namespace

std::vector<LogSeries> find_logs(const std::string& folder) {
  std::map<std::string, std::map<unsigned, std::string>, std::less<>> found;
  for (const std::string& name : names_in(folder)) {
    const auto split = split_name(name);
    if (!split) continue;
    std::string& path = found[std::string(split->first)][split->second];
    path = folder;
    path.append("/").append(name);
  }
  std::vector<LogSeries> out;
  for (const auto& [base, files] : found) {
    LogSeries& series = out.emplace_back();
    for (const auto& [number, path] : files) series.newest_first.push_back({.path = path});
  }
  return out;
}

LogSeries log_series(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
  const std::string name = path.substr(slash + 1);
  std::map<unsigned, std::string> files;
  for (const std::string& other : names_in(folder)) {
    const auto split = split_name(other);
    if (split && split->first == name) files[split->second] = path + other.substr(name.size());
  }
  LogSeries series;
  for (const auto& [number, file] : files) series.newest_first.push_back({.path = file});
  if (series.newest_first.empty()) series.newest_first.push_back({.path = path});
  return series;
}

LogCursor::LogCursor(LogSeries series, Order order, std::chrono::nanoseconds since,
                     Skipped& skipped)
    : files_(std::move(series.newest_first)), order_(order), since_(since), skipped_(skipped) {
  if (order_ == Order::kNewestFirst) std::ranges::reverse(files_);
}

bool LogCursor::next() {
  for (;;) {
    const auto line = next_line();
    if (!line) {
      close_file();
      if (!open_next()) return false;
    } else if (take(*line)) {
      const bool old = entry_.at + kDisorderMax < since_;
      if (!old) return true;
      if (order_ == Order::kNewestFirst) {
        close_file();
        files_.clear();
        return false;
      }
    }
  }
}

std::optional<std::string_view> LogCursor::next_line() {
  if (auto* forward = std::get_if<ForwardLines>(&lines_)) return forward->next();
  if (auto* backward = std::get_if<BackwardLines>(&lines_)) return backward->next();
  return std::nullopt;
}

void LogCursor::close_file() {
  if (const auto* forward = std::get_if<ForwardLines>(&lines_)) {
    skipped_.lines += forward->oversized();
  }
  if (const auto* backward = std::get_if<BackwardLines>(&lines_)) {
    skipped_.lines += backward->oversized();
  }
  lines_ = std::monostate();
}

bool LogCursor::open_next() {
  while (!files_.empty()) {
    const LogFile file = std::move(files_.back());
    files_.pop_back();
    Fd fd = open_log(file);
    struct stat info{};
    const bool readable = fd && fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
    if (!readable) {
      const std::string why = fd ? "is no regular file" : std::generic_category().message(errno);
      if (skipped_.files.size() < kFilesToldMax) {
        skipped_.files.push_back(printable(file.path) + ": " + why);
      }
      continue;
    }
    const std::chrono::seconds written(info.st_mtim.tv_sec);
    if (written + kDisorderMax < since_) continue;
    const off_t end = file.end >= 0 ? std::min(file.end, info.st_size) : info.st_size;
    if (order_ == Order::kOldestFirst) {
      lines_.emplace<ForwardLines>(std::move(fd), end);
    } else {
      lines_.emplace<BackwardLines>(std::move(fd), end);
    }
    return true;
  }
  return false;
}

bool LogCursor::take(std::string_view line) {
  if (line.empty()) return false;
  auto entry = parse_log_entry(line);
  if (!entry) {
    ++skipped_.lines;
    return false;
  }
  if (is_metrics_event(entry->event)) return false;
  entry_ = *std::move(entry);
  line_ = line;
  return true;
}

void merge_logs(std::vector<LogSeries> series, Order order, std::chrono::nanoseconds since,
                Skipped& skipped,
                const std::function<bool(const LogEntry&, std::string_view)>& use) {
  std::vector<LogCursor> cursors;
  cursors.reserve(series.size());
  for (LogSeries& one : series) cursors.emplace_back(std::move(one), order, since, skipped);

  const auto later = [&](std::size_t a, std::size_t b) {
    const auto at_a = cursors[a].entry().at;
    const auto at_b = cursors[b].entry().at;
    if (at_a == at_b) return a > b;
    return order == Order::kOldestFirst ? at_a > at_b : at_a < at_b;
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> next(later);
  for (std::size_t i = 0; i < cursors.size(); ++i) {
    if (cursors[i].next()) next.push(i);
  }
  while (!next.empty()) {
    const std::size_t i = next.top();
    next.pop();
    if (!use(cursors[i].entry(), cursors[i].line())) return;
    if (cursors[i].next()) next.push(i);
  }
}

off_t complete_end(int fd, off_t size) {
  std::array<char, 4096> block{};
  while (size > 0) {
    const auto want = std::min<off_t>(size, static_cast<off_t>(block.size()));
    const ssize_t got = pread(fd, block.data(), static_cast<std::size_t>(want), size - want);
    if (got != want) return 0;
    const std::string_view bytes(block.data(), static_cast<std::size_t>(got));
    const std::size_t newline = bytes.rfind('\n');
    if (newline != std::string_view::npos) return size - want + static_cast<off_t>(newline) + 1;
    size -= want;
  }
  return 0;
}

}  // namespace sonde::cli
