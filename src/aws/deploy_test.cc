#include "aws/deploy.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace sonde::aws {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr std::string_view kNoStack =
    "\nAn error occurred (ValidationError) when calling the DescribeStacks operation: Stack with "
    "id s does not exist\n";
constexpr std::string_view kChanges =
    R"({"Status":"CREATE_COMPLETE","Changes":[{"ResourceChange":{"Action":"Add",)"
    R"("LogicalResourceId":"Page","ResourceType":"AWS::CloudWatch::CompositeAlarm"}}]})";
constexpr std::string_view kEmpty =
    R"({"Status":"FAILED","StatusReason":"The submitted information didn't contain changes."})";

/// An AWS CLI whose CloudFormation has one stack.  It checks that commands come in an order
/// that the real one would take.
class FakeCli {
 public:
  std::string status;  ///< Of the stack; empty: there is none.
  std::string changes{kChanges};
  std::string events = "{}";
  bool rolls_back = false;
  std::map<std::string, Finished> says;  ///< Of a verb, instead of what it would.
  std::vector<CommandLine> ran;

  Result<Finished> run(const CommandLine& command) {
    REQUIRE(command.front() == "aws");
    ran.push_back(command);
    const std::string verb = command[2] == "wait" ? command[3] : command[2];
    if (const auto found = says.find(verb); found != says.end()) return found->second;
    return answer(verb);
  }

  std::vector<std::string> verbs() const {
    std::vector<std::string> all(ran.size());
    std::ranges::transform(ran, all.begin(), [](const CommandLine& command) {
      return command[2] == "wait" ? command[3] : command[2];
    });
    return all;
  }

  bool has_run(std::string_view verb) const {
    const auto all = verbs();
    return std::ranges::find(all, verb) != all.end();
  }

  const CommandLine& command(std::string_view verb) const {
    const auto all = verbs();
    const auto found = std::ranges::find(all, verb);
    REQUIRE(found != all.end());
    return ran[static_cast<std::size_t>(found - all.begin())];
  }

 private:
  Result<Finished> answer(const std::string& verb) {
    if (verb == "get-caller-identity") return ok(R"({"Account":"123456789012"})");
    if (verb == "describe-stacks") return describe();
    if (verb == "create-change-set") {
      change_set_ = true;
      if (status.empty()) status = "REVIEW_IN_PROGRESS";
      return ok("{}");
    }
    if (verb == "describe-change-set") {
      REQUIRE(change_set_);
      return ok(changes);
    }
    if (verb == "delete-change-set") change_set_ = false;
    if (verb == "execute-change-set") {
      REQUIRE(change_set_);
      status = rolls_back ? "ROLLBACK_COMPLETE" : "CREATE_COMPLETE";
    }
    if (verb == "describe-stack-events") return ok(events);
    if (verb.starts_with("stack-") && rolls_back) return bad("\nWaiter encountered a failure\n");
    return ok("");
  }

  Result<Finished> describe() const {
    if (status.empty()) return bad(std::string(kNoStack));
    return ok(R"({"Stacks":[{"StackStatus":")" + status +
              R"(","Parameters":[{"ParameterKey":"Suffix"}],)"
              R"("Outputs":[{"OutputKey":"Dashboard","OutputValue":"MCP"}]}]})");
  }

  static Finished ok(std::string out) { return {.exit_code = 0, .out = std::move(out), .err = {}}; }
  static Finished bad(std::string err) {
    return {.exit_code = 254, .out = {}, .err = std::move(err)};
  }

  bool change_set_ = false;
};

struct Scene {
  FakeCli cli;
  DeployOptions options{.stack = "s",
                        .region = "eu-central-1",
                        .template_file = "/tmp/t.json",
                        .template_json = R"({"Parameters":{"Suffix":{},"Mail":{}}})",
                        .change_set = "sonde-1"};
  bool agrees = true;
  std::string said;

  Result<Deployed> deploy() {
    return aws::deploy(options,
                       {.run = [this](const CommandLine& command) { return cli.run(command); },
                        .say = [this](std::string_view text) { said += text; },
                        .agrees = [this](std::string_view) { return agrees; }});
  }
};

