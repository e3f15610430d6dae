#include "aws/template.h"

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "aws/inputs_for_test.h"
#include "aws/saved_queries.h"

namespace sonde::aws {
namespace {

std::string refusal(const Inputs& inputs) {
  const auto made = make_template(inputs);
  REQUIRE_FALSE(made);
  return made.error().message();
}

bool has(const Template& made, std::string_view text) { return made.text.contains(text); }

/// The template is what the file holds.  SONDE_UPDATE_GOLDEN=1 writes it anew.
void check_golden(const Inputs& inputs, const std::string& name) {
  const std::string path = std::string(SONDE_SOURCE_DIR "/tests/golden/aws/") + name;
  const auto made = make_template(inputs);
  REQUIRE(made);
  const char* write = std::getenv("SONDE_UPDATE_GOLDEN");  // NOLINT(concurrency-mt-unsafe)
  if (write != nullptr) std::ofstream(path) << made->text;
  std::stringstream golden;
  golden << std::ifstream(path).rdbuf();
  CHECK(made->text == golden.str());
}

Inputs large() {
  Inputs inputs = everything();
  Config& config = inputs.common;
  config.environment = "staging";
  config.emf.agent_endpoint = "tcp://127.0.0.1:25888";
  config.emf.log_group = "mcp-metrics";
  config.aws.alert_subscriptions = {"email=ops@example.com", "https=https://hook.example/x"};
  config.aws.page_subscriptions = {"sms=+4930123456"};
  config.aws.alert_actions = {"arn:aws:sns:eu-west-1:123456789012:other"};
  config.aws.runbook_base = "https://example.com/runbooks/";
  config.aws.token_price = 3;
  inputs.servers.front().environment = "staging";
  return inputs;
}

TEST_CASE("the template of nothing configured is that of the golden file", "[aws][template]") {
  check_golden(production(), "small.json");
}

TEST_CASE("the template of everything configured is that of the golden file", "[aws][template]") {
  check_golden(large(), "large.json");
}

TEST_CASE("nothing configured fits into a call of CloudFormation", "[aws][template]") {
  CHECK(make_template(production())->fits_inline());
  CHECK_FALSE(make_template(large())->fits_inline());
}

TEST_CASE("the dashboard shows every metric that a tap emits", "[aws][template]") {
  const auto made = make_template(production());
  const std::size_t begin = made->text.find("\"Dashboard\":{\"Type\"");
  const std::string dashboard = made->text.substr(begin, made->text.find('\n', begin) - begin);
  for (const MetricInfo& metric : kMetrics) {
    INFO(metric.name);
    CHECK(dashboard.contains(metric.name));
  }
}

TEST_CASE("saved queries sort by aliases only", "[aws][template]") {
  for (const SavedQuery& query : kSavedQueries) {
    INFO(query.id);
    const std::size_t sort = query.text.find("| sort ");
    REQUIRE(sort != std::string_view::npos);
    const std::string_view rest = query.text.substr(sort + 7);
    const std::string column(rest.substr(0, rest.find(' ')));
    const bool field = query.text.contains("fields ");
    CHECK((field || query.text.contains(" as " + column)));
    CHECK_FALSE(column.starts_with("pct"));
  }
}

TEST_CASE("alarms that are off stand in the template too", "[aws][template]") {
  CHECK(has(*make_template(production()),
            R"("Metadata":{"AlarmsOff":["HighP50Latency: alarms.p50_max is not set")"));
}

TEST_CASE("whoever deploys cannot give himself more", "[aws][template]") {
  CHECK_FALSE(has(*make_template(large()), "\"iam:"));
}

TEST_CASE("a token in a hook's URL is not shown", "[aws][template]") {
  CHECK(has(*make_template(large()), R"("Default":"https://hook.example/x","NoEcho":true})"));
}

TEST_CASE("what CloudWatch Logs would refuse is refused", "[aws][template]") {
  Inputs inputs = production();
  inputs.common.aws.retention_days = 31;
  CHECK(
      refusal(inputs).starts_with("aws.retention_days is 31; CloudWatch Logs keeps lines for 1,"));
  inputs = production();
  inputs.common.aws.log_group = "aws/mine";
  CHECK(refusal(inputs) == "log group `aws/mine` begins with aws/, which is AWS's own");
  inputs.common.aws.log_group = "a b";
  CHECK(refusal(inputs) == "log group `a b` must be 1 to 512 letters, digits and . _ / # -");
}

TEST_CASE("one endpoint is subscribed once", "[aws][template]") {
  Inputs inputs = production();
  inputs.common.aws.alert_subscriptions = {"email=a@b", "email=a@b"};
  CHECK(refusal(inputs) == "aws.alert_subscriptions names email=a@b twice");
  inputs.common.aws.alert_subscriptions.pop_back();
  inputs.common.aws.page_subscriptions = {"email=a@b"};
  CHECK(make_template(inputs));
}

TEST_CASE("more than 500 resources are refused before CloudFormation does", "[aws][template]") {
  Inputs inputs = production();
  for (int i = 0; i < 100; ++i) inputs.common.alarms.tools.push_back("s/t" + std::to_string(i));
  CHECK(refusal(inputs).starts_with("the template would have 5"));
  CHECK(refusal(inputs).find("CloudFormation takes 500; name fewer servers or tools") !=
        std::string::npos);
}

}  // namespace
}  // namespace sonde::aws
