#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sonde::aws {

/// What the AWS CLI answers about a CloudFormation stack, read from its JSON.

/// Whether a change set is of type CREATE or UPDATE.  `status` is empty if there is no such
/// stack.  Fails where no change can be made now, and says what to do first.
enum class ChangeType : std::uint8_t { kCreate, kUpdate };
Result<ChangeType> change_type(std::string_view stack, std::string_view status);

/// The answer of `sts get-caller-identity`: the account's number, empty if there is none.
std::string read_account(std::string_view json);

struct Stack {
  std::string status;
  std::vector<std::string> parameters;  ///< Their keys.
  std::vector<std::pair<std::string, std::string>> outputs;
};
/// The answer of `describe-stacks` for one stack.
Result<Stack> read_stack(std::string_view json);

struct Change {
  std::string action;  ///< "Add", "Modify", "Remove"
  std::string id;      ///< Of the resource in the template.
  std::string type;
  bool replaces = false;  ///< The resource is made anew, its history lost.
};
struct ChangeSet {
  std::string status;
  std::string reason;
  std::vector<Change> changes;
};
/// The answer of `describe-change-set`.
Result<ChangeSet> read_change_set(std::string_view json);

/// Whether a reason for a failure is that there is nothing to change.
bool says_nothing_to_do(std::string_view reason);

/// Whether a change set failed for having nothing in it.
bool is_empty(const ChangeSet& changes);

/// What failed in the latest operation: "MetricsBoard (AWS::CloudWatch::Dashboard): reason".
/// The answer of `describe-stack-events`, newest first.
Result<std::vector<std::string>> failed_resources(std::string_view json);

/// Keys of `Parameters` of a template, JSON.
std::vector<std::string> template_parameters(std::string_view json);

/// One line that says what the AWS CLI complained of on stderr, and what to do.
std::string cli_complaint(std::string_view err);

}  // namespace sonde::aws
