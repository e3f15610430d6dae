#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/program.h"
#include "aws/template.h"
#include "base/result.h"

namespace sonde::aws {

/// What is deployed, and where.
struct DeployOptions {
  std::string stack = "sonde-mcp";
  std::string region{};         ///< Empty: the AWS CLI's own.
  std::string template_file{};  ///< Exists, and holds `template_json`.
  std::string template_json{};
  std::string bucket{};                   ///< Of S3, for a template over kInlineBytesMax.
  std::vector<std::string> parameters{};  ///< "Suffix=-staging"
  std::string change_set{};               ///< Its name, new each time.
};

/// What a deployment sees of the world.
struct DeployWorld {
  RunProgram run;
  std::function<void(std::string_view text)> say;         ///< For the user, whole lines.
  std::function<bool(std::string_view question)> agrees;  ///< Asks; --yes always agrees.
};

enum class Deployed : std::uint8_t { kDone, kNothingToDo, kDeclined };

/// Makes a change set, shows it, asks, and carries it out.
///
/// Purpose.  Nothing changes before the user has seen what will: the change set is
/// CloudFormation's own preview.  One that is not carried out is deleted again.
/// Blocking.  Until the stack is done, which takes minutes.
/// Failure.  kInvalidInput: the options cannot be; nothing was run.  kUnavailable: the AWS
/// CLI is missing or refused, or the stack rolled back; the message names the resources
/// that failed, with their reasons.
Result<Deployed> deploy(const DeployOptions& options, const DeployWorld& world);

/// The commands that deploy() would run for a stack that is not there yet, in order.
Result<std::vector<CommandLine>> deploy_commands(const DeployOptions& options);

}  // namespace sonde::aws