bool has_words(const CommandLine& command, std::string_view name, std::string_view value) {
  const auto found = std::ranges::find(command, name);
  return found != command.end() && found + 1 != command.end() && *(found + 1) == value;
}

TEST_CASE("a stack is made from a change set that was shown", "[aws][deploy]") {
  Scene scene;
  const auto deployed = scene.deploy();
  REQUIRE(deployed);
  CHECK(*deployed == Deployed::kDone);
  CHECK(scene.cli.verbs() ==
        std::vector<std::string>{"get-caller-identity", "describe-stacks", "create-change-set",
                                 "change-set-create-complete", "describe-change-set",
                                 "execute-change-set", "stack-create-complete", "describe-stacks"});
  const CommandLine& create = scene.cli.command("create-change-set");
  CHECK(has_words(create, "--change-set-type", "CREATE"));
  CHECK(has_words(create, "--template-body", "file:///tmp/t.json"));
  CHECK(has_words(create, "--capabilities", "CAPABILITY_NAMED_IAM"));
  CHECK(has_words(create, "--region", "eu-central-1"));
  CHECK_THAT(scene.said, ContainsSubstring("account 123456789012"));
  CHECK_THAT(scene.said, ContainsSubstring("Add Page (AWS::CloudWatch::CompositeAlarm)"));
  CHECK_THAT(scene.said, ContainsSubstring("Dashboard: MCP"));
}

TEST_CASE("parameters that an update does not name stay as they are", "[aws][deploy]") {
  Scene scene;
  scene.cli.status = "CREATE_COMPLETE";
  scene.options.parameters = {"Mail=a@example.com"};
  REQUIRE(scene.deploy());
  const CommandLine& create = scene.cli.command("create-change-set");
  CHECK(has_words(create, "--change-set-type", "UPDATE"));
  CHECK(has_words(create, "--parameters",
                  R"([{"ParameterKey":"Mail","ParameterValue":"a@example.com"},)"
                  R"({"ParameterKey":"Suffix","UsePreviousValue":true}])"));
  CHECK(scene.cli.has_run("stack-update-complete"));
}

TEST_CASE("who declines changes nothing, and deletes no stack", "[aws][deploy]") {
  Scene scene;
  scene.agrees = false;
  const auto deployed = scene.deploy();
  REQUIRE(deployed);
  CHECK(*deployed == Deployed::kDeclined);
  CHECK_FALSE(scene.cli.has_run("execute-change-set"));
  CHECK(scene.cli.has_run("delete-change-set"));
  CHECK(scene.cli.status == "REVIEW_IN_PROGRESS");
  // And the next time it goes on from there.
  scene.agrees = true;
  REQUIRE(scene.deploy());
  CHECK(scene.cli.status == "CREATE_COMPLETE");
}

TEST_CASE("an empty change set is no failure", "[aws][deploy]") {
  Scene scene;
  scene.cli.status = "CREATE_COMPLETE";
  scene.cli.changes = kEmpty;
  const auto deployed = scene.deploy();
  REQUIRE(deployed);
  CHECK(*deployed == Deployed::kNothingToDo);
  CHECK(scene.cli.has_run("delete-change-set"));
}

TEST_CASE("nor is a change set that is refused for being empty", "[aws][deploy]") {
  Scene scene;
  scene.cli.status = "CREATE_COMPLETE";
  scene.cli.says["create-change-set"] = {
      .exit_code = 254,
      .out = {},
      .err =
          "An error occurred (ValidationError) when calling the CreateChangeSet operation: No "
          "updates are to be performed."};
  const auto deployed = scene.deploy();
  REQUIRE(deployed);
  CHECK(*deployed == Deployed::kNothingToDo);
}

TEST_CASE("a template that CloudFormation refuses is told with its reason", "[aws][deploy]") {
  Scene scene;
  scene.cli.changes = R"({"Status":"FAILED","StatusReason":"Unresolved resource dependencies"})";
  const auto deployed = scene.deploy();
  REQUIRE_FALSE(deployed);
  CHECK_THAT(deployed.error().message(), ContainsSubstring("Unresolved resource dependencies"));
  CHECK(scene.cli.has_run("delete-change-set"));
}

