#include "wrap/result_hasher.h"

#include <utility>

namespace sonde::wrap {
namespace {

/// To hold a whole chunk for a few bytes of it would cost more memory than it saves time.
constexpr std::size_t kHoldFrom = 16 * 1024;

}  // namespace

void ResultHasher::on_result_bytes(std::string_view bytes, bool first) noexcept {
  if (first) {
    ++streams_;
    complete_ = true;
  }
  if (!complete_) return;
  complete_ = recorder_.hash_budget(bytes.size()) && recorder_.record(piece(bytes));
}

recorder::HashPiece ResultHasher::piece(std::string_view bytes) const {
  if (chunks_ != nullptr && bytes.size() >= kHoldFrom) {
    if (SharedBuffer held = chunks_->hold(bytes)) {
      return {.stream = streams_, .buffer = std::move(held), .bytes = bytes};
    }
  }
  return recorder::HashPiece::copy_of(streams_, bytes);
}

std::uint64_t ResultHasher::take_stream() noexcept {
  return std::exchange(complete_, false) ? streams_ : 0;
}

}  // namespace sonde::wrap
