#include "mcp/splicer.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sonde::mcp {
namespace {

constexpr std::string_view kMembers = R"("traceparent":"00-T-S-01")";

// A tracker that wants to splice into every request, and checks that it may; or does not.
class FakeMessages final : public MessageObserver {
 public:
  explicit FakeMessages(bool insists = false) : insists_(insists) {}

  std::optional<std::string_view> on_message(Direction direction, const jsonrpc::Message& message,
                                             const Sighting& sighting, std::uint64_t) override {
    CHECK(direction == Direction::kToServer);
    ++seen;
    if (early_ > 0 && message.kind == jsonrpc::Kind::kRequest) {
      --early_;
      return std::nullopt;
    }
    if (message.kind != jsonrpc::Kind::kRequest || message.in_batch || !message.splice) return {};
    if (!sighting.spliceable) {
      ++too_late;
      if (!insists_) return std::nullopt;
    }
    return kMembers;
  }
  std::optional<std::string_view> on_splice_early(Moment) override {
    ++early_;
    ++asked_early;
    return kMembers;
  }
  void on_forwarded(std::chrono::nanoseconds) override {}
  void on_disabled(Direction) override { disabled = true; }

  int seen = 0;
  int too_late = 0;
  int asked_early = 0;
  bool disabled = false;

 private:
  const bool insists_;
  int early_ = 0;
};

// Writes all that is ready, at most `at_once` bytes at a time.
void drain(Splicer& splicer, std::string& out, std::size_t at_once) {
  while (!splicer.ready().empty()) {
    const iovec piece = splicer.ready().front();
    const std::size_t size = std::min(piece.iov_len, at_once);
    out.append(static_cast<const char*>(piece.iov_base), size);
    splicer.written(size);
  }
}

struct Passed {
  std::string bytes;
  FakeMessages messages;
};

Passed pass(std::string_view stream, std::size_t cut, const SpliceOptions& options = {},
            bool insists = false) {
  Passed passed{.bytes = {}, .messages = FakeMessages(insists)};
  Splicer splicer(passed.messages, options);
  while (!stream.empty()) {
    const std::string_view chunk = stream.substr(0, std::min(cut, options.chunk_bytes));
    std::memcpy(splicer.space().data(), chunk.data(), chunk.size());
    splicer.take(chunk.size(), {});
    drain(splicer, passed.bytes, 7);
    stream.remove_prefix(chunk.size());
  }
  splicer.finish({});
  drain(splicer, passed.bytes, 7);
  return passed;
}

std::string request(std::string_view params) {
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call")" +
         (params.empty() ? std::string() : ",\"params\":" + std::string(params)) + "}\n";
}

TEST_CASE("every request gets our members, however the stream is cut", "[wrap][splicer]") {
  const std::string notification = R"({"jsonrpc":"2.0","method":"notifications/x","params":{}})"
                                   "\n";
  const std::string stream = request(R"({"name":"a","arguments":{"_meta":{}}})") + notification +
                             request(R"({"_meta":{"progressToken":1},"name":"b"})") +
                             request(R"({"name":"c","_meta":{}})") + "\r\n\n" + request("") +
                             request("{}") + "no json\n" + request("[1]") +
                             R"({"id":2,"result":{"method":"x","params":{}}})"
                             "\n" +
                             R"([{"id":3,"method":"ping"}])"
                             "\n";
  const std::string expected =
      request(R"({"name":"a","arguments":{"_meta":{}},"_meta":{"traceparent":"00-T-S-01"}})") +
      notification +
      request(R"({"_meta":{"traceparent":"00-T-S-01","progressToken":1},"name":"b"})") +
      request(R"({"name":"c","_meta":{"traceparent":"00-T-S-01"}})") + "\r\n\n" +
      request(R"({"_meta":{"traceparent":"00-T-S-01"}})") +
      request(R"({"_meta":{"traceparent":"00-T-S-01"}})") + "no json\n" + request("[1]") +
      R"({"id":2,"result":{"method":"x","params":{}}})"
      "\n" +
      R"([{"id":3,"method":"ping"}])"
      "\n";
  const auto cut = GENERATE(range(1, 80), 1000, 65536);
  CAPTURE(cut);
  CHECK(pass(stream, static_cast<std::size_t>(cut)).bytes == expected);
}

TEST_CASE("a last request without newline is spliced too", "[wrap][splicer]") {
  std::string whole = request("{}");
  whole.pop_back();
  CHECK(
      pass(whole, 5).bytes ==
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"traceparent":"00-T-S-01"}}})");
}

