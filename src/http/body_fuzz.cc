// Property: the same payload and verdict however a body is cut; every byte is of the body or
// is left over, and none behind its end is needed or taken; what was accepted as chunks is
// the payload that its own sizes say.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/body_reader.h"

namespace sonde::http {
namespace {

constexpr Limits kTight{
    .body_bytes_max = 40, .chunk_extension_bytes_max = 10, .trailer_bytes_max = 40};

void require(bool condition, const char* what, std::string_view text) {
  if (condition) return;
  std::fprintf(stderr, "%s\n%.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

struct Outcome {
  State state = State::kReading;
  Refusal refusal = Refusal::kNone;
  std::string payload;
  std::size_t consumed = 0;

  bool operator==(const Outcome&) const = default;
};

void take(BodyReader& reader, std::string_view chunk, Outcome& outcome) {
  while (!chunk.empty() && reader.state() == State::kReading) {
    const BodyReader::Piece piece = reader.next(chunk);
    require(piece.consumed <= chunk.size(), "took more than there was", chunk);
    require(piece.consumed != 0 || reader.state() != State::kReading, "stands still", chunk);
    const bool within = piece.payload.empty() || (piece.payload.data() >= chunk.data() &&
                                                  piece.payload.data() + piece.payload.size() ==
                                                      chunk.data() + piece.consumed);
    require(within, "payload from elsewhere", chunk);
    outcome.payload += piece.payload;
    outcome.consumed += piece.consumed;
    chunk.remove_prefix(piece.consumed);
  }
}

Outcome read_body(std::string_view stream, std::string_view sizes, const Head& head,
                  const Limits& limits) {
  BodyReader reader(limits);
  reader.begin(head);
  Outcome outcome;
  for (std::size_t i = 0; !stream.empty() && reader.state() == State::kReading; ++i) {
    const std::size_t size =
        sizes.empty() ? stream.size() : 1U + static_cast<unsigned char>(sizes[i % sizes.size()]);
    // A copy of its own size, so that a byte behind it is seen by the sanitizer.
    const std::string chunk(stream.substr(0, size));
    take(reader, chunk, outcome);
    stream.remove_prefix(chunk.size());
  }
  outcome.state = reader.state();
  outcome.refusal = reader.refusal();
  require(reader.payload_bytes() == outcome.payload.size(), "the sum is wrong", outcome.payload);
  return outcome;
}

/// A slow reader of what was found good: it looks for lines, and believes the sizes.
std::string dechunk(std::string_view body) {
  std::string payload;
  for (;;) {
    const std::size_t end = body.find("\r\n");
    require(end != std::string_view::npos, "no line", body);
    const std::string line(body.substr(0, end));
    const std::size_t size = std::strtoull(line.c_str(), nullptr, 16);
    body.remove_prefix(end + 2);
    if (size == 0) break;
    require(size + 2 <= body.size() && body.substr(size, 2) == "\r\n", "no end", body);
    payload += body.substr(0, size);
    body.remove_prefix(size + 2);
  }
  require(body == "\r\n" || body.ends_with("\r\n\r\n"), "no end of the trailers", body);
  return payload;
}

void check_body(std::string_view stream, std::string_view sizes, const Head& head,
                const Limits& limits) {
  const Outcome whole = read_body(stream, {}, head, limits);
  require(whole == read_body(stream, sizes, head, limits), "cut", stream);
  require(whole == read_body(stream, std::string_view("\0", 1), head, limits), "by byte", stream);
  if (whole.state != State::kDone) return;
  const std::string_view body = stream.substr(0, whole.consumed);
  require(whole == read_body(body, {}, head, limits), "needed what follows", stream);
  if (head.framing == Framing::kChunked) {
    require(whole.payload == dechunk(body), "another payload", stream);
  } else {
    require(whole.payload == body, "another payload", stream);
  }
}

}  // namespace
}  // namespace sonde::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sonde::http;
  constexpr std::size_t kSizes = 4;
  if (size <= kSizes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view stream = input.substr(kSizes);
  Head head;
  head.content_length = data[0];
  for (const Framing framing : {Framing::kChunked, Framing::kLength, Framing::kUntilClose}) {
    head.framing = framing;
    check_body(stream, input.substr(0, kSizes), head, Limits{});
    check_body(stream, input.substr(0, kSizes), head, kTight);
  }
  return 0;
}
