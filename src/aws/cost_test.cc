#include "aws/cost.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace sonde::aws {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

Config production() {
  Config config;
  config.environment = "production";
  config.service = "search";
  config.log.to_stdout = true;
  config.log.to_file = false;
  return config;
}

Bill bill_of(const Config& config, const Usage& usage, const Watched& watched = {}) {
  auto bill = estimate(config, usage, watched, Prices());
  REQUIRE(bill);
  return *std::move(bill);
}

double dollars_of(const Bill& bill, std::string_view key) {
  for (const BillItem& item : bill.items) {
    if (item.key == key) return item.dollars;
  }
  FAIL("no item " << key);
  return 0;
}

double quantity_of(const Bill& bill, std::string_view key) {
  for (const BillItem& item : bill.items) {
    if (item.key == key) return item.quantity;
  }
  FAIL("no item " << key);
  return 0;
}

alarm::MetricQuery stat_of(std::chrono::seconds period) {
  alarm::MetricStat stat;
  stat.period = period;
  return {.id = "m", .source = stat, .label = {}, .return_data = false};
}

TEST_CASE("a metric is a name and a set of dimension values", "[aws][cost]") {
  const EmfConfig emf;
  const Usage usage{.servers = 3, .tools = 20};
  const std::vector<std::string> by_tool{"ServerName", "ToolName", "Environment"};
  const std::vector<std::string> by_server{"ServerName", "Environment"};
  const std::vector<std::string> environment{"Environment"};
  CHECK(series_of(by_tool, emf, usage) == 60);
  CHECK(series_of(by_server, emf, usage) == 3);
  CHECK(series_of(environment, emf, usage) == 1);
  // (60 + 60 + 1) series of 7 metrics of calls, 4 gauges a server, and 7 metrics of servers for
  // each server and for the environment.
  CHECK(metrics_of(emf, usage) == (121 * 7) + (3 * 4) + (4 * 7));
}

TEST_CASE("client and instance multiply series", "[aws][cost]") {
  const EmfConfig emf;
  const Usage usage{.servers = 2, .tools = 5, .clients = 4, .taps = 3};
  const std::vector<std::string> set{"ToolName", "ClientName", "Instance"};
  CHECK(series_of(set, emf, usage) == 2 * 5 * 4 * 3);
}

