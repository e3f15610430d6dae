#include "aws/deploy.h"

#include <algorithm>
#include <utility>

#include "aws/stack_answers.h"
#include "base/json_writer.h"
#include "base/printable.h"

namespace sonde::aws {
namespace {

std::string_view word_of(ChangeType type) {
  return type == ChangeType::kCreate ? "CREATE" : "UPDATE";
}

Result<std::pair<std::string, std::string>> split_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return fail(Errc::kInvalidInput, '`' + printable(text, 64) +
                                         "` is no parameter; write KEY=VALUE, as Suffix=-staging");
  }
  return std::pair(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
}

/// The commands of one deployment.
class Commands {
 public:
  explicit Commands(const DeployOptions& options) : options_(options) {}

  CommandLine who() const { return command({"sts", "get-caller-identity"}); }
  CommandLine upload() const {
    return command({"s3", "cp", "--only-show-errors", options_.template_file,
                    "s3://" + options_.bucket + '/' + key()});
  }
  CommandLine stack() const { return of_stack("describe-stacks"); }
  CommandLine create(ChangeType type, const std::string& parameters) const {
    CommandLine line = of_change_set("create-change-set");
    line.insert(line.end(), {"--change-set-type", std::string(word_of(type)), "--capabilities",
                             "CAPABILITY_NAMED_IAM"});
    if (options_.bucket.empty()) {
      line.insert(line.end(), {"--template-body", "file://" + options_.template_file});
    } else {
      line.insert(line.end(),
                  {"--template-url", "https://" + options_.bucket + ".s3.amazonaws.com/" + key()});
    }
    if (parameters != "[]") line.insert(line.end(), {"--parameters", parameters});
    return line;
  }
  CommandLine wait_created() const { return of_change_set("wait", "change-set-create-complete"); }
  CommandLine changes() const { return of_change_set("describe-change-set"); }
  CommandLine execute() const { return of_change_set("execute-change-set"); }
  CommandLine forget() const { return of_change_set("delete-change-set"); }
  CommandLine wait_done(ChangeType type) const {
    return of_stack(
        "wait", type == ChangeType::kCreate ? "stack-create-complete" : "stack-update-complete");
  }
  CommandLine events() const { return of_stack("describe-stack-events"); }

 private:
  std::string key() const { return options_.stack + '/' + options_.change_set + ".json"; }

  CommandLine command(CommandLine words) const {
    words.insert(words.begin(), "aws");
    if (!options_.region.empty()) words.insert(words.end(), {"--region", options_.region});
    words.insert(words.end(), {"--output", "json"});
    return words;
  }
  CommandLine of_stack(std::string verb, std::string what = {}) const {
    CommandLine words{"cloudformation", std::move(verb)};
    if (!what.empty()) words.push_back(std::move(what));
    words.insert(words.end(), {"--stack-name", options_.stack});
    return command(std::move(words));
  }
  CommandLine of_change_set(std::string verb, std::string what = {}) const {
    CommandLine line = of_stack(std::move(verb), std::move(what));
    line.insert(line.end(), {"--change-set-name", options_.change_set});
    return line;
  }

  const DeployOptions& options_;
};

Status check(const DeployOptions& options) {
  if (options.template_json.size() > kInlineBytesMax && options.bucket.empty()) {
    return fail(Errc::kInvalidInput,
                "the template has " + std::to_string(options.template_json.size()) +
                    " bytes, and CloudFormation takes 51200 on the command line; give --s3-bucket "
                    "with a bucket of yours");
  }
  for (const std::string& parameter : options.parameters) {
    if (auto split = split_parameter(parameter); !split) return fail(split.error());
  }
  return {};
}

/// The `--parameters` of a change set.  What an update does not name stays as it is.
std::string parameters_json(const DeployOptions& options, const std::vector<std::string>& before) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  std::vector<std::string> given;
  for (const std::string& parameter : options.parameters) {
    const auto [key, value] = *split_parameter(parameter);
    json.begin_object().member("ParameterKey", key).member("ParameterValue", value).end_object();
    given.push_back(key);
  }
  for (const std::string& key : template_parameters(options.template_json)) {
    if (std::ranges::find(before, key) == before.end()) continue;
    if (std::ranges::find(given, key) != given.end()) continue;
    json.begin_object().member("ParameterKey", key);
    json.key("UsePreviousValue").boolean(true).end_object();
  }
  json.end_array();
  return out;
}

class Deployment {
 public:
  Deployment(const DeployOptions& options, const DeployWorld& world)
      : options_(options), world_(world), commands_(options) {}

  Result<Deployed> run() {
    SONDE_RETURN_IF_ERROR(show_account());
    SONDE_RETURN_IF_ERROR(look_at_stack());
    if (!options_.bucket.empty()) SONDE_RETURN_IF_ERROR(done(commands_.upload()));
    const auto created = answer(commands_.create(type_, parameters_json(options_, before_)));
    // CloudFormation says so of the change set, others already when it is made.
    if (!created && says_nothing_to_do(created.error().message())) return nothing_to_do();
    if (!created) return fail(created.error());
    auto changes = wait_for_changes();
    if (!changes) {
      forget();
      return fail(std::move(changes).error());
    }
    if (is_empty(*changes)) {
      forget();
      return nothing_to_do();
    }
    show(*changes);
    if (!world_.agrees("carry this out?")) {
      forget();
      return Deployed::kDeclined;
    }
    SONDE_RETURN_IF_ERROR(carry_out());
    return Deployed::kDone;
  }

