#include "aws/stack_answers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_reader.h"
#include "base/printable.h"

namespace sonde::aws {
namespace {

constexpr std::size_t kShownMax = 400;  ///< Characters of a reason.

std::string text(std::string_view object, std::string_view key) {
  const auto member = find_member(object, key);
  return member ? json_string(*member).value_or("") : std::string();
}

std::unexpected<Error> unread(std::string_view command) {
  return fail(Errc::kInternal,
              "the AWS CLI's answer to " + std::string(command) + " is not what it should be");
}

/// Calls `take` with every element of an array that is a member; false if it is none.
template <class Take>
bool each(std::string_view object, std::string_view key, const Take& take) {
  const auto member = find_member(object, key);
  if (!member) return false;
  JsonElements elements(*member);
  while (elements.next()) take(elements.value());
  return elements.ok();
}

struct Complaint {
  std::string_view sign;
  std::string_view meaning;
};

constexpr std::array kComplaints = std::to_array<Complaint>({
    {"Unable to locate credentials",
     "there are no credentials for AWS; set AWS_PROFILE, or run `aws configure` or `aws sso "
     "login`"},
    {"could not be found",  // "The config profile (x) could not be found"
     "there is no such profile; `aws configure list-profiles` shows them"},
    {"ExpiredToken",
     "the credentials for AWS have expired; run `aws sso login`, or fetch new ones"},
    {"Token has expired",
     "the credentials for AWS have expired; run `aws sso login`, or fetch new ones"},
    {"InvalidClientTokenId", "AWS does not know these credentials; check AWS_PROFILE"},
    {"You must specify a region", "no region is set; give --region, or set AWS_REGION"},
    {"Could not connect to the endpoint",
     "AWS cannot be reached; check the network, the region and AWS_ENDPOINT_URL"},
});

std::string_view first_line(std::string_view text_lines) {
  while (!text_lines.empty() && (text_lines.front() == '\n' || text_lines.front() == ' ')) {
    text_lines.remove_prefix(1);
  }
  return text_lines.substr(0, text_lines.find('\n'));
}

bool is_failure(std::string_view status) { return status.ends_with("_FAILED"); }

/// Where the latest operation of the stack itself began.
bool begins_operation(std::string_view event) {
  if (text(event, "ResourceType") != "AWS::CloudFormation::Stack") return false;
  const std::string status = text(event, "ResourceStatus");
  return status == "CREATE_IN_PROGRESS" || status == "UPDATE_IN_PROGRESS";
}

}  // namespace

Result<ChangeType> change_type(std::string_view stack, std::string_view status) {
  const std::string name(stack);
  if (status.empty() || status == "REVIEW_IN_PROGRESS" || status == "DELETE_COMPLETE") {
    return ChangeType::kCreate;
  }
  if (status == "ROLLBACK_COMPLETE" || status == "ROLLBACK_FAILED" || status == "CREATE_FAILED" ||
      status == "DELETE_FAILED") {
    return fail(Errc::kUnavailable, "stack " + name + " is in " + std::string(status) +
                                        ", from which it can only be deleted; run `aws "
                                        "cloudformation delete-stack --stack-name " +
                                        name + "`, then try again");
  }
  if (status == "UPDATE_ROLLBACK_FAILED") {
    return fail(Errc::kUnavailable, "stack " + name +
                                        " is in UPDATE_ROLLBACK_FAILED; run `aws cloudformation "
                                        "continue-update-rollback --stack-name " +
                                        name + "`, then try again");
  }
  if (status.ends_with("_IN_PROGRESS")) {
    return fail(Errc::kUnavailable, "stack " + name + " is in " + std::string(status) +
                                        ": something changes it already; wait until it is done");
  }
  return ChangeType::kUpdate;
}

std::string read_account(std::string_view json) { return text(json, "Account"); }

Result<Stack> read_stack(std::string_view json) {
  Stack stack;
  const bool read = each(json, "Stacks", [&](std::string_view one) {
    stack.status = text(one, "StackStatus");
    each(one, "Parameters", [&](std::string_view parameter) {
      stack.parameters.push_back(text(parameter, "ParameterKey"));
    });
    each(one, "Outputs", [&](std::string_view output) {
      stack.outputs.emplace_back(text(output, "OutputKey"), text(output, "OutputValue"));
    });
  });
  if (!read || stack.status.empty()) return unread("describe-stacks");
  return stack;
}

Result<ChangeSet> read_change_set(std::string_view json) {
  ChangeSet set{
      .status = text(json, "Status"), .reason = text(json, "StatusReason"), .changes = {}};
  if (set.status.empty()) return unread("describe-change-set");
  each(json, "Changes", [&](std::string_view one) {
    const auto resource = find_member(one, "ResourceChange");
    if (!resource) return;
    set.changes.push_back({.action = text(*resource, "Action"),
                           .id = text(*resource, "LogicalResourceId"),
                           .type = text(*resource, "ResourceType"),
                           .replaces = text(*resource, "Replacement") == "True"});
  });
  return set;
}

bool says_nothing_to_do(std::string_view reason) {
  return reason.contains("didn't contain changes") ||
         reason.contains("No updates are to be performed");
}

bool is_empty(const ChangeSet& changes) {
  return changes.status == "FAILED" && says_nothing_to_do(changes.reason);
}

Result<std::vector<std::string>> failed_resources(std::string_view json) {
  std::vector<std::string> failed;
  bool over = false;
  const bool read = each(json, "StackEvents", [&](std::string_view event) {
    if (over) return;
    if (is_failure(text(event, "ResourceStatus"))) {
      const std::string reason = text(event, "ResourceStatusReason");
      // What was under way when something else failed is no cause.
      if (reason.find("cancelled") == std::string::npos) {
        failed.push_back(printable(
            text(event, "LogicalResourceId") + " (" + text(event, "ResourceType") + "): " + reason,
            kShownMax));
      }
    }
    over = begins_operation(event);
  });
  if (!read) return unread("describe-stack-events");
  std::ranges::reverse(failed);  // What failed first is the cause of the rest.
  return failed;
}

std::vector<std::string> template_parameters(std::string_view json) {
  std::vector<std::string> keys;
  const auto parameters = find_member(json, "Parameters");
  if (!parameters) return keys;
  JsonMembers members(*parameters);
  while (members.next()) keys.emplace_back(members.key());
  return keys;
}

std::string cli_complaint(std::string_view err) {
  for (const Complaint& one : kComplaints) {
    if (err.find(one.sign) != std::string_view::npos) return std::string(one.meaning);
  }
  const std::string line = printable(first_line(err), kShownMax);
  if (err.find("AccessDenied") != std::string_view::npos ||
      err.find("is not authorized") != std::string_view::npos) {
    return line + "; the template's deployer policy lists what is needed";
  }
  return line.empty() ? "it said nothing" : line;
}

}  // namespace sonde::aws