TEST_CASE("a tap keeps no more series than emf.max_series and the overflow", "[aws][cost]") {
  EmfConfig emf;
  emf.max_series = 100;
  const std::vector<std::string> set{"ToolName"};
  CHECK(series_of(set, emf, {.servers = 1, .tools = 100'000, .taps = 2}) == (100 + 64) * 2);
}

TEST_CASE("with metrics off nothing is a metric", "[aws][cost]") {
  Config config = production();
  config.emf.mode = EmfConfig::Mode::kOff;
  const Bill bill = bill_of(config, {});
  CHECK(quantity_of(bill, "metrics") == 0);
  CHECK(bill.metrics_off);
}

TEST_CASE("metrics get cheaper by tiers", "[aws][cost]") {
  const Prices prices;
  CHECK_THAT(prices.metrics_per_month(10'000), WithinAbs(3000, 0.01));
  CHECK_THAT(prices.metrics_per_month(10'001), WithinAbs(3000.10, 0.001));
  CHECK_THAT(prices.metrics_per_month(250'000), WithinAbs(3000 + 24'000, 0.01));
  CHECK_THAT(prices.metrics_per_month(2'000'000), WithinAbs(3000 + 24'000 + 37'500 + 20'000, 0.01));
  CHECK(prices.metrics_per_month(0) == 0);
}

TEST_CASE("an alarm is billed by the metrics that it reads", "[aws][cost]") {
  alarm::MetricAlarm rate;
  rate.metrics = {stat_of(std::chrono::minutes(5)),
                  stat_of(std::chrono::minutes(5)),
                  {.id = "e", .source = std::string("100*m/m"), .label = {}}};
  alarm::MetricAlarm quick;
  quick.metrics = {stat_of(std::chrono::seconds(10))};
  const std::vector alarms{rate, quick};
  const std::vector<alarm::CompositeAlarm> composites(1);
  const Watched watched = count(alarms, composites, 1);
  CHECK(watched.alarm_metrics == 2);
  CHECK(watched.high_resolution_metrics == 1);
  const Bill bill = bill_of(production(), {}, watched);
  CHECK_THAT(dollars_of(bill, "alarms"), WithinAbs(0.20, 1e-9));
  CHECK_THAT(dollars_of(bill, "alarms_high_resolution"), WithinAbs(0.30, 1e-9));
  CHECK_THAT(dollars_of(bill, "alarms_composite"), WithinAbs(0.50, 1e-9));
  CHECK_THAT(dollars_of(bill, "dashboards"), WithinAbs(3, 1e-9));
}

TEST_CASE("log bytes are those of the lines that the sinks write", "[aws][cost]") {
  const Bill bill = bill_of(production(), {.calls_per_second = 10});
  CHECK_FALSE(bill.gathered);
  CHECK(bill.lines.with_metrics > bill.lines.plain + 400);
  CHECK(bill.lines.plain > 1000);
  const double calls = 10 * 730.0 * 3600;
  const double gigabytes = calls * (bill.lines.with_metrics + 26) / (1024.0 * 1024 * 1024);
  // The rest are gauges and pulses, of one server.
  CHECK_THAT(quantity_of(bill, "log_ingested"), WithinRel(gigabytes, 0.03));
}

TEST_CASE("when calls come fast their metrics take less", "[aws][cost]") {
  const Usage fast{.calls_per_second = 200};
  const Bill bill = bill_of(production(), fast);
  CHECK(bill.gathered);
  CHECK(bill.lines.gathered < 200);
  // Of four taps each has fifty calls a second, and of forty each five.
  CHECK(bill_of(production(), {.calls_per_second = 200, .taps = 4}).gathered);
  CHECK_FALSE(bill_of(production(), {.calls_per_second = 200, .taps = 40}).gathered);
}

TEST_CASE("a call is shipped once, whichever way", "[aws][cost]") {
  Config config = production();
  const Usage usage{.calls_per_second = 10};
  const double by_stdout = quantity_of(bill_of(config, usage), "log_ingested");
  config.log.to_stdout = false;
  config.log.to_file = true;
  CHECK(quantity_of(bill_of(config, usage), "log_ingested") == by_stdout);
  config.emf.agent_endpoint = "tcp://127.0.0.1:25888";
  CHECK_THAT(quantity_of(bill_of(config, usage), "log_ingested"), WithinRel(by_stdout, 0.05));
  config.log.to_stdout = true;
  CHECK(quantity_of(bill_of(config, usage), "log_ingested") > 1.5 * by_stdout);
}

TEST_CASE("what is dear is told, with what would be cheaper", "[aws][cost]") {
  const Config config = production();
  const Usage usage{.calls_per_second = 0.1, .servers = 10, .tools = 40};
  const Prices prices;
  const Bill bill = bill_of(config, usage);
  const auto warnings = dear_items(config, usage, {}, prices, bill);
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], ContainsSubstring("without the dimension sets that have ToolName"));
  CHECK_THAT(warnings[0], ContainsSubstring("instead of $1,"));
  CHECK(dear_items(config, {.calls_per_second = 0.1, .tools = 2}, {}, prices,
                   bill_of(config, {.calls_per_second = 0.1, .tools = 2}))
            .empty());
}

TEST_CASE("two outputs that both end in CloudWatch are told", "[aws][cost]") {
  Config config = production();
  config.log.to_stderr = true;
  const Usage little{.calls_per_second = 0.1, .tools = 2};
  const auto warnings = dear_items(config, little, {}, Prices(), bill_of(config, little));
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], ContainsSubstring("billed twice"));
}

TEST_CASE("traces go to X-Ray's store or to Transaction Search", "[aws][cost]") {
  Usage usage{.traces_per_second = 1};
  CHECK_THAT(dollars_of(bill_of(production(), usage), "traces"),
             WithinAbs(730 * 3600 / 1e6 * 5, 0.001));
  usage.transaction_search = true;
  CHECK(dollars_of(bill_of(production(), usage), "spans_ingested") > 0);
}

TEST_CASE("the bill is the sum of its items, as text and as JSON", "[aws][cost]") {
  const Usage usage{.calls_per_second = 5, .servers = 2};
  const Bill bill =
      bill_of(production(), usage, {.alarm_metrics = 12, .composites = 1, .dashboards = 1});
  double sum = 0;
  for (const BillItem& item : bill.items) sum += item.dollars;
  CHECK_THAT(bill.dollars, WithinAbs(sum, 1e-9));
  const std::string text = bill_text(bill, usage, Prices(), {});
  CHECK_THAT(text, ContainsSubstring("list prices of 2025-06, us-east-1: check them"));
  CHECK_THAT(text, ContainsSubstring("custom metrics"));
  const std::string json = bill_json(bill, usage, Prices(), {});
  CHECK_THAT(json,
             ContainsSubstring(
                 R"({"item":"alarms","quantity":12,"unit":"metrics","dollars_per_month":1.20})"));
}

TEST_CASE("dimensions that CloudWatch refuses are refused", "[aws][cost]") {
  Config config = production();
  config.emf.dimensions = {{"SessionId"}};
  CHECK_FALSE(estimate(config, {}, {}, Prices()));
}

}  // namespace
}  // namespace sonde::aws
