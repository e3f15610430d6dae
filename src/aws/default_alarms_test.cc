#include "aws/default_alarms.h"

#include <algorithm>
#include <set>
#include <string>
#include <variant>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "aws/emitted.h"
#include "aws/explain.h"
#include "aws/inputs_for_test.h"

namespace sonde::aws {
namespace {

const DefaultAlarm& find(const DefaultAlarms& alarms, Kind kind, std::string_view server = {},
                         std::string_view tool = {}) {
  const auto found = std::ranges::find_if(alarms.alarms, [&](const DefaultAlarm& one) {
    return one.kind == kind && one.subject.server == server && one.subject.tool == tool;
  });
  REQUIRE(found != alarms.alarms.end());
  return *found;
}

const alarm::MetricStat& first_stat(const DefaultAlarm& one) {
  return std::get<alarm::MetricStat>(one.alarm.metrics.front().source);
}

const std::string& expression(const DefaultAlarm& one) {
  return std::get<std::string>(one.alarm.metrics.back().source);
}

std::string refusal(const Inputs& inputs) {
  const auto made = default_alarms(inputs);
  REQUIRE_FALSE(made);
  return made.error().message();
}

TEST_CASE("the table of kinds is in the order of the enumeration, each slug once", "[aws]") {
  std::set<std::string_view> slugs;
  for (const KindInfo& one : kKinds) {
    CHECK(&info(one.kind) == &one);
    CHECK(slugs.insert(one.slug).second);
    CHECK_FALSE(one.says.ends_with('.'));
  }
}

TEST_CASE("an error rate is a rate, and few calls make none", "[aws]") {
  const auto alarms = default_alarms(production());
  const DefaultAlarm& one = find(*alarms, Kind::kHighErrorRate);
  CHECK(one.alarm.name == "MCP-HighToolErrorRate");
  CHECK(expression(one) == "IF(calls>=20,100*errors/calls,0)");
  CHECK(one.alarm.threshold == 5);
  CHECK(first_stat(one).period == std::chrono::seconds(300));
  CHECK(find(*alarms, Kind::kElevatedErrorRate).alarm.threshold == 1);
  CHECK(find(*alarms, Kind::kMostCallsFail).alarm.threshold == 50);
}

TEST_CASE("a percentile needs samples, and p99 two periods", "[aws]") {
  const auto alarms = default_alarms(production());
  const DefaultAlarm& one = find(*alarms, Kind::kHighP99);
  CHECK(expression(one) == "IF(samples>=20,latency,0)");
  CHECK(one.alarm.threshold == 2000);
  CHECK(one.alarm.evaluation_periods == 2);
  CHECK(one.alarm.datapoints_to_alarm == 2);
  CHECK(find(*alarms, Kind::kHighP95).alarm.evaluation_periods == 1);
}

TEST_CASE("silence is an outage only where there is a heartbeat", "[aws]") {
  Inputs inputs = production();
  CHECK(find(*default_alarms(inputs), Kind::kServerDown).alarm.missing_data ==
        alarm::MissingData::kNotBreaching);
  inputs.common.proxy.upstreams = {"search=http://127.0.0.1:3001"};
  const auto alarms = default_alarms(inputs);
  const DefaultAlarm& one = find(*alarms, Kind::kServerDown);
  CHECK(one.alarm.missing_data == alarm::MissingData::kBreaching);
  CHECK(one.alarm.evaluation_periods == 3);
  CHECK(one.alarm.datapoints_to_alarm == 2);
}

TEST_CASE("every alarm notifies of both ways, and says where to look", "[aws]") {
  const auto alarms = default_alarms(everything());
  REQUIRE(alarms);
  for (const DefaultAlarm& one : alarms->alarms) {
    INFO(one.alarm.name);
    CHECK(one.alarm.actions.alarm == std::vector<std::string>{"AlertTopic"});
    CHECK(one.alarm.actions.ok == one.alarm.actions.alarm);
    const std::string& text = one.alarm.description;
    CHECK(text.find("\nRun-book: docs/runbooks/" + std::string(info(one.kind).slug) + ".md\n") !=
          std::string::npos);
    CHECK(text.find("\nDashboard: https://") != std::string::npos);
    CHECK(text.find("\nLogs Insights: filter ") != std::string::npos);
  }
  CHECK(alarms->page.actions.alarm == std::vector<std::string>{"PageTopic"});
  CHECK(alarms->page.actions.ok == alarms->page.actions.alarm);
}

TEST_CASE("every alarm watches series that the taps emit", "[aws]") {
  const Inputs inputs = everything();
  const auto alarms = default_alarms(inputs);
  REQUIRE(alarms);
  for (const DefaultAlarm& one : alarms->alarms) {
    INFO(one.alarm.name);
    for (const alarm::MetricQuery& query : one.alarm.metrics) {
      const auto* stat = std::get_if<alarm::MetricStat>(&query.source);
      if (stat == nullptr || stat->metric_namespace == "AWS/Logs") continue;
      const auto metric = std::ranges::find(kMetrics, stat->metric_name, &MetricInfo::name);
      REQUIRE(metric != kMetrics.end());
      CHECK(std::ranges::find(one.metrics, metric->metric) != one.metrics.end());
      std::vector<std::string_view> names;
      names.reserve(stat->dimensions.size());
      for (const alarm::Dimension& dimension : stat->dimensions) names.push_back(dimension.name);
      CHECK(emits(inputs.common, metric->metric, names));
    }
  }
}

TEST_CASE("each kind is there once all values are set", "[aws]") {
  const auto alarms = default_alarms(everything());
  std::set<Kind> kinds = {Kind::kPage};
  for (const DefaultAlarm& one : alarms->alarms) kinds.insert(one.kind);
  CHECK(kinds.size() == kKinds.size());
  // Of the environment there are no gauges; nothing else is off.
  CHECK(alarms->off.size() == 2);
}

TEST_CASE("what is off says which value is not set", "[aws]") {
  const auto alarms = default_alarms(production());
  std::string all;
  for (const AlarmOff& one : alarms->off)
    all += std::string(info(one.kind).name) + ": " + one.reason + '\n';
  CHECK(all ==
        "HighP50Latency: alarms.p50_max is not set\n"
        "CallRateNearCapacity: alarms.capacity_cps is not set\n"
        "SessionsNearLimit: event streams are counted for each server; name servers in "
        "alarms.servers\n"
        "SessionLeak: event streams are counted for each server; name servers in "
        "alarms.servers\n");
  CHECK(explain(*alarms).find("\nOff:\n  HighP50Latency\n      alarms.p50_max is not set\n") !=
        std::string::npos);
}

TEST_CASE("a server keeps to its own thresholds", "[aws]") {
  Inputs inputs = everything();
  inputs.servers.front().alarms.p50_max = std::chrono::milliseconds(7);
  inputs.servers.front().alarms.calls_min = 3;
  const auto alarms = default_alarms(inputs);
  CHECK(find(*alarms, Kind::kHighP50, "search").alarm.threshold == 7);
  CHECK(find(*alarms, Kind::kHighP50).alarm.threshold == 200);
  CHECK(expression(find(*alarms, Kind::kHighP99, "search", "query")) == "IF(samples>=3,latency,0)");
}

TEST_CASE("a server's series are where its taps put them", "[aws]") {
  Inputs inputs = everything();
  inputs.servers.front().emf.metric_namespace = "Mine";
  const auto alarms = default_alarms(inputs);
  CHECK(first_stat(find(*alarms, Kind::kServerDown, "search")).metric_namespace == "Mine");
  CHECK(first_stat(find(*alarms, Kind::kServerDown)).metric_namespace == "MCP/ToolServer");
}

TEST_CASE("the page is for outages that fail fast or hang, too", "[aws]") {
  Inputs inputs = production();
  CHECK(default_alarms(inputs)->page.rule ==
        "(ALARM(\"MCP-HighToolErrorRate\") AND ALARM(\"MCP-HighP99Latency\")) OR "
        "ALARM(\"MCP-ServerDown\") OR ALARM(\"MCP-MostCallsFail\")");
  inputs.common.alarms.page = "plain-and";
  CHECK(default_alarms(inputs)->page.rule ==
        "(ALARM(\"MCP-HighToolErrorRate\") AND ALARM(\"MCP-HighP99Latency\"))");
}

TEST_CASE("names of environments and servers do not collide", "[aws]") {
  Inputs staging = everything();
  staging.common.environment = "staging";
  Inputs named = everything();  // A server in production is called like the environment.
  named.common.alarms.servers = {"staging"};
  named.common.alarms.tools.clear();
  std::set<std::string> names;
  const auto add = [&](const Inputs& inputs, bool servers_only) {
    const auto alarms = default_alarms(inputs);
    REQUIRE(alarms);
    for (const DefaultAlarm& one : alarms->alarms) {
      if (servers_only && one.subject.server.empty()) continue;
      CHECK(names.insert(one.alarm.name).second);
    }
  };
  add(everything(), false);
  add(staging, false);
  add(named, true);
  CHECK(names.contains("MCP-HighToolErrorRate"));
  CHECK(names.contains("MCP-HighToolErrorRate-staging"));
  CHECK(names.contains("MCP-HighToolErrorRate/staging"));
  CHECK(names.contains("MCP-HighToolErrorRate-staging/search/query"));
}

TEST_CASE("dimensions that no tap emits are refused with what to add", "[aws]") {
  Inputs inputs = everything();
  inputs.common.emf.dimensions = {{"ToolName", "Environment"}, {"Environment"}};
  inputs.servers.front().emf = inputs.common.emf;
  CHECK(refusal(inputs) ==
        "alarm `MCP-ElevatedToolErrorRate/search`: emf.dimensions has no set [ServerName, "
        "Environment], so nothing emits tool_error_count with it and an alarm on it would never "
        "fire; add [ServerName, Environment] to emf.dimensions of the taps");
  inputs = production();
  inputs.common.emf.dimensions = {{"ToolName", "Environment"}};
  CHECK(refusal(inputs).find("add [Environment] to emf.dimensions") != std::string::npos);
  inputs = production();
  inputs.common.emf.mode = EmfConfig::Mode::kOff;
  CHECK(refusal(inputs).find("emf.mode is off") != std::string::npos);
}

TEST_CASE("what a name on AWS cannot hold is refused", "[aws]") {
  Inputs inputs = production();
  inputs.common.environment = "pre prod";
  CHECK(refusal(inputs).starts_with("environment `pre prod` must be 1 to 64 letters"));
  inputs.common.environment = std::string(40, 'e');
  CHECK(refusal(inputs).ends_with("makes a suffix of more than 31 characters; set aws.suffix"));
  inputs.common.aws.suffix = "-e";
  CHECK(default_alarms(inputs));
}

TEST_CASE("two environments cannot come to the same suffix unseen", "[aws]") {
  Inputs inputs = production();
  inputs.common.environment = "pre.prod";
  CHECK(refusal(inputs) ==
        "environment `pre.prod` makes the suffix `-pre-prod`, which another environment can have "
        "too; set aws.suffix");
  inputs.common.environment = "pre-prod";
  CHECK(default_alarms(inputs));
}

TEST_CASE("too many servers, names twice and names too long are refused", "[aws]") {
  Inputs inputs = everything();
  inputs.common.alarms.servers.assign(2, "search");
  CHECK(refusal(inputs) == "alarms.servers names `search` twice");

  inputs = everything();
  inputs.common.alarms.servers.clear();
  for (int i = 0; i < 25; ++i) inputs.common.alarms.servers.push_back("s" + std::to_string(i));
  CHECK(refusal(inputs) ==
        "alarms.servers names 25 servers; the rule of the page takes the alarms of at most 24");
  inputs.common.alarms.servers.pop_back();
  CHECK(default_alarms(inputs));

  inputs = everything();
  inputs.common.alarms.tools = {std::string(110, 's') + '/' + std::string(110, 't')};
  CHECK(refusal(inputs).ends_with("characters; at most 255"));

  inputs = everything();
  inputs.common.alarms.tools = {"a/b/c"};
  inputs.common.alarms.servers = {"search"};
  CHECK(default_alarms(inputs));
}

TEST_CASE("rates that do not rise, and more than five actions, are refused", "[aws]") {
  Inputs inputs = production();
  inputs.common.alarms.error_rate_warn = 10;
  CHECK(refusal(inputs) ==
        "alarms.error_rate_warn, error_rate_critical and error_rate_page must rise: 10, 5, 50");
  inputs = production();
  inputs.common.aws.alert_actions.assign(5, "arn:aws:sns:eu-west-1:123456789012:other");
  CHECK(refusal(inputs).find("has 6 AlarmActions; CloudWatch takes at most 5") !=
        std::string::npos);
}

TEST_CASE("the matrix has a line for each alarm and metric", "[aws]") {
  const auto alarms = default_alarms(everything());
  const std::string rows = matrix(*alarms);
  CHECK(rows.find("MCP-HighP99Latency/search/query\tMCP/ToolServer\tToolDuration\tp99\t"
                  "ServerName=search,ToolName=query,Environment=production\n") !=
        std::string::npos);
  for (const DefaultAlarm& one : alarms->alarms) {
    CHECK(rows.find(one.alarm.name + '\t') != std::string::npos);
  }
}

}  // namespace
}  // namespace sonde::aws
