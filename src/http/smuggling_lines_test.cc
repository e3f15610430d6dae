// Request lines and Host: what lax readers take, and what becomes of it here.
#include <catch2/catch_test_macros.hpp>

#include "http/smuggling_for_test.h"
#include "http/smuggling_lines_for_test.h"

namespace sonde::http {
namespace {

TEST_CASE("no request line and no Host smuggles a request past the reader", "[http][smuggling]") {
  for (const SmugglingVector& vector : kSmuggledLines) {
    check_stream(stream_of_lines(vector), vector);
  }
}

}  // namespace
}  // namespace sonde::http