TEST_CASE("an unfinished last request goes as it is", "[wrap][splicer]") {
  const std::string broken = R"({"id":1,"method":"x","params":{"a":1)";
  CHECK(pass(broken, 3).bytes == broken);
}

TEST_CASE("bytes before a possible splice do not wait", "[wrap][splicer]") {
  FakeMessages messages;
  Splicer splicer(messages, {});
  const std::string_view begin = R"({"id":1,"method":"x",)";
  std::memcpy(splicer.space().data(), begin.data(), begin.size());
  splicer.take(begin.size(), {});
  std::string out;
  drain(splicer, out, 100);
  CHECK(out.starts_with(R"({"id":1,)"));
}

TEST_CASE("a request too large to be held back loses nothing but the splice", "[wrap][splicer]") {
  const SpliceOptions small{.chunk_bytes = 64, .hold_bytes_max = 256};
  // `_meta` may still come behind the large argument, so there is no sure place.
  const std::string large =
      request(R"({"name":"a","arguments":{"x":")" + std::string(5000, 'y') + "\"}}");
  const auto cut = GENERATE(1, 13, 64);
  CAPTURE(cut);
  const Passed passed = pass(large + request("{}"), static_cast<std::size_t>(cut), small);

  std::string without = passed.bytes;
  std::size_t spliced = 0;
  for (const std::string_view text :
       {R"(,"_meta":{"traceparent":"00-T-S-01"})", R"("_meta":{"traceparent":"00-T-S-01"})"}) {
    for (std::size_t at; (at = without.find(text)) != std::string::npos; ++spliced) {
      without.erase(at, text.size());
    }
  }
  CHECK(without == large + request("{}"));
  CHECK(spliced >= 1);  // The small one always is.
  CHECK(spliced + static_cast<std::size_t>(passed.messages.too_late) == 2);
}

TEST_CASE("a place known before the limit is used for a large request", "[wrap][splicer]") {
  const SpliceOptions small{.chunk_bytes = 64, .hold_bytes_max = 256};
  const std::string rest = R"("name":"a","arguments":{"x":")" + std::string(5000, 'y') + "\"}}";
  const Passed passed = pass(request(R"({"_meta":{"a":1},)" + rest), 64, small);
  CHECK(passed.bytes == request(R"({"_meta":{"traceparent":"00-T-S-01","a":1},)" + rest));
}

TEST_CASE("a request spliced early is asked for no second time", "[wrap][splicer]") {
  const SpliceOptions small{.chunk_bytes = 64, .hold_bytes_max = 256};
  const std::string large =
      R"({"_meta":{"a":1},"name":"a","arguments":{"x":")" + std::string(5000, 'y') + "\"}}";
  const Passed passed = pass(request(large), 64, small);
  CHECK(passed.messages.asked_early == 1);
}

TEST_CASE("after a request spliced early the next are spliced as ever", "[wrap][splicer]") {
  const SpliceOptions small{.chunk_bytes = 64, .hold_bytes_max = 256};
  const std::string rest = R"("name":"a","arguments":{"x":")" + std::string(5000, 'y') + "\"}}";
  const auto cut = GENERATE(1, 13, 64);
  const Passed passed = pass(request(R"({"_meta":{"a":1},)" + rest) + request("{}") + request("{}"),
                             static_cast<std::size_t>(cut), small);
  const std::string spliced = request(R"({"_meta":{"traceparent":"00-T-S-01"}})");
  CHECK(passed.bytes ==
        request(R"({"_meta":{"traceparent":"00-T-S-01","a":1},)" + rest) + spliced + spliced);
  CHECK(passed.messages.asked_early == 1);
}

