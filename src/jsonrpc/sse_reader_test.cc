#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "jsonrpc/sse_reference.h"

namespace sonde::jsonrpc {
namespace {

using namespace std::string_literals;

constexpr SseLimits kTight{.type = 9, .id = 3, .endpoint = 5};

struct Seen {
  std::string type;
  std::string id;
  std::string data;
  bool operator==(const Seen&) const = default;
};

/// Reads and keeps all.
struct Reading {
  explicit Reading(std::string_view stream, SseLimits limits = {}) : reader(limits) {
    std::string data;
    reader.feed(stream);
    for (auto step = reader.next(); step != SseReader::Step::kStarved; step = reader.next()) {
      if (step == SseReader::Step::kBegin) data.clear();
      if (step == SseReader::Step::kData) data += reader.data();
      if (step != SseReader::Step::kEnd) continue;
      last = reader.event();
      events.push_back({std::string(last.type), std::string(last.last_id), data});
    }
  }

  SseReader reader;
  std::vector<Seen> events;
  SseEvent last;
};

std::vector<Seen> events_of(std::string_view stream) { return Reading(stream).events; }

const std::string kMark = "\xEF\xBB\xBF";
const std::string kStreams[] = {
    // The examples of the WHATWG text.
    "data: YHOO\ndata: +2\ndata: 10\n\n",
    ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
    "data\n\ndata\ndata\n\ndata:", "data:test\n\ndata: test\n\n",
    // And what else there is.
    kMark +
        "data: a\rdata: b\r\ndata: c\n\rdata: d\r\r\ndata: e\r\n\r\ndata: f\n\ndata: "
        "g\r\n\n",
    "\xEF\xBB\nid: 10000\nevent: a very long type\ndata\n\n" + kMark + "data: b\n\n",
    "id: 1\0\nretry: 2\nretry: 3x\ndata: \nid: 1234\n\nretrying: 1\n:c\ndat\ndata: \0\n\n"s,
    std::string("event: message\nid: 7_1\ndata: "
                "{\"result\":{\"content\":[]},\"jsonrpc\":\"2.0\",\"id\":7}\n\n") +
        "data: " + std::string(300, 'x') + "\r\n\r\ndata: cut in an event"};

TEST_CASE("lines of data are joined by a LF", "[jsonrpc][sse]") {
  CHECK(events_of("data: YHOO\ndata: +2\ndata: 10\n\n") ==
        std::vector<Seen>{{"message", "", "YHOO\n+2\n10"}});
}

TEST_CASE("an id holds until another one comes, and an empty one ends it", "[jsonrpc][sse]") {
  CHECK(events_of(": test stream\n\ndata: first event\nid: 1\n\ndata: between\n\n"
                  "data:second event\nid\n\ndata:  third event\n\n") ==
        std::vector<Seen>{{"message", "1", "first event"},
                          {"message", "1", "between"},
                          {"message", "", "second event"},
                          {"message", "", " third event"}});
}

TEST_CASE("data without a colon is an empty line of data", "[jsonrpc][sse]") {
  CHECK(events_of("data\n\ndata\ndata\n\ndata:") ==
        std::vector<Seen>{{"message", "", ""}, {"message", "", "\n"}});
}

TEST_CASE("one blank behind the colon does not count, a second one does", "[jsonrpc][sse]") {
  CHECK(events_of("data:x\n\ndata: x\n\ndata:  x\n\ndata:\tx\n\n") ==
        std::vector<Seen>{{"message", "", "x"},
                          {"message", "", "x"},
                          {"message", "", " x"},
                          {"message", "", "\tx"}});
}

TEST_CASE("a type holds for its event only", "[jsonrpc][sse]") {
  CHECK(
      events_of("event: add\ndata: 1\n\ndata: 2\n\nevent: gone\n\nevent: a\nevent: b\ndata\n\n") ==
      std::vector<Seen>{{"add", "", "1"}, {"message", "", "2"}, {"b", "", ""}});
}

TEST_CASE("every kind of line end is one", "[jsonrpc][sse]") {
  const std::string end = GENERATE("\n", "\r", "\r\n");
  CHECK(events_of("event: e" + end + "data: a" + end + "data: b" + end + end + "data: c" + end +
                  end) == std::vector<Seen>{{"e", "", "a\nb"}, {"message", "", "c"}});
}

TEST_CASE("a byte order mark counts for nothing at the very beginning only", "[jsonrpc][sse]") {
  CHECK(events_of("\xEF\xBB\xBF"
                  "data: a\n\n\xEF\xBB\xBF"
                  "data: b\n\n") == std::vector<Seen>{{"message", "", "a"}});
}

TEST_CASE("comments and unknown fields are passed over", "[jsonrpc][sse]") {
  CHECK(
      events_of(": keepalive\n\n:\n\nDATA: 1\n data: 2\ndataset: 3\ndat\ndata: 4\n:data: 5\n\n") ==
      std::vector<Seen>{{"message", "", "4"}});
}

TEST_CASE("an event without data is none, but its id counts", "[jsonrpc][sse]") {
  const Reading reading("id: 7\nevent: x\n\ndata: y\n\n");
  CHECK(reading.events == std::vector<Seen>{{"message", "7", "y"}});
  CHECK_FALSE(reading.last.has_id);
}

TEST_CASE("an event that the stream ends within has no end", "[jsonrpc][sse]") {
  CHECK(Reading("data: a\n").events.empty());
  CHECK(Reading("data: a\n").reader.in_event());
  CHECK_FALSE(Reading("data: a\n\n").reader.in_event());
  CHECK_FALSE(Reading("data: a\n\nevent: b\n").reader.in_event());
}

TEST_CASE("an id with a NUL is ignored", "[jsonrpc][sse]") {
  CHECK(events_of("id: a\ndata: 1\n\nid: b\0c\ndata: 2\n\n"s) ==
        std::vector<Seen>{{"message", "a", "1"}, {"message", "a", "2"}});
}

TEST_CASE("a retry counts if it is digits only", "[jsonrpc][sse]") {
  const auto retry = [](std::string_view stream) { return Reading(stream).reader.retry_ms(); };
  CHECK(retry("retry: 3000\n") == 3000);
  CHECK(retry("retry: 10\nretry: 1x\nretry\nretry:\nretry:  5\nretry: -1\n\n") == 10);
  CHECK(retry("retry: 18446744073709551615\n") == UINT64_MAX);
  CHECK(retry("retry: 18446744073709551616\n") == UINT64_MAX);
  CHECK(retry("retry: 99") == std::nullopt);
}

TEST_CASE("a type or an id beyond its limit is cut, and says so", "[jsonrpc][sse]") {
  const Reading cut("event: 1234567890\nid: 1234\ndata\n\n", kTight);
  CHECK(cut.events == std::vector<Seen>{{"123456789", "123", ""}});
  CHECK(cut.last.type_cut);
  CHECK(cut.last.id_cut);
  const Reading fits("event: 1234567890\nevent: 123456789\nid: 1234\nid: 123\ndata\n\n", kTight);
  CHECK_FALSE(fits.last.type_cut);
  CHECK_FALSE(fits.last.id_cut);
}

TEST_CASE("an event says where it stood and how large it was", "[jsonrpc][sse]") {
  const Reading reading(": c\r\n\r\n: c\r\nid: 1\r\ndata: abc\r\ndata: d\r\n\r\n");
  CHECK(reading.last.begin == 12);
  CHECK(reading.last.end == 39);
  CHECK(reading.last.data_lines == 2);
  CHECK(reading.last.data_bytes == 5);
  CHECK(reading.last.has_id);
}

TEST_CASE("data are the bytes of the chunk, not a copy, with their line end at hand",
          "[jsonrpc][sse]") {
  const std::string_view end = GENERATE("\n", "\r\n");
  const std::string stream = "data: {}" + std::string(end) + std::string(end);
  SseReader reader;
  reader.feed(stream);
  REQUIRE(reader.next() == SseReader::Step::kBegin);
  REQUIRE(reader.next() == SseReader::Step::kData);
  CHECK(reader.data().data() == stream.data() + 6);
  CHECK(reader.closed_data() == "{}" + std::string(end));
  CHECK(reader.next() == SseReader::Step::kEnd);
}

TEST_CASE("a line of any length ends where its line end is", "[jsonrpc][sse]") {
  const std::string end = GENERATE("\n", "\r", "\r\n");
  const std::string rest = end + "data: y" + end + end + std::string(1000, ':');
  std::string line(400, 'x');
  for (; line.size() < 1200; line += 'x') {
    std::string stream = "data: ";
    stream.append(line).append(rest);
    REQUIRE(events_of(stream) == std::vector<Seen>{{"message", "", line + "\ny"}});
  }
}

TEST_CASE("where a stream of events is cut in two makes no difference", "[jsonrpc][sse][cut]") {
  const auto& stream = GENERATE(from_range(std::begin(kStreams), std::end(kStreams)));
  const SseLimits limits = GENERATE(SseLimits{}, kTight);
  const Transcript expected = expected_events(stream, limits);

  for (std::size_t at = 1; at <= stream.size(); ++at) {
    std::size_t size = at;
    const auto next = [&] { return std::exchange(size, stream.size()); };
    REQUIRE(transcribe_sse(SseReaderTranscriber(limits), stream, next) == expected);
  }
}

TEST_CASE("nor does the size of the chunks of events, down to one byte", "[jsonrpc][sse][cut]") {
  const auto& stream = GENERATE(from_range(std::begin(kStreams), std::end(kStreams)));
  const Transcript expected = expected_events(stream, {});
  for (std::size_t size = 1; size < 80; ++size) {
    REQUIRE(transcribe_sse(SseReaderTranscriber({}), stream, [&] { return size; }) == expected);
  }
}

TEST_CASE("any stream is what the WHATWG text says it is", "[jsonrpc][sse][cut]") {
  const std::string_view words[] = {"data",
                                    "event",
                                    "id",
                                    "retry",
                                    ":",
                                    ": ",
                                    "\n",
                                    "\r",
                                    "\r\n",
                                    "\n\n",
                                    "12",
                                    "x",
                                    std::string_view("\0", 1),
                                    ":c",
                                    "dat",
                                    "\xEF\xBB\xBF",
                                    "a rather long piece of text, longer than a block of bytes is"};
  std::mt19937 random(20261121);
  for (int i = 0; i < 5000; ++i) {
    std::string stream;
    for (unsigned n = random() % 40; n > 0; --n) stream += words[random() % std::size(words)];
    INFO(stream);
    const auto any_size = [&] { return 1 + random() % 20; };
    const SseLimits limits = i % 2 == 0 ? SseLimits{} : kTight;
    REQUIRE(transcribe_sse(SseReaderTranscriber(limits), stream, any_size) ==
            expected_events(stream, limits));
  }
}

}  // namespace
}  // namespace sonde::jsonrpc
