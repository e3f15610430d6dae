// Whatever the AWS CLI prints, what is shown of it is one line of printable characters, and
// there are no more changes and failures than there are objects in the answer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "aws/stack_answers.h"
#include "base/check.h"

namespace {

bool one_line(const std::string& text) {
  return std::ranges::none_of(text, [](char c) { return c == '\n' || c == '\r' || c == '\x1b'; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace aws = sonde::aws;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto objects = static_cast<std::size_t>(std::ranges::count(text, '{'));
  SONDE_CHECK(one_line(aws::cli_complaint(text)));
  if (const auto set = aws::read_change_set(text)) {
    SONDE_CHECK(!set->status.empty() && set->changes.size() <= objects);
  }
  if (const auto failed = aws::failed_resources(text)) {
    SONDE_CHECK(failed->size() <= objects && std::ranges::all_of(*failed, one_line));
  }
  if (const auto stack = aws::read_stack(text)) {
    SONDE_CHECK(!stack->status.empty());
    SONDE_CHECK(stack->parameters.size() + stack->outputs.size() <= objects);
  }
  return 0;
}