TEST_CASE("a rollback is told with the resources that failed", "[aws][deploy]") {
  Scene scene;
  scene.cli.rolls_back = true;
  scene.cli.events =
      R"({"StackEvents":[{"ResourceType":"AWS::Logs::LogGroup","ResourceStatus":"CREATE_FAILED",)"
      R"("LogicalResourceId":"Logs","ResourceStatusReason":"already exists"}]})";
  const auto deployed = scene.deploy();
  REQUIRE_FALSE(deployed);
  CHECK_THAT(deployed.error().message(),
             ContainsSubstring("Logs (AWS::Logs::LogGroup): already exists"));
}

TEST_CASE("without credentials nothing is tried", "[aws][deploy]") {
  Scene scene;
  scene.cli.says["get-caller-identity"] = {
      .exit_code = 253, .out = {}, .err = "Unable to locate credentials."};
  const auto deployed = scene.deploy();
  REQUIRE_FALSE(deployed);
  CHECK_THAT(deployed.error().message(), ContainsSubstring("AWS_PROFILE"));
  CHECK(scene.cli.ran.size() == 1);
}

TEST_CASE("without the AWS CLI it is told how to get it", "[aws][deploy]") {
  const DeployOptions options{.template_file = "t", .template_json = "{}", .change_set = "c"};
  const auto deployed = deploy(options, {.run = [](const CommandLine&) -> Result<Finished> {
                                           return fail(Errc::kUnavailable, "aws: No such file");
                                         },
                                         .say = [](std::string_view) {},
                                         .agrees = [](std::string_view) { return true; }});
  REQUIRE_FALSE(deployed);
  CHECK_THAT(deployed.error().message(), ContainsSubstring("awscli"));
}

TEST_CASE("a large template goes through a bucket", "[aws][deploy]") {
  Scene scene;
  scene.options.template_json.append(kInlineBytesMax, ' ');
  const auto refused = scene.deploy();
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().message(), ContainsSubstring("--s3-bucket"));
  CHECK(scene.cli.ran.empty());
  scene.options.bucket = "mine";
  REQUIRE(scene.deploy());
  CHECK(scene.cli.ran[2][1] == "s3");
  CHECK(has_words(scene.cli.command("create-change-set"), "--template-url",
                  "https://mine.s3.amazonaws.com/s/sonde-1.json"));
}

TEST_CASE("a parameter without a value is refused before anything runs", "[aws][deploy]") {
  Scene scene;
  scene.options.parameters = {"Suffix"};
  CHECK_FALSE(scene.deploy());
  CHECK(scene.cli.ran.empty());
}

TEST_CASE("a dry run names the commands in order", "[aws][deploy]") {
  const Scene scene;
  const auto commands = deploy_commands(scene.options);
  REQUIRE(commands);
  REQUIRE(commands->size() == 7);
  CHECK(shell_text(commands->at(2)) ==
        "aws cloudformation create-change-set --stack-name s --region eu-central-1 --output json "
        "--change-set-name sonde-1 --change-set-type CREATE --capabilities CAPABILITY_NAMED_IAM "
        "--template-body file:///tmp/t.json");
}

TEST_CASE("a program's outputs and exit code are kept apart", "[aws][program]") {
  const auto done = run_program({"/bin/sh", "-c", "echo out; echo err >&2; read x; exit 3"});
  REQUIRE(done);
  CHECK(done->exit_code == 3);
  CHECK(done->out == "out\n");
  CHECK(done->err == "err\n");
  CHECK(run_program({"/bin/sh", "-c", "kill -TERM $$"})->exit_code == 128 + 15);
  CHECK_FALSE(run_program({"no-such-program-at-all"}));
}

TEST_CASE("a program may write more than a pipe holds on either output", "[aws][program]") {
  const auto done =
      run_program({"/bin/sh", "-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"});
  REQUIRE(done);
  CHECK(done->out.size() == 300'000);
  CHECK(done->err.size() == 300'000);
}

TEST_CASE("a command is shown as a shell reads it", "[aws][program]") {
  CHECK(shell_text({"aws", "a b", "it's", ""}) == "aws 'a b' 'it'\\''s' ''");
}

}  // namespace
}  // namespace sonde::aws