TEST_CASE("a site whose bytes have gone gets nothing, whoever insists", "[wrap][splicer]") {
  const SpliceOptions small{.chunk_bytes = 64, .hold_bytes_max = 256};
  // As long as `_meta` is open, it may still turn out to have a traceparent.
  const std::string large = request(R"({"_meta":{"a":")" + std::string(5000, 'y') + "\"}}");
  const auto cut = GENERATE(1, 13, 64);
  const bool insists = GENERATE(false, true);
  CAPTURE(cut, insists);
  const Passed passed = pass(large + request("{}"), static_cast<std::size_t>(cut), small, insists);
  CHECK(passed.bytes == large + request(R"({"_meta":{"traceparent":"00-T-S-01"}})"));
  CHECK(passed.messages.too_late == 1);
  CHECK(passed.messages.asked_early == 0);
}

TEST_CASE("a stream that is no JSON is given up and passes", "[wrap][splicer]") {
  std::string noise;
  for (int i = 0; i < 200; ++i) noise += "line " + std::to_string(i) + '\n';
  const Passed passed = pass(noise + request("{}"), 50);
  CHECK(passed.bytes == noise + request("{}"));
  CHECK(passed.messages.disabled);
}

/// Keeps back what calls `bad`, once it has been told to.
class Censor final : public MessageObserver {
 public:
  std::optional<std::string_view> on_message(Direction, const jsonrpc::Message& message,
                                             const Sighting& sighting, std::uint64_t) override {
    const bool bad = message[jsonrpc::Field::kName].text == R"("bad")";
    kept_back_ = bad && sighting.whole && active;
    if (bad && !sighting.whole) ++too_late;
    return message.splice && sighting.spliceable ? std::optional(kMembers) : std::nullopt;
  }
  std::optional<std::string_view> on_splice_early(Moment) override { return std::nullopt; }
  void on_forwarded(std::chrono::nanoseconds) override {}
  void on_disabled(Direction) override {}
  bool may_keep_back(Moment) const noexcept override { return active; }
  bool keeps_back() noexcept override { return std::exchange(kept_back_, false); }

  bool active = true;
  int too_late = 0;

 private:
  bool kept_back_ = false;
};

std::string censored(std::string_view stream, std::size_t cut, Censor& censor) {
  std::string out;
  Splicer splicer(censor, {});
  while (!stream.empty()) {
    const std::string_view chunk = stream.substr(0, cut);
    std::memcpy(splicer.space().data(), chunk.data(), chunk.size());
    splicer.take(chunk.size(), {});
    drain(splicer, out, 7);
    stream.remove_prefix(chunk.size());
  }
  splicer.finish({});
  drain(splicer, out, 7);
  return out;
}

std::string call(std::string_view tool, std::size_t bytes = 1) {
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + std::string(tool) +
         R"(","arguments":{"x":")" + std::string(bytes, 'x') + "\"}}}\n";
}

TEST_CASE("a message that is kept back leaves no trace, however the stream is cut",
          "[wrap][splicer]") {
  const auto cut = GENERATE(range(std::size_t{1}, std::size_t{400}));
  CAPTURE(cut);
  Censor censor;
  const std::string good = call("good") + "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n";
  const std::string got =
      censored(call("bad") + good + call("bad") + call("bad") + good, cut, censor);
  Censor none;
  none.active = false;
  CHECK(got == censored(good + good, cut, none));
  CHECK(censor.too_late == 0);
}

TEST_CASE("a last message without newline is kept back, too", "[wrap][splicer]") {
  Censor censor;
  std::string stream = call("good") + call("bad");
  stream.pop_back();
  const std::string got = censored(stream, 10, censor);
  CHECK_FALSE(got.contains("bad"));
  CHECK(got.contains("good"));
}

TEST_CASE("a message too large to be held goes on", "[wrap][splicer]") {
  Censor censor;
  const std::string stream = call("bad", 200'000) + call("bad");
  const std::string got = censored(stream, 10'000, censor);
  CHECK(censor.too_late == 1);
  CHECK(got.starts_with(stream.substr(0, 200'000)));
  CHECK(std::ranges::count(got, '\n') == 1);
}

}  // namespace
}  // namespace sonde::mcp
