#pragma once

#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>

#include "net/async.h"

namespace sonde::net {

/// Is told that something may go on.
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void wake() noexcept = 0;
};

/// Lets one coroutine sleep until any of several things has happened.
///
/// Purpose.  What happens sets a flag of its own and calls wake(); the coroutine looks at the
/// flags, does what can be done, and sleeps again.  So it waits for two sockets and a deadline
/// without a coroutine for each.
/// Threads.  One owner.  Lifetime.  Outlives the coroutine that sleeps on it.
class Wakeup final : public Waker {
 public:
  /// The sleeper goes on at once, within this call; without one the next sleep is none.
  void wake() noexcept override {
    if (!sleeper_) {
      woken_ = true;
      return;
    }
    auto sleeper = std::exchange(sleeper_, nullptr);
    std::move(sleeper)();
  }

  /// To be asked before sleep(): whether wake() was called since.
  bool take() noexcept { return std::exchange(woken_, false); }

  /// REQUIRES: take() was false just now.
  Task<void> sleep() {
    const auto go_to_sleep = [this](auto handler) { sleeper_ = std::move(handler); };
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(go_to_sleep,
                                                                       asio::use_awaitable);
  }

 private:
  asio::any_completion_handler<void()> sleeper_;
  bool woken_ = false;
};

}  // namespace sonde::net
