// Property: of any stream, however it is cut, SseReader says what a reader says that has the
// whole stream at once, and SseScanner what a Scanner says of the data of those events.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/cuts_for_test.h"
#include "jsonrpc/sse_reference.h"

namespace sonde::jsonrpc {
namespace {

/// Small enough that the inputs of a fuzzer reach them.
constexpr SseLimits kTight{.type = 9, .id = 3, .endpoint = 5};

/// Of an event that the stream ends within, elements of a batch have been yielded.
bool ends_in_event(std::string_view stream) { return ReferenceReader::read(stream).in_event; }

void check(std::string_view stream, std::string_view sizes, const SseLimits& limits) {
  const auto whole = [&] { return stream.size(); };
  const auto one = [] { return std::size_t{1}; };
  const Transcript events = expected_events(stream, limits);
  const SseReaderTranscriber reader(limits);
  require_equal(events, transcribe_sse(reader, stream, whole), "events, whole");
  require_equal(events, transcribe_sse(reader, stream, Cuts(sizes)), "events, cut");
  require_equal(events, transcribe_sse(reader, stream, one), "events, byte by byte");

  const auto scan = [&](const std::function<std::size_t()>& size) {
    return transcribe_sse(SseScannerTranscriber({}, limits), stream, size);
  };
  const Transcript messages = scan(whole);
  require_equal(messages, scan(Cuts(sizes)), "messages, cut");
  require_equal(messages, scan(one), "messages, byte by byte");
  if (ends_in_event(stream)) return;
  if (const auto expected = expected_messages(stream, {}, limits)) {
    require_equal(*expected, messages, "messages, whole");
  }
}

}  // namespace
}  // namespace sonde::jsonrpc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sonde::jsonrpc;
  constexpr std::size_t kSizes = 4;
  if (size <= kSizes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const SseLimits& limits : {SseLimits{}, kTight}) {
    check(input.substr(kSizes), input.substr(0, kSizes), limits);
  }
  return 0;
}
