#include "wrap/splice_lane.h"

#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <string>

#include "wrap/streams_test_kit.h"

namespace sonde::wrap {
namespace {

class SplicingMessages final : public mcp::MessageObserver {
 public:
  std::optional<std::string_view> on_message(Direction, const jsonrpc::Message& message,
                                             const mcp::Sighting& sighting,
                                             std::uint64_t) override {
    if (message.kind != jsonrpc::Kind::kRequest || !message.splice || !sighting.spliceable)
      return {};
    return R"("t":1)";
  }
  std::optional<std::string_view> on_splice_early(Moment) override { return R"("t":1)"; }
  void on_forwarded(std::chrono::nanoseconds) override { ++forwarded; }
  void on_disabled(Direction) override {}

  int forwarded = 0;
};

struct FakeGate final : Gate {
  bool open() override { return is_open; }
  bool is_open = true;
};

struct Rig {
  Rig() : Rig(Stream::make("sockets"), Stream::make("pipe")) {}
  Rig(Stream in, Stream out)
      : client(std::move(in.writer)),
        server(std::move(out.reader)),
        lane(net::StreamEnd::adopt_reader(std::move(in.reader)),
             net::StreamEnd::adopt_writer(std::move(out.writer)), messages, gate, clock, {}) {
    std::signal(SIGPIPE, SIG_IGN);
  }
  ~Rig() { std::signal(SIGPIPE, SIG_DFL); }

  TestEnd client;
  TestEnd server;
  SplicingMessages messages;
  FakeGate gate;
  ManualClock clock;
  SpliceLane lane;
};

constexpr std::string_view kPing = "{\"id\":1,\"method\":\"ping\"}\n";
constexpr std::string_view kSplicedPing =
    "{\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{\"t\":1}}}\n";

TEST_CASE("requests are spliced on their way to the server", "[wrap][splice_lane]") {
  Rig rig;
  rig.client.write(kPing);
  rig.lane.advance();
  CHECK(rig.server.read() == kSplicedPing);
  CHECK(rig.messages.forwarded == 1);
  CHECK(rig.lane.take_bytes() == kPing.size());
}

TEST_CASE("the first bytes wait for the configuration", "[wrap][splice_lane]") {
  Rig rig;
  rig.gate.is_open = false;
  rig.client.write(kPing);
  rig.lane.advance();
  CHECK(rig.lane.waits() == Lane::Waits::kForConfiguration);
  CHECK(rig.server.read().empty());

  rig.clock.advance(std::chrono::milliseconds(3));
  rig.gate.is_open = true;
  rig.lane.advance();
  CHECK(rig.server.read() == kSplicedPing);
}

TEST_CASE("the first bytes wait no longer than they may, and only once", "[wrap][splice_lane]") {
  Rig rig;
  rig.gate.is_open = false;
  rig.client.write(kPing);
  rig.lane.advance();
  rig.clock.advance(std::chrono::milliseconds(49));
  rig.lane.advance();
  CHECK(rig.server.read().empty());
  rig.clock.advance(std::chrono::milliseconds(1));
  rig.lane.advance();
  CHECK_FALSE(rig.server.read().empty());

  rig.client.write(kPing);
  rig.lane.advance();
  CHECK_FALSE(rig.server.read().empty());
}

TEST_CASE("a client that leaves while its bytes wait is still heard", "[wrap][splice_lane]") {
  Rig rig;
  rig.gate.is_open = false;
  rig.client.write(kPing);
  rig.lane.advance();
  rig.lane.end_input();
  CHECK_FALSE(rig.server.read().empty());
  rig.server.read();
  CHECK(rig.server.ended());
  CHECK(rig.lane.waits() == Lane::Waits::kFinished);
}

TEST_CASE("a server that does not read stops the client", "[wrap][splice_lane]") {
  Rig rig;
  std::string sent;
  for (int i = 0; i < 100'000 && rig.lane.waits() == Lane::Waits::kForInput; ++i) {
    if (rig.client.write(kPing) == kPing.size()) sent += kSplicedPing;
    rig.lane.advance();
  }
  REQUIRE(rig.lane.waits() == Lane::Waits::kForOutput);
  std::string got;
  rig.client.close();
  while (!rig.server.ended()) {
    got += rig.server.read();
    if (rig.lane.waits() != Lane::Waits::kFinished) rig.lane.advance();
  }
  CHECK((got == sent));
}

TEST_CASE("what is held when the client leaves goes as it is", "[wrap][splice_lane]") {
  Rig rig;
  const std::string unfinished = R"({"id":1,"method":"x","params":{"a":)";
  rig.client.write(unfinished);
  rig.lane.advance();
  rig.client.close();
  rig.lane.advance();
  CHECK(rig.server.read() == unfinished);
  rig.server.read();
  CHECK(rig.server.ended());
}

TEST_CASE("a server that has closed its stdin closes the client's way in", "[wrap][splice_lane]") {
  Rig rig;
  rig.server.close();
  rig.client.write(kPing);
  rig.lane.advance();
  CHECK(rig.lane.broken());
  CHECK(rig.client.write_fails_with(EPIPE));
}

}  // namespace
}  // namespace sonde::wrap
