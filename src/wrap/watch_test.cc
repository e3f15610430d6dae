#include "wrap/watch.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <string>
#include <vector>

namespace sonde::wrap {
namespace {

class Sightings final : public mcp::MessageObserver {
 public:
  std::optional<std::string_view> on_message(Direction, const jsonrpc::Message& message,
                                             const mcp::Sighting&, std::uint64_t line) override {
    if (message.kind == jsonrpc::Kind::kNotJson) noise_lines.push_back(line);
    ++messages;
    return std::nullopt;
  }
  std::optional<std::string_view> on_splice_early(Moment) override { return std::nullopt; }
  void on_forwarded(std::chrono::nanoseconds) override {}
  void on_disabled(Direction) override { ++disabled; }

  std::vector<std::uint64_t> noise_lines;
  int messages = 0;
  int disabled = 0;
};

Sightings watch(std::string_view stream, std::size_t cut) {
  Sightings seen;
  Watch watch(Direction::kToClient, seen);
  for (std::string_view rest = stream; !rest.empty();) {
    const std::string chunk(rest.substr(0, cut));  // A copy: nothing may look behind it.
    watch.on_chunk(chunk, {}, {});
    rest.remove_prefix(chunk.size());
  }
  watch.on_end({});
  return seen;
}

TEST_CASE("noise is found on its line, however the stream is cut", "[wrap][watch]") {
  const std::string stream =
      "Starting up...\n"                                        // 1
      "{\"id\":1,\"result\":{}}\n"                              // 2
      "\n \r\n"                                                 // 3, 4
      "{\"id\":2,\"result\":{\"a\":[1,2]}}\r\n"                 // 5
      "oops\n"                                                  // 6
      "[{\"id\":3,\"result\":{}}, {\"id\":4,\"result\":{}}]\n"  // 7
      "\n"                                                      // 8
      "oops again\n"                                            // 9
      "{\"id\":5,\"result\":{}}\n"                              // 10
      "no newline";                                             // 11
  const auto cut = GENERATE(range(1, 40), 1000);
  CAPTURE(cut);
  const Sightings seen = watch(stream, static_cast<std::size_t>(cut));
  CHECK(seen.noise_lines == std::vector<std::uint64_t>{1, 6, 9, 11});
  CHECK(seen.messages == 9);
}

TEST_CASE("a stream of noise is given up once", "[wrap][watch]") {
  std::string noise;
  for (int i = 0; i < 500; ++i) noise += "line\n";
  const Sightings seen = watch(noise, 33);
  CHECK(seen.disabled == 1);
  CHECK(seen.messages < 100);
}

}  // namespace
}  // namespace sonde::wrap
