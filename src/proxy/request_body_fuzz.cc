// Property: whatever a body is, however it is framed and cut, what leaves is what came, but for
// one insertion that is our trace context and, in a body that streams, blanks behind it; and it is
// as long as its head says.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/head_reader.h"
#include "proxy/request_body.h"

namespace {

using namespace sonde;
using namespace sonde::proxy;

void require(bool holds) {
  if (!holds) std::abort();
}

class Nowhere final : public ReportSink {
 public:
  void take(mcp::Report&&) noexcept override {}
  bool hash(std::uint64_t, std::string_view) noexcept override { return true; }
  std::uint64_t new_stream() noexcept override { return 1; }
};

struct Way {
  bool chunked;
  bool inserts;
  std::size_t piece;
  std::size_t chunk;
  std::size_t whole_max;
};

std::string in_chunks(std::string_view body, std::size_t size) {
  std::string out;
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t at = 0; at < body.size(); at += size) {
    const std::string_view part = body.substr(at, size);
    std::string digits;
    for (std::size_t n = part.size(); n > 0; n /= 16) digits.insert(0, 1, kDigits[n % 16]);
    out.append(digits).append("\r\n").append(part).append("\r\n");
  }
  return out + "0\r\n\r\n";
}

std::string out_of_chunks(std::string_view wire) {
  http::HeadReader head(http::Side::kRequest);
  head.feed("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  http::BodyReader reader;
  reader.begin(head.head());
  std::string out;
  while (!wire.empty() && reader.state() == http::State::kReading) {
    const auto piece = reader.next(wire);
    out += piece.payload;
    wire.remove_prefix(piece.consumed);
  }
  require(reader.state() == http::State::kDone && wire.empty());
  return out;
}

/// Takes all, writes all; returns what left.
std::string pass(RequestBody& body, std::string_view wire, std::size_t piece) {
  std::string out;
  const auto write = [&] {
    while (!body.ready().empty()) {
      const iovec& first = body.ready().front();
      const std::size_t part = std::min(first.iov_len, piece);
      out.append(static_cast<const char*>(first.iov_base), part);
      body.written(part);
    }
  };
  while (!wire.empty()) {
    const std::size_t taken = body.take(wire.substr(0, piece), {});
    wire.remove_prefix(taken);
    write();
    if (body.state() == RequestBody::State::kComplete) break;
  }
  require(body.state() == RequestBody::State::kComplete && wire.empty());
  write();
  return out;
}

void require_same_but_for_ours(std::string_view out, std::string_view body, bool inserts) {
  if (!inserts) return require(out == body);
  const auto [a, b] = std::ranges::mismatch(out, body);
  const std::size_t before = static_cast<std::size_t>(b - body.begin());
  const std::string_view rest = body.substr(before);
  // Behind the insertion comes the rest, and behind that only blanks.
  const std::size_t end = out.find_last_not_of(' ') + 1;
  const std::size_t body_end = body.find_last_not_of(' ') + 1;
  require(end >= body_end && out.size() >= body.size());
  const std::size_t tail = body_end > before ? body_end - before : 0;
  require(out.substr(end - tail, tail) == rest.substr(0, tail));
  const std::size_t inserted = end - body_end;
  require(inserted == 0 || out.contains("traceparent"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const Way way{.chunked = (data[0] & 1U) != 0,
                .inserts = (data[0] & 2U) != 0,
                .piece = data[1] + std::size_t{1},
                .chunk = data[2] + std::size_t{1},
                .whole_max = data[3] * std::size_t{4}};
  const std::string_view body(reinterpret_cast<const char*>(data) + 4, size - 4);
  Random random(1);
  Stamper stamper(random, 2);
  Nowhere nowhere;
  Stats stats;
  jsonrpc::Scanner scanner;
  std::string copy;
  DenyGate gate(nowhere);
  const TapTools tools{.stamper = stamper,
                       .reports = nowhere,
                       .stats = stats,
                       .scanner = scanner,
                       .scan_copy = copy,
                       .gate = gate};
  const Upstream upstream{.name = "u"};
  ExchangeTap tap(tools, {.upstream = &upstream, .inject = way.inserts}, 1);
  RequestFacts facts;
  facts.method = mcp::HttpMethod::kPost;
  facts.json = true;
  tap.begin(std::move(facts), "/mcp", {});
  http::HeadReader head(http::Side::kRequest);
  head.feed("POST / HTTP/1.1\r\nHost: h\r\n" +
            (way.chunked ? std::string("Transfer-Encoding: chunked")
                         : "Content-Length: " + std::to_string(body.size())) +
            "\r\n\r\n");
  RequestBody::Buffers buffers;
  RequestBody passing(tap, {.whole_bytes_max = way.whole_max}, false, buffers);
  passing.begin(head.head(), true, way.inserts);
  if (passing.state() == RequestBody::State::kComplete) return 0;
  const std::string out =
      pass(passing, way.chunked ? in_chunks(body, way.chunk) : std::string(body), way.piece);
  if (!way.chunked) require(out.size() == passing.length());
  require_same_but_for_ours(way.chunked ? out_of_chunks(out) : out, body, way.inserts);
  return 0;
}
