#include "config/aws_checks_internal.h"

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::config {
namespace {

TEST_CASE("a subscription names a protocol of SNS and what that delivers to", "[config][aws]") {
  const std::string good =
      GENERATE(as<std::string>{}, "email=ops@example.com", "email-json=ops@example.com",
               "http=http://hook.example/x", "https=https://hook.example/x?a=b", "sms=+4930123456",
               "sqs=arn:aws:sqs:eu-west-1:123456789012:q",
               "lambda=arn:aws:lambda:eu-west-1:123456789012:function:f",
               "application=arn:aws:sns:eu-west-1:123456789012:endpoint/x/y",
               "firehose=arn:aws:firehose:eu-west-1:123456789012:stream/s "
               "arn:aws:iam::123456789012:role/r");
  INFO(good);
  CHECK(check_subscription(good).empty());
}

TEST_CASE("what SNS would refuse as a subscription is refused", "[config][aws]") {
  CHECK(check_subscription("webhook=https://hook.example").starts_with("has no protocol of SNS"));
  CHECK(check_subscription("ops@example.com").starts_with("must be written PROTOCOL=ENDPOINT"));
  CHECK(check_subscription("email=").starts_with("must be written PROTOCOL=ENDPOINT"));
  CHECK(check_subscription("email=nobody") == "needs an address of mail as its endpoint");
  CHECK(check_subscription("https=http://x") == "needs a URL of the protocol that it names");
  CHECK(check_subscription("sms=0301234567") == "needs a telephone number as +4930123456");
  CHECK(check_subscription("lambda=f") == "needs an ARN as its endpoint");
  CHECK(check_subscription("firehose=arn:aws:firehose:eu-west-1:123456789012:stream/s")
            .starts_with("needs two ARNs"));
  CHECK(check_subscription("email=a@b\x7f").starts_with("has an endpoint that is not printable"));
  CHECK(check_subscription("http=http://" + std::string(1020, 'x')).starts_with("has an endpoint"));
}

TEST_CASE("a suffix is a dash and what all names on AWS can hold", "[config][aws]") {
  CHECK(check_suffix("").empty());
  CHECK(check_suffix("-staging").empty());
  CHECK(check_suffix("-" + std::string(30, 'a')).empty());
  CHECK_FALSE(check_suffix("-" + std::string(31, 'a')).empty());
  CHECK_FALSE(check_suffix("-").empty());
  CHECK_FALSE(check_suffix("staging").empty());
  CHECK_FALSE(check_suffix("-a/b").empty());
}

TEST_CASE("servers and tools of alarms can be named in a rule and a dimension", "[config][aws]") {
  CHECK(check_alarm_subject("search").empty());
  CHECK(check_alarm_subject("$(x){y}").empty());
  CHECK_FALSE(check_alarm_subject("${x}").empty());
  CHECK_FALSE(check_alarm_subject("").empty());
  CHECK_FALSE(check_alarm_subject("a b").empty());
  CHECK_FALSE(check_alarm_subject("a\"b").empty());
  CHECK_FALSE(check_alarm_subject("a\tb").empty());
  CHECK_FALSE(check_alarm_subject("gr\xc3\xb6\xc3\x9f").empty());
  CHECK(check_server_tool("search/query").empty());
  CHECK(check_server_tool("search/a/b").empty());
  CHECK_FALSE(check_server_tool("search").empty());
  CHECK_FALSE(check_server_tool("/query").empty());
  CHECK_FALSE(check_server_tool("search/").empty());
}

TEST_CASE("an ARN has six parts", "[config][aws]") {
  CHECK(check_arn("arn:aws:sns:eu-west-1:123456789012:pager").empty());
  CHECK_FALSE(check_arn("arn:aws:sns").empty());
  CHECK_FALSE(check_arn("pager").empty());
  CHECK_FALSE(check_arn("arn:aws:sns:eu-west-1:123456789012:a b").empty());
}

}  // namespace
}  // namespace sonde::config
