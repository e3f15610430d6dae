#include "recorder/inbox.h"

#include <poll.h>

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::recorder {
namespace {

constexpr std::uint64_t kPlenty = 1 << 20;

/// An open inbox, and what a test does with it.
struct Box {
  explicit Box(Inbox::Limits limits) : inbox(limits) { REQUIRE(inbox.open()); }

  bool put(std::string message) {
    Event event;
    event.message = std::move(message);
    return inbox.push(std::move(event));
  }
  bool put_piece(std::size_t bytes) {
    return inbox.push(HashPiece::copy_of(1, std::string(bytes, 'x')));
  }
  std::string take() {
    const auto parcel = inbox.pop();
    return parcel ? std::get<Event>(parcel->item).message : "nothing";
  }
  bool bell_rang() const {
    pollfd in{.fd = inbox.bell(), .events = POLLIN, .revents = 0};
    return ::poll(&in, 1, 0) == 1;
  }

  Inbox inbox;
};

std::uint64_t bytes_of_event(std::string message) {
  Event event;
  event.message = std::move(message);
  return bytes_held(event);
}

TEST_CASE("items come out in the order they went in", "[recorder][inbox]") {
  Box box({.records_max = 4, .bytes_max = kPlenty});
  box.put("a");
  box.put("b");
  CHECK(box.take() == "a");
  CHECK(box.take() == "b");
  CHECK(box.take() == "nothing");
}

TEST_CASE("exactly so many records fit, whatever the limit", "[recorder][inbox]") {
  const std::uint64_t records_max = GENERATE(1U, 2U, 3U, 5U, 8U, 100U);
  Box box({.records_max = records_max, .bytes_max = kPlenty});
  for (std::uint64_t i = 0; i < records_max; ++i) CHECK(box.put("x"));
  CHECK_FALSE(box.put("one too many"));
  CHECK(box.take() == "x");
  CHECK(box.put("there is room again"));
  CHECK_FALSE(box.put("one too many"));
}

TEST_CASE("exactly so many bytes fit", "[recorder][inbox]") {
  Box box({.records_max = 100, .bytes_max = 3 * bytes_of_event("12345")});
  CHECK(box.put("12345"));
  CHECK(box.put("12345"));
  CHECK_FALSE(box.put("123456"));
  CHECK(box.put("12345"));
  CHECK_FALSE(box.put(""));
}

TEST_CASE("a call counts with the content it holds", "[recorder][inbox]") {
  ObservedCall call;
  const std::uint64_t empty = bytes_held(call);
  call.arguments.bytes.assign(10'000, 'a');
  call.result.bytes.assign(20'000, 'r');
  call.error_text.assign(1'000, 'e');
  call.record.resource_uri.assign(500, 'u');
  CHECK(bytes_held(call) >= empty + 31'400);
  CHECK(empty >= sizeof(ObservedCall));
}

TEST_CASE("an item that is refused stays with its owner", "[recorder][inbox]") {
  Box box({.records_max = 1, .bytes_max = kPlenty});
  box.put("first");
  Event event;
  event.message = "long enough to live on the heap, far away";
  REQUIRE_FALSE(box.inbox.push(std::move(event)));
  CHECK(event.message ==
        "long enough to live on the heap, far away");  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("pieces of large values leave a quarter of the room to records", "[recorder][inbox]") {
  Box box({.records_max = 8, .bytes_max = kPlenty});
  for (int i = 0; i < 6; ++i) CHECK(box.put_piece(1));
  CHECK_FALSE(box.put_piece(1));
  CHECK_FALSE(box.inbox.room_for_piece(1));
  CHECK(box.put("a record"));
  CHECK(box.put("another"));
  CHECK_FALSE(box.put("too many"));
}

TEST_CASE("pieces are held to three quarters of the bytes", "[recorder][inbox]") {
  Box box({.records_max = 100, .bytes_max = kPlenty});
  CHECK(box.put_piece(kPlenty / 2));
  CHECK_FALSE(box.put_piece(kPlenty / 4));
  CHECK(box.inbox.room_for_piece(kPlenty / 8));
}

TEST_CASE("an idle sleeper is woken by the first item only", "[recorder][inbox]") {
  Box box({.records_max = 8, .bytes_max = kPlenty});
  REQUIRE(box.inbox.fall_asleep(Inbox::Sleep::kIdle));
  box.put("first");
  CHECK(box.bell_rang());
  box.inbox.awake();
  CHECK_FALSE(box.bell_rang());
  box.put("second");
  CHECK_FALSE(box.bell_rang());
}

TEST_CASE("who gathers is woken when half of the records wait", "[recorder][inbox]") {
  Box box({.records_max = 8, .bytes_max = kPlenty});
  box.put("1");
  REQUIRE(box.inbox.fall_asleep(Inbox::Sleep::kGathering));
  box.put("2");
  box.put("3");
  CHECK_FALSE(box.bell_rang());
  box.put("4");
  CHECK(box.bell_rang());
}

TEST_CASE("who gathers is woken when half of the bytes wait", "[recorder][inbox]") {
  Box box({.records_max = 100, .bytes_max = kPlenty});
  REQUIRE(box.inbox.fall_asleep(Inbox::Sleep::kGathering));
  box.put("small");
  CHECK_FALSE(box.bell_rang());
  box.put(std::string(kPlenty / 2, 'x'));
  CHECK(box.bell_rang());
}

TEST_CASE("who gathers is woken for large values before half of the room is taken",
          "[recorder][inbox]") {
  Box box({.records_max = 8192, .bytes_max = 64 * kPlenty});
  REQUIRE(box.inbox.fall_asleep(Inbox::Sleep::kGathering));
  for (int i = 0; i < 1000; ++i) box.put("small, however many");
  CHECK_FALSE(box.bell_rang());
  while (!box.bell_rang()) REQUIRE(box.put_piece(64 * 1024));
  CHECK(box.inbox.waiting().bytes < 8 * kPlenty);
}

TEST_CASE("nobody falls asleep over what is there already", "[recorder][inbox]") {
  Box box({.records_max = 2, .bytes_max = kPlenty});
  box.put("x");
  CHECK_FALSE(box.inbox.fall_asleep(Inbox::Sleep::kIdle));
  CHECK_FALSE(box.inbox.fall_asleep(Inbox::Sleep::kGathering));
  box.take();
  CHECK(box.inbox.fall_asleep(Inbox::Sleep::kIdle));
}

TEST_CASE("a bell that rang while nobody slept ends the next sleep", "[recorder][inbox]") {
  Box box({.records_max = 2, .bytes_max = kPlenty});
  box.inbox.ring();
  box.inbox.fall_asleep(Inbox::Sleep::kIdle);
  CHECK(box.bell_rang());
}

/// Pops until "end", sleeping without time-out whenever it may.
std::vector<std::string> drain_until_end(Box& box) {
  std::vector<std::string> taken;
  for (;;) {
    while (const auto parcel = box.inbox.pop()) {
      taken.push_back(std::get<Event>(parcel->item).message);
      if (taken.back() == "end") return taken;
    }
    if (!box.inbox.fall_asleep(Inbox::Sleep::kIdle)) continue;
    pollfd in{.fd = box.inbox.bell(), .events = POLLIN, .revents = 0};
    ::poll(&in, 1, -1);
    box.inbox.awake();
  }
}

TEST_CASE("no item is left behind by a sleeper that nobody wakes", "[recorder][inbox]") {
  Box box({.records_max = 4, .bytes_max = kPlenty});
  std::vector<std::string> taken;
  std::thread sleeper([&] { taken = drain_until_end(box); });
  constexpr int kItems = 20'000;
  for (int i = 0; i < kItems; ++i) {
    while (!box.put(std::to_string(i))) std::this_thread::yield();
  }
  while (!box.put("end")) std::this_thread::yield();
  sleeper.join();  // Hangs if a wake-up was lost.
  REQUIRE(taken.size() == kItems + 1);
  for (int i = 0; i < kItems; ++i) REQUIRE(taken[static_cast<std::size_t>(i)] == std::to_string(i));
}

}  // namespace
}  // namespace sonde::recorder
