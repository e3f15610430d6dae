#include "aws/prices.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace sonde::aws {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("the list is in the order of its enumeration, each key once", "[aws][prices]") {
  std::size_t at = 0;
  for (const Price& price : list_prices()) {
    CHECK(static_cast<std::size_t>(price.what) == at++);
    CHECK(price.dollars > 0);
  }
  CHECK(at == 13);
}

TEST_CASE("prices can be set one by one", "[aws][prices]") {
  Prices prices;
  REQUIRE(prices.set("log_ingested=0.57,alarm=0.11"));
  CHECK(prices.of(Priced::kLogIngested) == 0.57);
  CHECK(prices.of(Priced::kAlarm) == 0.11);
  CHECK(prices.of(Priced::kDashboard) == 3);
}

TEST_CASE("a price that is none is refused with the reason", "[aws][prices]") {
  Prices prices;
  CHECK_THAT(prices.set("log_ingest=1").error().message(),
             ContainsSubstring("did you mean `log_ingested`?"));
  for (const char* const bad :
       {"alarm", "alarm=", "alarm=-1", "alarm=nan", "alarm=1e99", "alarm=1x"}) {
    INFO(bad);
    CHECK(!prices.set(bad).has_value());
  }
  CHECK(prices.of(Priced::kAlarm) == 0.10);
}

TEST_CASE("a file says where its prices are from, and need not have all", "[aws][prices]") {
  Prices prices;
  REQUIRE(prices.read(R"({"source": "our contract, 2026", "dashboard": 2.5})"));
  CHECK(prices.source() == "our contract, 2026");
  CHECK(prices.of(Priced::kDashboard) == 2.5);
  CHECK(prices.of(Priced::kAlarm) == 0.10);
  CHECK(!prices.read("[]").has_value());
  CHECK(!prices.read(R"({"dashboard": "2"})").has_value());
  CHECK(!prices.read(R"({"source": 5})").has_value());
}

TEST_CASE("what is written can be read again", "[aws][prices]") {
  Prices prices;
  REQUIRE(prices.set("log_scanned=0.0049,trace=4.5"));
  Prices again;
  REQUIRE(again.read(prices.to_json()));
  CHECK(again.to_json() == prices.to_json());
}

}  // namespace
}  // namespace sonde::aws
