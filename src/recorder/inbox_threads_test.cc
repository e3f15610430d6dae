#include <poll.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "recorder/inbox.h"

// Several threads push at once.  To be run under TSan, too (./test long).

namespace sonde::recorder {
namespace {

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 30U;
constexpr std::size_t kThreads = 4;
constexpr std::uint64_t kItems = 20'000;  ///< Of each thread.

Event numbered(std::size_t thread, std::uint64_t number) {
  Event event;
  event.pid = static_cast<int>(thread);
  event.count = number;
  return event;
}

/// Pops until so many have come, sleeping without time-out whenever it may.
template <class Take>
void pop_all(Inbox& inbox, std::uint64_t items, Take&& take) {
  while (items > 0) {
    if (const auto node = inbox.pop()) {
      take(std::get<Event>(node->item));
      --items;
      continue;
    }
    if (!inbox.fall_asleep(Inbox::Sleep::kIdle)) {
      std::this_thread::yield();  // A push is under way.
      continue;
    }
    pollfd in{.fd = inbox.bell(), .events = POLLIN, .revents = 0};
    ::poll(&in, 1, -1);
    inbox.awake();
  }
}

TEST_CASE("each item of several threads comes once, and each thread's in order",
          "[recorder][inbox][threads]") {
  const std::uint64_t records_max = GENERATE(2U, 64U, 8192U);
  Inbox inbox({.records_max = records_max, .bytes_max = kPlenty});
  REQUIRE(inbox.open());
  std::vector<std::thread> pushers;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    pushers.emplace_back([&inbox, thread] {
      for (std::uint64_t i = 0; i < kItems; ++i) {
        while (!inbox.push(numbered(thread, i))) std::this_thread::yield();
      }
    });
  }

  std::array<std::uint64_t, kThreads> next{};
  std::uint64_t out_of_order = 0;
  std::uint64_t waited_max = 0;
  pop_all(inbox, kThreads * kItems, [&](const Event& event) {
    out_of_order += event.count == next.at(static_cast<std::size_t>(*event.pid))++ ? 0 : 1;
    waited_max = std::max(waited_max, inbox.waiting().records);
  });
  for (std::thread& pusher : pushers) pusher.join();  // Hangs if a wake-up was lost.

  CHECK(out_of_order == 0);
  // Those that are just being refused are counted for a moment.
  CHECK(waited_max <= records_max + kThreads);
  CHECK(inbox.empty());
  CHECK(inbox.waiting().bytes == 0);
}

TEST_CASE("what one thread pushed before it caused another's push comes first",
          "[recorder][inbox][threads]") {
  Inbox inbox({.records_max = 8192, .bytes_max = kPlenty});
  REQUIRE(inbox.open());
  // Each thread in its turn, which the one before it passes on.
  std::atomic<std::uint64_t> turn = 0;
  std::vector<std::thread> pushers;
  for (std::size_t thread = 0; thread < 2; ++thread) {
    pushers.emplace_back([&inbox, &turn, thread] {
      for (std::uint64_t i = thread; i < kItems; i += 2) {
        while (turn.load(std::memory_order_acquire) != i) std::this_thread::yield();
        while (!inbox.push(numbered(thread, i))) std::this_thread::yield();
        turn.store(i + 1, std::memory_order_release);
      }
    });
  }

  std::uint64_t next = 0;
  std::uint64_t out_of_order = 0;
  pop_all(inbox, kItems,
          [&](const Event& event) { out_of_order += event.count == next++ ? 0 : 1; });
  for (std::thread& pusher : pushers) pusher.join();

  CHECK(out_of_order == 0);
}

TEST_CASE("threads that are refused leave the count as it was", "[recorder][inbox][threads]") {
  Inbox inbox({.records_max = 3, .bytes_max = kPlenty});
  REQUIRE(inbox.open());
  std::atomic<std::uint64_t> accepted = 0;
  std::vector<std::thread> pushers;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    pushers.emplace_back([&] {
      for (std::uint64_t i = 0; i < 1000; ++i) accepted += inbox.push(numbered(0, i)) ? 1U : 0U;
    });
  }
  for (std::thread& pusher : pushers) pusher.join();

  CHECK(accepted <= 3);
  CHECK(accepted >= 1);
  CHECK(inbox.waiting().records == accepted);
  while (inbox.pop()) {
  }
  CHECK(inbox.waiting().records == 0);
  CHECK(inbox.waiting().bytes == 0);
}

}  // namespace
}  // namespace sonde::recorder
