#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "aws/policies.h"
#include "aws/template_parts_internal.h"

namespace sonde::aws {
namespace {

/// The permissions of one resource, as one statement.
struct Statement {
  std::string_view resource;
  std::vector<std::string_view> actions;
};

std::vector<Statement> statements(std::vector<Role> roles) {
  std::vector<Statement> out;
  for (const Permission& one : kPermissions) {
    if (std::ranges::find(roles, one.role) == roles.end()) continue;
    auto found = std::ranges::find(out, one.resource, &Statement::resource);
    if (found == out.end()) {
      out.push_back({.resource = one.resource, .actions = {}});
      found = out.end() - 1;
    }
    found->actions.push_back(one.action);
  }
  return out;
}

void append_statement(JsonWriter& json, const Statement& statement, bool agent) {
  json.begin_object().member("Effect", "Allow").key("Action").begin_array();
  for (const std::string_view action : statement.actions) json.string(action);
  json.end_array().key("Resource");
  if (statement.resource == kGroupArn && agent) {
    json.begin_array();
    append_text(json, kGroupArn);
    append_text(json, kAgentGroupArn);
    json.end_array();
  } else {
    append_text(json, statement.resource);
  }
  json.end_object();
}

Resource policy(std::string id, std::string_view description, const std::vector<Role>& roles,
                bool both_groups) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("Type", "AWS::IAM::ManagedPolicy").key("Properties").begin_object();
  json.member("Description", description).key("PolicyDocument").begin_object();
  json.member("Version", "2012-10-17").key("Statement").begin_array();
  for (const Statement& statement : statements(roles)) {
    append_statement(json, statement, both_groups);
  }
  json.end_array().end_object().end_object().end_object();
  return {.id = std::move(id), .json = std::move(text)};
}

}  // namespace

/// Without names of their own: those of policies are of the whole account, regions included.
Resources policy_resources(const Config& config) {
  const bool agent = log_groups(config).size() > 1;
  std::vector<Role> task = {Role::kTask};
  if (agent) task.push_back(Role::kAgent);
  Resources out;
  out.push_back(
      policy("ExecutionPolicy", "Write the log lines of the tap.", {Role::kExecution}, false));
  out.push_back(policy("TaskPolicy", "What the sidecars of the tap send.", task, false));
  out.push_back(policy("DeployerPolicy", "Change this stack, except for its policies.",
                       {Role::kDeployer}, agent));
  return out;
}

}  // namespace sonde::aws
