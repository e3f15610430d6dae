#include "cli/line_reader.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <unistd.h>

namespace sonde::cli {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;

/// As many of the `size` bytes at `at` as there are.
std::string read_at(int fd, off_t at, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = pread(fd, bytes.data() + got, size - got, at + static_cast<off_t>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  bytes.resize(got);
  return bytes;
}

}  // namespace

bool ForwardLines::fill() {
  if (at_ >= end_) return false;
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  const auto left = static_cast<std::size_t>(end_ - at_);
  const std::string block = read_at(file_.get(), at_, std::min(kBlockBytes, left));
  at_ += static_cast<off_t>(block.size());
  if (block.empty()) end_ = at_;
  buffer_ += block;
  return !block.empty();
}

std::optional<std::string_view> ForwardLines::next() {
  for (;;) {
    const std::size_t newline = buffer_.find('\n', scanned_);
    if (newline != std::string::npos) {
      const std::string_view line(buffer_.data() + begin_, newline - begin_);
      begin_ = scanned_ = newline + 1;
      if (std::exchange(skipping_, false)) continue;
      if (line.size() <= kLineBytesMax) return line;
      ++oversized_;
      continue;
    }
    scanned_ = buffer_.size();
    if (buffer_.size() - begin_ > kLineBytesMax || skipping_) {
      if (!std::exchange(skipping_, true)) ++oversized_;
      begin_ = scanned_;
    }
    if (fill()) continue;
    if (begin_ == buffer_.size()) return std::nullopt;
    const std::string_view line(buffer_.data() + begin_, buffer_.size() - begin_);
    begin_ = scanned_ = buffer_.size();
    return line;
  }
}

bool BackwardLines::fill() {
  // Growing blocks, so that a long line is not copied again and again.
  const std::size_t wanted = std::max(kBlockBytes, buffer_.size());
  const std::size_t size = std::min(wanted, static_cast<std::size_t>(at_));
  const off_t begin = at_ - static_cast<off_t>(size);
  const std::string block = read_at(file_.get(), begin, size);
  if (block.size() != size) return false;  // Cut meanwhile: what is left has no order.
  at_ = begin;
  buffer_.insert(0, block);
  return true;
}

std::optional<std::string_view> BackwardLines::next() {
  if (finished_) return std::nullopt;
  if (!std::exchange(started_, true)) {
    finished_ = at_ <= 0 || !fill();
    if (finished_) return std::nullopt;
    if (buffer_.ends_with('\n')) buffer_.pop_back();
  }
  for (;;) {
    const std::size_t newline = buffer_.rfind('\n');
    if (newline != std::string::npos) {
      line_.assign(buffer_, newline + 1);
      buffer_.resize(newline);
      if (std::exchange(skipping_, false)) continue;
      if (line_.size() <= kLineBytesMax) return line_;
      ++oversized_;
      continue;
    }
    if (buffer_.size() > kLineBytesMax || skipping_) {
      if (!std::exchange(skipping_, true)) ++oversized_;
      buffer_.clear();
    }
    if (at_ > 0 && fill()) continue;
    finished_ = true;
    if (at_ > 0 || skipping_) return std::nullopt;
    line_ = std::move(buffer_);
    return line_;
  }
}

}  // namespace sonde::cli
