// Property: on any input the Scanner says the same however the stream is cut, and keeps no
// more than its limits allow; on every line that simdjson accepts it says what simdjson says.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/cuts_for_test.h"
#include "jsonrpc/scanner_oracle.h"
#include "jsonrpc/scanner_transcript.h"

namespace sonde::jsonrpc {
namespace {

/// Small enough that the inputs of a fuzzer reach them.
constexpr Limits kTight{.id = 5,
                        .method = 12,
                        .name = 7,
                        .uri = 9,
                        .meta = 30,
                        .params = 40,
                        .arguments = 60,
                        .result = 40,
                        .content = 50,
                        .tools = 60,
                        .error = 20,
                        .bad_lines_max = 3};

}  // namespace
}  // namespace sonde::jsonrpc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sonde::jsonrpc;
  constexpr std::size_t kSizes = 4;
  if (size <= kSizes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view stream = input.substr(kSizes);
  for (const Limits& limits : {Limits{}, kTight}) {
    const Transcript whole = transcribe(stream, limits);
    require_equal(whole, transcribe(stream, limits, sonde::Cuts(input.substr(0, kSizes))), "cut");
    require_equal(whole, transcribe_by(1, stream, limits), "byte by byte");
    const Transcript unmarked = without_end_marks(whole);
    const auto cut = static_cast<unsigned char>(input.front());
    require_equal(unmarked, transcribe_last(stream, 0, limits), "the last chunk is all");
    require_equal(unmarked, transcribe_last(stream, cut, limits), "the last chunk is known");
  }
  check_against_simdjson(stream);
  return 0;
}
