#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "base/clock.h"
#include "base/guard.h"
#include "base/ids.h"
#include "base/long_turns.h"
#include "base/nearest.h"
#include "base/result.h"
#include "base/shared_buffer.h"
#include "base/stats.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

Status open_then_write() {
  SONDE_RETURN_IF_ERROR(guard("open", [] {}));
  SONDE_RETURN_IF_ERROR(guard("write", [] { throw std::runtime_error("disk full"); }));
  return {};
}

TEST_CASE("long turns change neither policy nor nice value", "[base]") {
  std::thread([] {
    const sched_param none{};
    const bool batch = pthread_setschedparam(pthread_self(), SCHED_BATCH, &none) == 0;
    const int nice_before = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
    ask_for_long_turns();
    CHECK(batch);
    CHECK(sched_getscheduler(0) == SCHED_BATCH);
    CHECK(getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())) == nice_before);
  }).join();
}

TEST_CASE("bytes that are shared live as long as the last who holds them", "[base][buffer]") {
  SharedBuffer first = SharedBuffer::make(4);
  std::memcpy(first.data(), "abcd", 4);
  CHECK(first.unique());
  SharedBuffer second = first;
  CHECK_FALSE(first.unique());
  first = {};
  CHECK_FALSE(first);
  CHECK(first.size() == 0);
  CHECK(second.unique());
  CHECK(std::string_view(second.data(), second.size()) == "abcd");
}

TEST_CASE("a thrown exception becomes an Error that says what was being done", "[base][result]") {
  const Status status = open_then_write();
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().message() == "write: disk full");
  CHECK(Error(status.error()).within("open store").message() == "open store: write: disk full");
}

TEST_CASE("a trace id begins with the seconds since the epoch", "[base][ids]") {
  Random random(1);
  CHECK(to_hex(new_trace_id(0x6918f380s, random)).starts_with("6918f380"));
  CHECK(new_trace_id(0s, random).valid());
}

TEST_CASE("a UUID is of version 7 and sorts by time", "[base][ids]") {
  Random random(1);
  const std::string early = new_uuid7(1'700'000'000'000ms, random);
  const std::string late = new_uuid7(1'700'000'000'001ms, random);
  CHECK(early.size() == 36);
  CHECK(early[14] == '7');
  CHECK(std::string("89ab").find(early[19]) != std::string::npos);
  CHECK(early < late);
}

TEST_CASE("ids do not repeat", "[base][ids]") {
  Random random;
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(to_hex(new_span_id(random)));
  CHECK(seen.size() == 10'000);
}

TEST_CASE("hexadecimal is written the same at every length", "[base][ids]") {
  std::array<std::uint8_t, 70> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37);
  std::string expected = "#";
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    std::string out = "#";
    append_hex(out, bytes.data(), size);
    REQUIRE(out == expected);
    if (size == bytes.size()) break;
    for (const int shift : {4, 0}) expected += "0123456789abcdef"[bytes[size] >> shift & 15];
  }
}

TEST_CASE("hexadecimal is read back, in lower case only", "[base][ids]") {
  Random random(7);
  const SpanId id = new_span_id(random);
  SpanId back;
  REQUIRE(decode_hex(to_hex(id), back.bytes.data(), back.bytes.size()));
  CHECK(back == id);
  CHECK_FALSE(decode_hex("ABCDEF0123456789", back.bytes.data(), 8));
  CHECK_FALSE(decode_hex("00", back.bytes.data(), 8));
}

TEST_CASE("the nearest name is proposed, a far one is not", "[base][nearest]") {
  const std::vector<std::string_view> names{"emf.mode", "emf.interval", "log.file"};
  CHECK(nearest("emf.modee", names) == "emf.mode");
  CHECK(nearest("emf.mdoe", names) == "emf.mode");
  CHECK(nearest("log.fil", names) == "log.file");
  CHECK(nearest("colour", names).empty());
}

TEST_CASE("a jump of the wall clock leaves durations alone", "[base][clock]") {
  ManualClock clock;
  const Moment before = clock.now();
  clock.jump_wall(-1h);
  clock.advance(5ms);
  const Moment after = clock.now();
  CHECK(after.monotonic - before.monotonic == 5ms);
  CHECK(after.wall < before.wall);
}

TEST_CASE("every counter has a name of its own and a sentence", "[base][stats]") {
  std::set<std::string_view> names;
  for (const StatInfo& info : kStatInfo) {
    CHECK_FALSE(info.help.empty());
    names.insert(info.name);
  }
  CHECK(names.size() == kStatInfo.size());
}

}  // namespace
}  // namespace sonde
