#include "http/body_reader.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace sonde::http {
namespace {

Head framed(Framing framing, std::uint64_t length = 0) {
  Head head;
  head.framing = framing;
  head.content_length = length;
  return head;
}

/// The name of the refusal, or the payload and how much of `stream` was left.
std::string read(const Head& head, std::string_view stream, const Limits& limits = {}) {
  BodyReader reader(limits);
  reader.begin(head);
  std::string text;
  while (!stream.empty() && reader.state() == State::kReading) {
    const BodyReader::Piece piece = reader.next(stream);
    text += piece.payload;
    stream.remove_prefix(piece.consumed);
  }
  if (reader.state() == State::kRefused) return std::string(name_of(reader.refusal()));
  if (reader.state() == State::kReading) return text + "…";
  return text + "+" + std::to_string(stream.size());
}

TEST_CASE("a body ends after its length and no byte further", "[http][body]") {
  CHECK(read(framed(Framing::kLength, 3), "abcde") == "abc+2");
  CHECK(read(framed(Framing::kLength, 3), "ab") == "ab…");
  CHECK(read(framed(Framing::kLength, 0), "ab") == "+2");
  CHECK(read(framed(Framing::kNone), "ab") == "+2");
  CHECK(read(framed(Framing::kUntilClose), "ab") == "ab…");
}

TEST_CASE("payload is a view into what was fed", "[http][body]") {
  BodyReader reader;
  reader.begin(framed(Framing::kChunked));
  const std::string chunk = "2\r\nab\r\n3;x\r\ncd";

  const auto first = reader.next(chunk);
  CHECK(first.payload.data() == chunk.data() + 3);
  CHECK(first.payload == "ab");
  CHECK(first.consumed == 5);
  const auto second = reader.next(std::string_view(chunk).substr(5));
  CHECK(second.payload == "cd");
  CHECK(second.consumed == chunk.size() - 5);
  CHECK(reader.next("e\r\n0\r\n\r\nX").consumed == 1);
  CHECK(reader.payload_bytes() == 5);
  CHECK(reader.next("\r\n0\r\n\r\nX").consumed == 7);
  CHECK(reader.state() == State::kDone);
}

TEST_CASE("the limit of a body is exact", "[http][body]") {
  const Limits limits{.body_bytes_max = 5};
  CHECK(read(framed(Framing::kLength, 5), "abcde", limits) == "abcde+0");
  CHECK(read(framed(Framing::kLength, 6), "abcdef", limits) == "body_too_large");
  CHECK(read(framed(Framing::kUntilClose), "abcde", limits) == "abcde…");
  CHECK(read(framed(Framing::kUntilClose), "abcdef", limits) == "body_too_large");
  CHECK(read(framed(Framing::kChunked), "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", limits) == "abcde+0");
  CHECK(read(framed(Framing::kChunked), "2\r\nab\r\n4\r\n", limits) == "body_too_large");
}

TEST_CASE("chunk extensions are bounded, each and all together", "[http][body]") {
  const Head head = framed(Framing::kChunked);
  const auto chunk = [](std::size_t bytes) {
    return "1;" + std::string(bytes - 1, 'x') + "\r\na\r\n";
  };
  CHECK(read(head, chunk(256)) == "a…");
  CHECK(read(head, chunk(257)) == "chunk_extension_too_long");
  std::string many;
  for (int i = 0; i < 64; ++i) many += chunk(256);
  CHECK(read(head, many) == std::string(64, 'a') + "…");
  CHECK(read(head, many + chunk(256)) == "chunk_extension_too_long");
}

TEST_CASE("trailers are bounded and dropped", "[http][body]") {
  const Head head = framed(Framing::kChunked);
  const auto trailers = [](std::size_t bytes) {
    return "0\r\nX: " + std::string(bytes - 7, 'x') + "\r\n\r\nrest";
  };
  CHECK(read(head, trailers(100), {.trailer_bytes_max = 100}) == "+4");
  CHECK(read(head, trailers(101), {.trailer_bytes_max = 100}) == "trailers_too_large");
  CHECK(read(head, "0\r\na: 1\r\nb: 2\r\n\r\n", {.fields_max = 2}) == "+0");
  CHECK(read(head, "0\r\na: 1\r\nb: 2\r\n\r\n", {.fields_max = 1}) == "trailers_too_large");
}

TEST_CASE("a reader serves one body after the other", "[http][body]") {
  BodyReader reader;
  reader.begin(framed(Framing::kChunked));
  reader.next("1;a=\"\n");
  CHECK(reader.state() == State::kRefused);
  reader.begin(framed(Framing::kChunked));
  CHECK(reader.next("1\r\na").payload == "a");
}

}  // namespace
}  // namespace sonde::http
