#include "wrap/forward_lane.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <csignal>
#include <string>

#include "wrap/streams_test_kit.h"

namespace sonde::wrap {
namespace {

/// A lane from one stream to another, and the two ends that it does not have.
struct Rig {
  explicit Rig(const std::string& in_kind = "pipe", const std::string& out_kind = "pipe",
               const ForwardOptions& options = {})
      : Rig(Stream::make(in_kind), Stream::make(out_kind), options) {}

  Rig(Stream in, Stream out, const ForwardOptions& options)
      : from(std::move(in.writer)),
        to(std::move(out.reader)),
        lane(net::StreamEnd::adopt_reader(std::move(in.reader)),
             net::StreamEnd::adopt_writer(std::move(out.writer)), copy, clock, options) {
    std::signal(SIGPIPE, SIG_IGN);
  }
  ~Rig() { std::signal(SIGPIPE, SIG_DFL); }

  // Feeds `text` in pieces and reads everything, as long as anything moves.
  std::string carry(std::string_view text, std::size_t piece) {
    std::string got;
    while (got.size() < text.size() + 0) {
      const std::size_t sent = from.write(text.substr(sent_, piece));
      sent_ += sent;
      lane.advance();
      const std::string part = to.read();
      got += part;
      if (sent == 0 && part.empty() && ++idle_ > 1000) break;
    }
    return got;
  }

  TestEnd from;
  TestEnd to;
  Copy copy;
  SystemClock clock;
  ForwardLane lane;

 private:
  std::size_t sent_ = 0;
  int idle_ = 0;
};

TEST_CASE("a lane carries every byte and shows every byte", "[wrap][lane]") {
  const auto in = GENERATE(as<std::string>(), "pipe", "sockets");
  const auto out = GENERATE(as<std::string>(), "pipe", "sockets");
  const auto piece = GENERATE(1U, 4096U, 65535U, 65536U, 65537U, 300'000U);
  CAPTURE(in, out, piece);
  const std::string text = distinct_text(piece == 1 ? 2000 : 1'000'003);
  Rig rig(in, out);

  CHECK((rig.carry(text, piece) == text));
  CHECK((rig.copy.text == text));
}

TEST_CASE("chunks change between small and large without a byte lost", "[wrap][lane]") {
  Rig rig("pipe", "pipe", {.grow_input = true});
  std::string all;
  for (const std::size_t size : {10U, 40'000U, 10U, 65'536U, 65'536U, 1U, 33'000U, 200U}) {
    const std::string text = distinct_text(size);
    all += text;
    REQUIRE(rig.from.write(text) == size);
    std::string got;
    for (int i = 0; i < 20 && got.size() < size; ++i) {
      rig.lane.advance();
      got += rig.to.read();
    }
    CHECK((got == text));
  }
  CHECK((rig.copy.text == all));
}

TEST_CASE("a reader that stops stops the writer, and nothing is lost", "[wrap][lane]") {
  const auto kind = GENERATE(as<std::string>(), "pipe", "sockets");
  CAPTURE(kind);
  const std::string text = distinct_text(4'000'000);
  Rig rig(kind, kind);
  std::size_t sent = 0;
  for (int i = 0; i < 200; ++i) {
    sent += rig.from.write(std::string_view(text).substr(sent, 65536));
    if (rig.lane.waits() == Lane::Waits::kForInput) rig.lane.advance();
  }
  CHECK(rig.lane.waits() == Lane::Waits::kForOutput);
  CHECK(sent < 2'000'000);  // Pressure has reached the writer.

  std::string got;
  while (got.size() < text.size()) {
    sent += rig.from.write(std::string_view(text).substr(sent, 65536));
    rig.lane.advance();
    got += rig.to.read();
  }
  CHECK((got == text));
  CHECK((rig.copy.text == text));
}

TEST_CASE("the end of the input is the end of the output, behind the last byte", "[wrap][lane]") {
  Rig rig;
  rig.from.write("last");
  rig.from.close();
  rig.lane.advance();
  rig.lane.advance();

  CHECK(rig.lane.waits() == Lane::Waits::kFinished);
  CHECK(rig.lane.input_ended());
  CHECK_FALSE(rig.lane.broken());
  CHECK(rig.to.read() == "last");
  rig.to.read();
  CHECK(rig.to.ended());
  CHECK(rig.copy.ended);
}

TEST_CASE("when nobody reads any more, the writer learns it", "[wrap][lane]") {
  const auto kind = GENERATE(as<std::string>(), "pipe", "sockets");
  Rig rig(kind, kind);
  rig.to.close();
  rig.from.write("lost");
  rig.lane.advance();

  CHECK(rig.lane.broken());
  CHECK(rig.lane.waits() == Lane::Waits::kFinished);
  CHECK(rig.from.write_fails_with(EPIPE));
  CHECK(rig.copy.ended);
}

TEST_CASE("a lane that is told to end reads no more and writes what it has", "[wrap][lane]") {
  Rig rig("pipe", "pipe", {.chunk_bytes = 1 << 20, .splice_from_bytes = 1 << 30});
  const std::string text = distinct_text(65'536);
  REQUIRE(rig.from.write(text) == text.size());
  rig.lane.advance();
  REQUIRE(rig.from.write(text) == text.size());
  rig.lane.advance();  // Read, but the output is full.
  rig.lane.end_input();

  CHECK(rig.lane.waits() == Lane::Waits::kForOutput);
  std::string got;
  while (!rig.to.ended()) {
    got += rig.to.read();
    if (rig.lane.waits() != Lane::Waits::kFinished) rig.lane.advance();
  }
  CHECK((got == text + text));
}

TEST_CASE("bytes are counted once", "[wrap][lane]") {
  Rig rig;
  const std::string text = distinct_text(500'000);
  rig.carry(text, 65'536);
  CHECK(rig.lane.take_bytes() == text.size());
  CHECK(rig.lane.take_bytes() == 0);
}

TEST_CASE("what is said of our own stands between two lines", "[wrap][lane]") {
  Rig rig;
  rig.lane.say("own-0\n");
  CHECK(rig.to.read() == "own-0\n");
  rig.from.write("half ");
  rig.lane.advance();
  rig.lane.say("own-1\n");
  CHECK(rig.to.read() == "half ");
  rig.from.write("line\nanother ");
  rig.lane.advance();
  rig.from.write("one\n");
  rig.lane.advance();
  CHECK(rig.to.read() == "line\nanother one\nown-1\n");
  CHECK(rig.copy.text == "half line\nanother one\n");
}

TEST_CASE("what is said to somebody slow is said whole, and before the next line", "[wrap][lane]") {
  const auto kind = GENERATE(as<std::string>(), "pipe", "sockets");
  CAPTURE(kind);
  Rig rig("pipe", kind);
  const std::string own = std::string(3'000'000, 'o') + '\n';
  rig.lane.say(own);
  CHECK(rig.lane.waits() == Lane::Waits::kForOutput);
  rig.from.write("line\n");
  rig.from.close();
  std::string got;
  for (int i = 0; i < 10'000 && rig.lane.waits() != Lane::Waits::kFinished; ++i) {
    got += rig.to.read();
    rig.lane.advance();
  }
  got += rig.to.read();
  CHECK(got == own + "line\n");
}

}  // namespace
}  // namespace sonde::wrap
