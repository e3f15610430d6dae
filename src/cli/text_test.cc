#include "cli/text.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

#include "base/printable.h"

using namespace sonde;
using namespace sonde::cli;

TEST_CASE("a duration is shown in the unit in which a person reads it", "[cli][text]") {
  const auto [milliseconds, shown] =
      GENERATE(table<double, std::string>({{0.424, "0.42ms"},
                                           {12.5, "12.5ms"},
                                           {1234, "1.23s"},
                                           {125'000, "2m05s"},
                                           {11'520'000, "3h12m"},
                                           {3'599'940'000, "999h59m"},
                                           {3'600'000'000, "41d"},
                                           {-1, "0.00ms"}}));
  CHECK(show_milliseconds(milliseconds) == shown);
}

TEST_CASE("however long a call took, its duration takes at most eight columns", "[cli][text]") {
  for (double milliseconds = 0.001; milliseconds < 1e300; milliseconds *= 1.37) {
    CHECK(columns(show_milliseconds(milliseconds)) <= 8);
  }
}
