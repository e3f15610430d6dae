#include "base/printable.h"

#include <catch2/catch_test_macros.hpp>

namespace sonde {
namespace {

TEST_CASE("text without surprises is shown as it is", "[base][printable]") {
  CHECK(printable("get_weather (Zürich, 東京) 🌧") == "get_weather (Zürich, 東京) 🌧");
}

TEST_CASE("what would move the cursor or colour the screen is replaced", "[base][printable]") {
  CHECK(printable("\x1b[2Jgone") == "\xef\xbf\xbd[2Jgone");
  CHECK(printable("a\rb\nc\td") ==
        "a\xef\xbf\xbd"
        "b\xef\xbf\xbd"
        "c\xef\xbf\xbd"
        "d");
  CHECK(printable("\x7f") == "\xef\xbf\xbd");
  CHECK(printable("\xc2\x9b"
                  "31m") ==
        "\xef\xbf\xbd"
        "31m");  // C1 CSI
}

TEST_CASE("what would turn the direction of writing is replaced", "[base][printable]") {
  CHECK(printable("safe\u202etxt.exe") == "safe\xef\xbf\xbdtxt.exe");
}

TEST_CASE("bytes that are no UTF-8 are replaced one by one", "[base][printable]") {
  CHECK(printable("\xff\xc3") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(printable("\xed\xa0\x80").size() == 9);  // A surrogate.
}

TEST_CASE("a long text is cut between characters", "[base][printable]") {
  CHECK(printable("äöü", 2) == "äö…");
  CHECK(printable("äöü", 3) == "äöü");
  CHECK(printable("", 0).empty());
}

TEST_CASE("columns counts what a terminal shows", "[base][printable]") {
  CHECK(columns("abc") == 3);
  CHECK(columns("Zürich") == 6);
  CHECK(columns("東京") == 4);
  CHECK(columns("e\u0301") == 1);
}

}  // namespace
}  // namespace sonde
