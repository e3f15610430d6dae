#include "wrap/line_lane.h"

#include <csignal>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "wrap/streams_test_kit.h"

namespace sonde::wrap {
namespace {

using Waits = Lane::Waits;

/// A lane to the client between two pipes.
struct Rig {
  Rig() {
    std::signal(SIGPIPE, SIG_IGN);
    connect_input();
    connect_output();
  }
  ~Rig() { std::signal(SIGPIPE, SIG_DFL); }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  void connect_input() {
    Stream stream = Stream::make("pipe");
    from = TestEnd(std::move(stream.writer));
    fcntl(stream.reader.get(), F_SETFL, O_NONBLOCK);
    lane.connect_input(net::StreamEnd::of_pipe(std::move(stream.reader)));
  }
  void connect_output() {
    Stream stream = Stream::make("pipe");
    to = TestEnd(std::move(stream.reader));
    fcntl(stream.writer.get(), F_SETFL, O_NONBLOCK);
    lane.connect_output(net::StreamEnd::of_pipe(std::move(stream.writer)));
  }
  /// Writes, and moves what can be moved.
  std::string pass(std::string_view text) {
    std::string out;
    while (true) {
      text.remove_prefix(from.write(text));
      move();
      const std::string more = to.read();
      out += more;
      if (text.empty() && more.empty()) return out;
    }
  }
  void move() {
    for (int i = 0; i < 64; ++i) lane.advance();
  }

  Stats stats;
  Conversation conversation{{.token = "t", .tap_version = "1"}, stats};
  LineLane lane{Direction::kToClient, conversation};
  TestEnd from{Fd()};
  TestEnd to{Fd()};
};

const std::string kAnswer = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n";
const std::string kPulseAnswer = "{\"jsonrpc\":\"2.0\",\"id\":\"sonde-pulse-t-1\",\"result\":{}}\n";

TEST_CASE("lines go on when they are whole, whatever they hold", "[wrap][keep]") {
  Rig rig;
  CHECK(rig.pass("{\"jsonrpc\":\"2.0\",\"id\":1").empty());
  CHECK(rig.pass(",\"result\":{}}\nno JSON\n\n") == kAnswer + "no JSON\n\n");
  const std::string text = distinct_text(100'000) + '\n';
  CHECK(rig.pass(text) == text);
}

TEST_CASE("where the stream is cut makes no difference to what is left out", "[wrap][keep]") {
  const std::size_t step = GENERATE(1U, 2U, 7U, 50U, 1000U);
  Rig rig;
  const std::string text = kAnswer + kPulseAnswer + "noise\n" + kPulseAnswer + kAnswer;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += step) out += rig.pass(text.substr(at, step));
  CHECK(out == kAnswer + "noise\n" + kAnswer);
}

TEST_CASE("a line longer than is held goes on as it comes", "[wrap][keep]") {
  Rig rig;
  const std::string start(LineLane::kHeldMax + 1, 'x');
  CHECK(rig.pass(start) == start);
  rig.lane.inject("ours\n");
  CHECK_FALSE(rig.lane.at_rest());
  // Not into the middle of it.
  CHECK(rig.pass("y") == "y");
  CHECK(rig.pass("z\nnext\n") == "z\nours\nnext\n");
  CHECK(rig.lane.at_rest());
}

TEST_CASE("what a dead server has left without an end does not go on", "[wrap][keep]") {
  Rig rig;
  CHECK(rig.pass("{\"half").empty());
  rig.from.close();
  rig.move();
  CHECK(rig.lane.input_ended());
  CHECK(rig.lane.waits() == Waits::kFinished);
  rig.lane.lose_input();
  rig.lane.inject("told\n");
  rig.connect_input();
  CHECK(rig.pass(kAnswer) == "told\n" + kAnswer);
}

TEST_CASE("a long line that was begun is ended when its server dies", "[wrap][keep]") {
  Rig rig;
  const std::string start(LineLane::kHeldMax + 1, 'x');
  rig.pass(start);
  rig.lane.lose_input();
  rig.lane.inject("told\n");
  rig.move();
  CHECK(rig.to.read() == "\ntold\n");
}

TEST_CASE("the rest of a line that was begun with a dead server goes nowhere", "[wrap][keep]") {
  Rig rig;
  rig.pass(std::string(LineLane::kHeldMax + 1, 'x'));
  rig.lane.lose_output();
  CHECK(rig.lane.waits() == Waits::kFinished);
  rig.connect_output();
  rig.lane.inject("first\n");
  CHECK(rig.pass("rest\nnext\n") == "first\nnext\n");
}

TEST_CASE("a reader that is gone is told, and nothing is lost before it is decided",
          "[wrap][keep]") {
  Rig rig;
  rig.to.close();
  rig.from.write("a\n");
  rig.move();
  CHECK(rig.lane.broken());
  rig.from.write("b\n");
  rig.move();
  rig.lane.lose_output();  // What was meant for it.
  rig.connect_output();
  CHECK(rig.pass("c\n") == "b\nc\n");
}

TEST_CASE("a lane that is paused reads nothing, and still writes", "[wrap][keep]") {
  Rig rig;
  rig.lane.pause();
  rig.from.write("later\n");
  rig.lane.inject("now\n");
  rig.move();
  CHECK(rig.to.read() == "now\n");
  rig.lane.resume();
  rig.move();
  CHECK(rig.to.read() == "later\n");
}

TEST_CASE("the end of a lane closes it when all is written", "[wrap][keep]") {
  Rig rig;
  rig.pass("without its end");
  rig.lane.finish();
  rig.move();
  CHECK(rig.to.read() == "without its end");
  rig.to.read();
  CHECK(rig.to.ended());
}

}  // namespace
}  // namespace sonde::wrap
