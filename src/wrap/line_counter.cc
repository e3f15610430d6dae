#include "wrap/line_counter.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace sonde::wrap {
namespace {

// What may stand between two messages: blanks, and what holds a batch together.
bool between_messages(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '[' || c == ']' || c == ',';
}

// How many newlines `text` begins with, eight at a time.
std::size_t newlines_at(std::string_view text) noexcept {
  constexpr std::string_view kEight = "\n\n\n\n\n\n\n\n";
  std::size_t at = 0;
  while (text.size() - at >= kEight.size() &&
         std::memcmp(text.data() + at, kEight.data(), kEight.size()) == 0) {
    at += kEight.size();
  }
  return at;
}

}  // namespace

void LineCounter::begin_chunk(std::string_view chunk, std::uint64_t offset) noexcept {
  chunk_ = chunk;
  chunk_begin_ = offset;
  counted_to_ = std::max(counted_to_, offset);
}

std::uint64_t LineCounter::message(std::uint64_t begin, std::uint64_t end) noexcept {
  if (begin > counted_to_ && counted_to_ - chunk_begin_ < chunk_.size()) {
    const auto gap = chunk_.substr(counted_to_ - chunk_begin_, begin - counted_to_);
    newlines_ += static_cast<std::uint64_t>(std::ranges::count(gap, '\n'));
  }
  counted_to_ = std::max(counted_to_, end);
  return newlines_ + 1;
}

void LineCounter::end_chunk() noexcept {
  // The rest is the beginning of a message, but for what stands before it.
  std::size_t at = counted_to_ - chunk_begin_;
  const std::size_t run = newlines_at(chunk_.substr(at));
  newlines_ += run;
  at += run;
  for (; at < chunk_.size() && between_messages(chunk_[at]); ++at) newlines_ += chunk_[at] == '\n';
  counted_to_ = chunk_begin_ + at;
  chunk_ = {};
}

}  // namespace sonde::wrap