 private:
  /// Its stdout; fails with what it complained of.
  Result<std::string> answer(const CommandLine& command) {
    auto finished = world_.run(command);
    if (!finished) {
      return fail(Errc::kUnavailable,
                  "the AWS CLI cannot be run (" + finished.error().message() +
                      "); install it (package awscli), or deploy what `sonde aws template` "
                      "writes in another way");
    }
    if (finished->exit_code == 0) return std::move(finished->out);
    return fail(Errc::kUnavailable,
                "aws " + command[1] + ' ' + command[2] + ": " + cli_complaint(finished->err));
  }

  Status done(const CommandLine& command) {
    auto result = answer(command);
    if (!result) return fail(std::move(result).error());
    return {};
  }

  Deployed nothing_to_do() const {
    world_.say("nothing to change: the stack is what the template says\n");
    return Deployed::kNothingToDo;
  }

  Status show_account() {
    const auto who = answer(commands_.who());
    if (!who) return fail(who.error());
    world_.say("account " + printable(read_account(*who), 64) + ", stack " + options_.stack + '\n');
    return {};
  }

  Status look_at_stack() {
    const auto finished = world_.run(commands_.stack());
    if (finished && finished->exit_code != 0 &&
        finished->err.find("does not exist") != std::string::npos) {
      type_ = ChangeType::kCreate;
      return {};
    }
    const auto json = finished && finished->exit_code == 0 ? Result<std::string>(finished->out)
                                                           : answer(commands_.stack());
    if (!json) return fail(json.error());
    const auto stack = read_stack(*json);
    if (!stack) return fail(stack.error());
    const auto type = change_type(options_.stack, stack->status);
    if (!type) return fail(type.error());
    type_ = *type;
    before_ = stack->parameters;
    return {};
  }

  /// The waiter fails for an empty change set too, so what it says does not count.
  Result<ChangeSet> wait_for_changes() {
    (void)world_.run(commands_.wait_created());
    const auto json = answer(commands_.changes());
    if (!json) return fail(json.error());
    auto changes = read_change_set(*json);
    if (!changes || changes->status == "CREATE_COMPLETE" || is_empty(*changes)) return changes;
    return fail(Errc::kUnavailable,
                "CloudFormation refused the template: " +
                    printable(changes->reason.empty() ? changes->status : changes->reason));
  }

  void show(const ChangeSet& changes) {
    for (const Change& change : changes.changes) {
      world_.say("  " + change.action + ' ' + printable(change.id, 255) + " (" + change.type +
                 (change.replaces ? ", made anew" : "") + ")\n");
    }
    world_.say(std::to_string(changes.changes.size()) + " changes\n");
  }

  /// A change set that nobody wants.  The empty stack that it leaves, if there was none, is
  /// not deleted: somebody may have filled it meanwhile, and it is in nobody's way.
  void forget() { (void)world_.run(commands_.forget()); }

  Status carry_out() {
    SONDE_RETURN_IF_ERROR(done(commands_.execute()));
    const auto waited = answer(commands_.wait_done(type_));
    if (!waited) return fail(Errc::kUnavailable, why_failed(waited.error().message()));
    const auto json = answer(commands_.stack());
    if (!json) return fail(json.error());
    const auto stack = read_stack(*json);
    if (!stack) return fail(stack.error());
    world_.say("stack " + options_.stack + ": " + stack->status + '\n');
    for (const auto& [key, value] : stack->outputs) {
      world_.say("  " + printable(key) + ": " + printable(value) + '\n');
    }
    return {};
  }

  std::string why_failed(const std::string& complaint) {
    std::string text = "stack " + options_.stack + " was not deployed: ";
    const auto json = answer(commands_.events());
    const auto failed = json ? failed_resources(*json) : fail(json.error());
    if (!failed || failed->empty()) return text + complaint;
    for (const std::string& one : *failed) text += "\n  " + one;
    return text;
  }

  const DeployOptions& options_;
  const DeployWorld& world_;
  const Commands commands_;
  ChangeType type_ = ChangeType::kCreate;
  std::vector<std::string> before_;
};

}  // namespace

Result<Deployed> deploy(const DeployOptions& options, const DeployWorld& world) {
  SONDE_RETURN_IF_ERROR(check(options));
  return Deployment(options, world).run();
}

Result<std::vector<CommandLine>> deploy_commands(const DeployOptions& options) {
  SONDE_RETURN_IF_ERROR(check(options));
  const Commands commands(options);
  std::vector<CommandLine> all{commands.who(), commands.stack()};
  if (!options.bucket.empty()) all.push_back(commands.upload());
  all.push_back(commands.create(ChangeType::kCreate, parameters_json(options, {})));
  all.push_back(commands.wait_created());
  all.push_back(commands.changes());
  all.push_back(commands.execute());
  all.push_back(commands.wait_done(ChangeType::kCreate));
  return all;
}

}  // namespace sonde::aws
