#include "trace_context/correlation.h"

#include <algorithm>

namespace sonde::trace_context {

bool valid_correlation_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kCorrelationIdBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace sonde::trace_context
