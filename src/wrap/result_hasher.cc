#include "wrap/result_hasher.h"

#include <string>
#include <utility>

namespace sonde::wrap {

void ResultHasher::on_result_bytes(std::string_view bytes, bool first) noexcept {
  if (first) {
    ++streams_;
    complete_ = true;
  }
  if (!complete_) return;
  complete_ =
      recorder_.hash_budget(bytes.size()) &&
      recorder_.record(recorder::HashPiece{.stream = streams_, .bytes = std::string(bytes)});
}

std::uint64_t ResultHasher::take_stream() noexcept {
  return std::exchange(complete_, false) ? streams_ : 0;
}

}  // namespace sonde::wrap
