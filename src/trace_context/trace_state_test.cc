#include "trace_context/trace_state.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

namespace sonde::trace_context {
namespace {

constexpr SpanId kSpan{{0, 1, 2, 3, 4, 5, 6, 7}};
const std::string kOurs = "sonde=0001020304050607";

std::string added(std::string_view tracestate) { return with_sonde_member(tracestate, kSpan); }

std::string members(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i ? ",k" : "k") + std::to_string(i) + "=v";
  return list;
}

TEST_CASE("our member comes first, the others keep their order", "[trace_context][tracestate]") {
  CHECK(added("") == kOurs);
  CHECK(added("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7") ==
        kOurs + ",congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
}

TEST_CASE("an older member of ours is dropped", "[trace_context][tracestate]") {
  CHECK(added("a=1,sonde=ffffffffffffffff,b=2") == kOurs + ",a=1,b=2");
  CHECK(added("sonder=1") == kOurs + ",sonder=1");
}

TEST_CASE("blanks, empty and broken members are left out", "[trace_context][tracestate]") {
  CHECK(added(" a=1 ,, \t,novalue,=x,b=,c=2\t") == kOurs + ",a=1,c=2");
  CHECK(added("a=\x01,b=\xc3\xa9,c=3") == kOurs + ",c=3");
}

TEST_CASE("at most 32 members remain", "[trace_context][tracestate]") {
  const std::string out = added(members(40));

  CHECK(std::ranges::count(out, ',') == 31);
  CHECK(out.ends_with(",k30=v"));
  CHECK(std::ranges::count(clean_tracestate(members(40)), ',') == 31);
}

TEST_CASE("at most 512 characters remain, long members go first", "[trace_context][tracestate]") {
  const std::string longer = "long=" + std::string(200, 'x');
  const std::string shorter = "short=" + std::string(100, 'y');

  CHECK(added("a=1," + longer + "," + longer + "," + shorter) ==
        kOurs + ",a=1," + longer + "," + shorter);
  CHECK(added(members(31) + ',' + shorter).size() <= kTraceStateBytesMax);
  CHECK(added("a=" + std::string(600, 'x')) == kOurs);
}

TEST_CASE("the bound of 512 is exact", "[trace_context][tracestate]") {
  const std::string fits = "k=" + std::string(512 - kOurs.size() - 3, 'x');

  CHECK(added(fits).size() == 512);
  CHECK(added(fits + "x") == kOurs);
  CHECK(clean_tracestate("k=" + std::string(510, 'x')).size() == 512);
  CHECK(clean_tracestate("k=" + std::string(511, 'x')).empty());
}

TEST_CASE("our member is found wherever it stands", "[trace_context][tracestate]") {
  CHECK(sonde_member(added("a=1")) == kSpan);
  CHECK(sonde_member("a=1, " + kOurs) == kSpan);
  CHECK_FALSE(sonde_member("a=1"));
  CHECK_FALSE(sonde_member("sonde=00"));
  CHECK_FALSE(sonde_member("sonde=0000000000000000"));
}

}  // namespace
}  // namespace sonde::trace_context
