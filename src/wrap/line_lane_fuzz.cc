#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/pipe.h"
#include "wrap/line_lane.h"

namespace sonde::wrap {
namespace {

constexpr std::string_view kOurs = "sonde-pulse-t-";

/// What comes out of a lane that is fed `text` in pieces of `piece`.
std::string passed(std::string_view text, std::size_t piece) {
  Stats stats;
  Conversation conversation({.token = "t", .tap_version = "1"}, stats);
  LineLane lane(Direction::kToClient, conversation);
  auto in = net::make_pipe(net::Nonblocking::kYes);
  auto out = net::make_pipe(net::Nonblocking::kYes);
  if (!in || !out) std::abort();
  lane.connect_input(net::StreamEnd::of_pipe(std::move(in->reader)));
  lane.connect_output(net::StreamEnd::of_pipe(std::move(out->writer)));
  std::string got;
  char buffer[4096];
  const auto drain = [&] {
    for (ssize_t n; (n = read(out->reader.get(), buffer, sizeof buffer)) > 0;) {
      got.append(buffer, static_cast<std::size_t>(n));
    }
  };
  while (!text.empty()) {
    const std::string_view now = text.substr(0, std::min<std::size_t>(piece, 4096));
    text.remove_prefix(now.size());
    if (write(in->writer.get(), now.data(), now.size()) < 0) std::abort();
    lane.advance();
    lane.advance();
    drain();
  }
  in->writer.reset();
  lane.advance();
  lane.finish();
  lane.advance();
  drain();
  return got;
}

/// The same by lines, without any machinery: all but the answers to our pulses.
bool explains(std::string_view text, std::string_view got) {
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
    const std::string_view line = text.substr(0, size);
    text.remove_prefix(size);
    if (got.starts_with(line)) {
      got.remove_prefix(size);
    } else if (line.find(kOurs) == std::string_view::npos) {
      return false;
    }
  }
  return got.empty();
}

}  // namespace
}  // namespace sonde::wrap

// Property: however a stream is cut, the client gets all of it but for lines that name a pulse of
// ours.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sonde::wrap::explains;
  using sonde::wrap::passed;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string whole = passed(text, 4096);
  if (!explains(text, whole)) std::abort();
  if (passed(text, 3) != whole) std::abort();
  return 0;
}
