#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace sonde {

/// Runs `body` and turns what it throws into an Error: the frontier between a
/// library that throws (yaml-cpp, std::filesystem) and our code, which
/// does not.  One guard per public operation of an adapter, nowhere else.
template <class Body>
Status guard(std::string_view doing, Body&& body) {
  try {
    std::forward<Body>(body)();
    return {};
  } catch (const std::bad_alloc&) {
    throw;  // Out of memory is not an operating error: let the process die.
  } catch (const std::exception& e) {
    return fail(Errc::kInternal, std::string(doing) + ": " + e.what());
  }
}

}  // namespace sonde
