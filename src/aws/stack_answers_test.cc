#include "aws/stack_answers.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

namespace sonde::aws {
namespace {

using Catch::Matchers::ContainsSubstring;

TEST_CASE("what is there decides whether a stack is made or changed", "[aws][deploy]") {
  CHECK(change_type("s", "").value() == ChangeType::kCreate);
  CHECK(change_type("s", "REVIEW_IN_PROGRESS").value() == ChangeType::kCreate);
  CHECK(change_type("s", "DELETE_COMPLETE").value() == ChangeType::kCreate);
  CHECK(change_type("s", "CREATE_COMPLETE").value() == ChangeType::kUpdate);
  CHECK(change_type("s", "UPDATE_ROLLBACK_COMPLETE").value() == ChangeType::kUpdate);
}

TEST_CASE("a stack that cannot be changed now says what to do first", "[aws][deploy]") {
  CHECK_THAT(change_type("s", "ROLLBACK_COMPLETE").error().message(),
             ContainsSubstring("delete-stack --stack-name s"));
  CHECK_THAT(change_type("s", "UPDATE_ROLLBACK_FAILED").error().message(),
             ContainsSubstring("continue-update-rollback"));
  CHECK_THAT(change_type("s", "UPDATE_IN_PROGRESS").error().message(), ContainsSubstring("wait"));
}

TEST_CASE("a stack's status, parameters and outputs are read", "[aws][deploy]") {
  const auto stack = read_stack(R"({"Stacks":[{"StackStatus":"CREATE_COMPLETE",
      "Parameters":[{"ParameterKey":"Suffix","ParameterValue":"-a"}],
      "Outputs":[{"OutputKey":"Dashboard","OutputValue":"x"}]}]})");
  REQUIRE(stack);
  CHECK(stack->status == "CREATE_COMPLETE");
  CHECK(stack->parameters == std::vector<std::string>{"Suffix"});
  CHECK(stack->outputs.front().second == "x");
  const auto bad = GENERATE("", "{}", R"({"Stacks":[]})", R"({"Stacks":[{}]})", "no JSON");
  CHECK_FALSE(read_stack(bad));
}

TEST_CASE("a change set's changes are read, and what is made anew is marked", "[aws][deploy]") {
  const auto set = read_change_set(R"({"Status":"CREATE_COMPLETE","Changes":[
      {"Type":"Resource","ResourceChange":{"Action":"Add","LogicalResourceId":"Page",
       "ResourceType":"AWS::CloudWatch::CompositeAlarm"}},
      {"Type":"Resource","ResourceChange":{"Action":"Modify","LogicalResourceId":"Logs",
       "ResourceType":"AWS::Logs::LogGroup","Replacement":"True"}}]})");
  REQUIRE(set);
  REQUIRE(set->changes.size() == 2);
  CHECK(set->changes[0].action == "Add");
  CHECK_FALSE(set->changes[0].replaces);
  CHECK(set->changes[1].id == "Logs");
  CHECK(set->changes[1].replaces);
  CHECK_FALSE(is_empty(*set));
}

TEST_CASE("a change set that failed for being empty is told from one that failed",
          "[aws][deploy]") {
  CHECK(is_empty({.status = "FAILED",
                  .reason = "The submitted information didn't contain changes. Submit different "
                            "information to create a change set.",
                  .changes = {}}));
  CHECK(is_empty({.status = "FAILED", .reason = "No updates are to be performed.", .changes = {}}));
  CHECK_FALSE(is_empty({.status = "FAILED", .reason = "Template error", .changes = {}}));
}

TEST_CASE("of a rollback the causes are told, the first one first", "[aws][deploy]") {
  const auto failed = failed_resources(R"({"StackEvents":[
      {"ResourceType":"AWS::CloudFormation::Stack","ResourceStatus":"ROLLBACK_COMPLETE","LogicalResourceId":"s"},
      {"ResourceType":"AWS::SNS::Topic","ResourceStatus":"CREATE_FAILED","LogicalResourceId":"Second","ResourceStatusReason":"late"},
      {"ResourceType":"AWS::CloudWatch::Alarm","ResourceStatus":"CREATE_FAILED","LogicalResourceId":"Other","ResourceStatusReason":"Resource creation cancelled"},
      {"ResourceType":"AWS::Logs::LogGroup","ResourceStatus":"CREATE_FAILED","LogicalResourceId":"Logs","ResourceStatusReason":"already exists"},
      {"ResourceType":"AWS::CloudFormation::Stack","ResourceStatus":"CREATE_IN_PROGRESS","LogicalResourceId":"s"},
      {"ResourceType":"AWS::IAM::Role","ResourceStatus":"CREATE_FAILED","LogicalResourceId":"Old","ResourceStatusReason":"of another day"}]})");
  REQUIRE(failed);
  CHECK(*failed == std::vector<std::string>{"Logs (AWS::Logs::LogGroup): already exists",
                                            "Second (AWS::SNS::Topic): late"});
  CHECK_FALSE(failed_resources("{}"));
}

TEST_CASE("what the AWS CLI complains of becomes what to do", "[aws][deploy]") {
  CHECK_THAT(cli_complaint("\nUnable to locate credentials. You can configure credentials by "
                           "running \"aws configure\".\n"),
             ContainsSubstring("AWS_PROFILE"));
  CHECK_THAT(cli_complaint("You must specify a region."), ContainsSubstring("--region"));
  CHECK_THAT(cli_complaint("\nAn error occurred (ExpiredToken) when calling the X operation: …"),
             ContainsSubstring("aws sso login"));
  CHECK_THAT(cli_complaint("\nAn error occurred (AccessDenied) when calling the CreateChangeSet "
                           "operation: User: a is not authorized\n"),
             ContainsSubstring("deployer policy"));
  CHECK(cli_complaint("\n\x1b[31mbad\x1b[0m\nmore\n").find('\x1b') == std::string::npos);
  CHECK(cli_complaint("\nsomething new\nmore\n") == "something new");
  CHECK(cli_complaint("") == "it said nothing");
}

TEST_CASE("the parameters of a template are found", "[aws][deploy]") {
  CHECK(template_parameters(R"({"Parameters":{"Suffix":{"Type":"String"},"Mail":{}}})") ==
        std::vector<std::string>{"Suffix", "Mail"});
  CHECK(template_parameters("{}").empty());
}

}  // namespace
}  // namespace sonde::aws
