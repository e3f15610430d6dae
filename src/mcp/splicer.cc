#include "mcp/splicer.h"

#include <algorithm>
#include <cstring>

#include "jsonrpc/splice.h"

namespace sonde::mcp {
namespace {

constexpr std::size_t kFlatBytesMax = 4096;

}  // namespace

Splicer::Splicer(MessageObserver& messages, const SpliceOptions& options)
    : messages_(messages),
      options_(options),
      storage_(
          std::make_unique_for_overwrite<char[]>(options.hold_bytes_max + options.chunk_bytes)) {}

std::span<char> Splicer::space() noexcept { return {storage_.get() + end_, options_.chunk_bytes}; }

void Splicer::take(std::size_t size, Moment read_at) {
  const std::string_view chunk(storage_.get() + end_, size);
  end_ += size;
  if (disabled_) return release(end_);
  scanner_.feed(scannable(chunk));
  while (const jsonrpc::Message* message = scanner_.next()) show(*message, read_at);
  release(releasable(read_at));
  if (scanner_.disabled()) {
    disabled_ = true;
    messages_.on_disabled(Direction::kToServer);
  }
}

// Only the scanner takes newlines for blanks: the bytes that go on stay as they are.
std::string_view Splicer::scannable(std::string_view chunk) {
  if (!options_.newlines_are_blanks || !chunk.contains('\n')) return chunk;
  scan_copy_.assign(chunk);
  std::ranges::replace(scan_copy_, '\n', ' ');
  return scan_copy_;
}

void Splicer::finish(Moment now) {
  if (!disabled_) {
    if (const jsonrpc::Message* last = scanner_.finish()) show(*last, now);
  }
  release(end_);
}

void Splicer::show(const jsonrpc::Message& message, Moment read_at) {
  const bool spliceable = message.splice && message.splice->offset >= base_;
  const bool whole = message.begin >= base_ && !message.in_batch;
  const auto members =
      messages_.on_message(Direction::kToServer, message,
                           {.read_at = read_at, .spliceable = spliceable, .whole = whole}, 0);
  if (whole && messages_.keeps_back()) return keep_back(message);
  if (members && spliceable && !spliced_early_) insert(*message.splice, *members);
  spliced_early_ = false;
}

// With its newline.
void Splicer::keep_back(const jsonrpc::Message& message) {
  const std::size_t at = message.begin - base_;
  const std::size_t end = message.end - base_;
  const std::string_view behind(storage_.get() + end, end_ - end);
  const std::size_t newline = behind.find('\n');
  const std::size_t rest = newline == std::string_view::npos ? behind.size() : newline + 1;
  insertions_.push_back({.at = at, .skip = end + rest - at});
}

// The index of the first byte of the line at hand, as far as it is there.
std::size_t Splicer::line_begin() const noexcept {
  const std::size_t newline = std::string_view(storage_.get(), end_).rfind('\n');
  return newline == std::string_view::npos ? 0 : newline + 1;
}

// The index up to which bytes may go: all, but for those behind a possible splice.
std::size_t Splicer::releasable(Moment now) {
  if (messages_.may_keep_back(now) && !spliced_early_) {
    const std::size_t from = line_begin();
    if (end_ - from <= options_.hold_bytes_max) return from;
  }
  const auto hold = scanner_.hold_from();
  // Held bytes are never before base_: what is gone is gone.
  if (!hold || *hold < base_ || spliced_early_) return end_;
  const std::size_t from = std::min<std::uint64_t>(*hold - base_, end_);
  if (end_ - from <= options_.hold_bytes_max) return from;
  const auto site = scanner_.splice_now();
  if (site && site->offset >= base_) {
    if (const auto members = messages_.on_splice_early(now)) {
      insert(*site, *members);
      spliced_early_ = true;
    }
  }
  return end_;
}

void Splicer::insert(const jsonrpc::SpliceSite& site, std::string_view members) {
  const std::size_t begin = texts_.size();
  texts_ += jsonrpc::splice_text(site, members);
  insertions_.push_back(
      {.at = site.offset - base_, .text_begin = begin, .text_size = texts_.size() - begin});
}

void Splicer::release(std::size_t end) {
  std::size_t from = 0;
  for (const Insertion& insertion : insertions_) {
    if (insertion.at > from) pieces_.push_back({storage_.get() + from, insertion.at - from});
    if (insertion.text_size > 0) {
      pieces_.push_back({texts_.data() + insertion.text_begin, insertion.text_size});
    }
    from = insertion.at + insertion.skip;
  }
  if (end > from) pieces_.push_back({storage_.get() + from, end - from});
  released_ = end;
  if (!insertions_.empty() && end <= kFlatBytesMax) flatten();
  insertions_.clear();
  if (pieces_.empty() && end > 0) compact();  // All of it is kept back.
}

// Measured: to copy a small message costs less than to have the kernel gather it.
void Splicer::flatten() {
  flat_.clear();
  for (const iovec& piece : pieces_) {
    flat_.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  pieces_.clear();
  if (!flat_.empty()) pieces_.push_back({flat_.data(), flat_.size()});
}

std::span<const iovec> Splicer::ready() const noexcept {
  return std::span(pieces_).subspan(first_piece_);
}

void Splicer::written(std::size_t size) {
  while (size > 0) {
    iovec& piece = pieces_[first_piece_];
    const std::size_t part = std::min(size, piece.iov_len);
    piece.iov_base = static_cast<char*>(piece.iov_base) + part;
    piece.iov_len -= part;
    size -= part;
    if (piece.iov_len == 0) ++first_piece_;
  }
  if (first_piece_ == pieces_.size()) compact();
}

void Splicer::compact() {
  std::memmove(storage_.get(), storage_.get() + released_, end_ - released_);
  base_ += released_;
  end_ -= released_;
  released_ = 0;
  pieces_.clear();
  first_piece_ = 0;
  texts_.clear();
}

}  // namespace sonde::mcp
