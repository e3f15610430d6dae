// Property: a forwarder that holds back what hold_from() says can splice every message that
// has a site, however the stream is cut; the sites are the same, and what simdjson reads
// after a splice is what it read before, with the members added to params._meta.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "jsonrpc/splice_model.h"

namespace sonde::jsonrpc {
namespace {

void require(bool condition, const char* what, std::string_view text) {
  if (condition) return;
  std::fprintf(stderr, "%s\n%.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

std::string forward(std::string_view stream, std::string_view sizes) {
  Forwarder forwarder;
  for (std::size_t i = 0; !stream.empty(); ++i) {
    const std::size_t size =
        sizes.empty() ? stream.size() : 1U + static_cast<unsigned char>(sizes[i % sizes.size()]);
    const std::string_view chunk = stream.substr(0, size);
    forwarder.feed(chunk);
    stream.remove_prefix(chunk.size());
  }
  std::string sent = forwarder.finish();
  require(forwarder.fault().empty(), forwarder.fault().c_str(), sent);
  return sent;
}

void check_line(std::string_view line) {
  if (!members_of(line)) return;
  Forwarder forwarder;
  forwarder.feed(line);
  const std::string after = forwarder.finish();
  if (forwarder.splices() == 0) {
    require(after == line, "changed without a splice", line);
  } else {
    require(only_added(line, after), "not only added", after);
  }
}

}  // namespace
}  // namespace sonde::jsonrpc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sonde::jsonrpc;
  constexpr std::size_t kSizes = 4;
  if (size <= kSizes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string_view stream = input.substr(kSizes);
  const std::string whole = forward(stream, {});
  require(whole == forward(stream, input.substr(0, kSizes)), "cut", stream);
  require(whole == forward(stream, std::string_view("\0", 1)), "byte by byte", stream);
  while (!stream.empty()) {
    const std::string_view line = stream.substr(0, stream.find('\n'));
    check_line(line);
    stream.remove_prefix(std::min(stream.size(), line.size() + 1));
  }
  return 0;
}
