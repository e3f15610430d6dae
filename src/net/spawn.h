#pragma once

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>

#include "net/async.h"

namespace sonde::net {

/// Hears of a coroutine that ended by an exception.
using ReportFailure = std::function<void(std::string_view name, std::string_view what)>;

/// Starts `task` as the root of a tree of coroutines: the one place in the program that calls
/// co_spawn.  A root that ends by an exception is reported under `name`, and takes nothing else
/// down with it.
/// Lifetime.  `task` owns all it needs; `name` and `report` outlive it.
inline void spawn(const asio::any_io_executor& executor, std::string_view name, Task<void> task,
                  const ReportFailure& report) {
  asio::co_spawn(executor, std::move(task), [name, &report](const std::exception_ptr& failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      report(name, e.what());
    }
  });
}

}  // namespace sonde::net
