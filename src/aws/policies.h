#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sonde::aws {

/// Who needs a permission.
enum class Role : std::uint8_t {
  kExecution,  ///< The task's execution role: its log driver writes the lines of the tap.
  kTask,       ///< The task's own role, of the sidecars.
  kAgent,      ///< Likewise, if metric lines go to an agent (emf.agent_endpoint).
  kDeployer,   ///< Who runs `sonde aws deploy`.
};

struct Permission {
  Role role{};
  std::string_view action;
  std::string_view resource;  ///< For Fn::Sub.
};

inline constexpr std::string_view kStackArn =
    "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/"
    "${AWS::StackName}/*";
inline constexpr std::string_view kAlarmArn =
    "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:MCP-*";
inline constexpr std::string_view kDashboardArn =
    "arn:${AWS::Partition}:cloudwatch::${AWS::AccountId}:dashboard/"
    "mcp-${AWS::Region}${Suffix}";
inline constexpr std::string_view kTopicArn =
    "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:mcp-*${Suffix}";
/// With its streams.  For the deployer, that of the agent too.
inline constexpr std::string_view kGroupArn =
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${LogGroup}:*";
inline constexpr std::string_view kAgentGroupArn =
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${AgentLogGroup}:*";

/// Every permission, each needed by something: tests/interop/test_aws_template.py takes them
/// away one by one.  "*" stands where the action knows no resource, or CloudWatch wants no
/// narrower scope (PutCompositeAlarm).
///
/// No action of IAM: whoever could change these policies could give himself any permission,
/// so a change of the policies is deployed by an administrator.
inline constexpr std::array kPermissions = std::to_array<Permission>({
    {Role::kExecution, "logs:CreateLogStream", kGroupArn},
    {Role::kExecution, "logs:PutLogEvents", kGroupArn},

    {Role::kTask, "xray:PutTraceSegments", "*"},
    {Role::kAgent, "logs:CreateLogStream", kAgentGroupArn},
    {Role::kAgent, "logs:PutLogEvents", kAgentGroupArn},

    {Role::kDeployer, "cloudformation:CreateChangeSet", kStackArn},
    {Role::kDeployer, "cloudformation:DescribeChangeSet", kStackArn},
    {Role::kDeployer, "cloudformation:ExecuteChangeSet", kStackArn},
    {Role::kDeployer, "cloudformation:DeleteChangeSet", kStackArn},
    {Role::kDeployer, "cloudformation:DescribeStacks", kStackArn},
    {Role::kDeployer, "cloudformation:DescribeStackEvents", kStackArn},
    {Role::kDeployer, "cloudwatch:PutMetricAlarm", kAlarmArn},
    {Role::kDeployer, "cloudwatch:DeleteAlarms", kAlarmArn},
    {Role::kDeployer, "cloudwatch:PutCompositeAlarm", "*"},
    {Role::kDeployer, "cloudwatch:DescribeAlarms", "*"},
    {Role::kDeployer, "cloudwatch:PutDashboard", kDashboardArn},
    {Role::kDeployer, "cloudwatch:GetDashboard", kDashboardArn},
    {Role::kDeployer, "cloudwatch:DeleteDashboards", kDashboardArn},
    {Role::kDeployer, "sns:CreateTopic", kTopicArn},
    {Role::kDeployer, "sns:DeleteTopic", kTopicArn},
    {Role::kDeployer, "sns:GetTopicAttributes", kTopicArn},
    {Role::kDeployer, "sns:SetTopicAttributes", kTopicArn},
    {Role::kDeployer, "sns:Subscribe", kTopicArn},
    {Role::kDeployer, "sns:Unsubscribe", "*"},
    {Role::kDeployer, "sns:GetSubscriptionAttributes", "*"},
    {Role::kDeployer, "sns:ListSubscriptionsByTopic", kTopicArn},
    {Role::kDeployer, "logs:CreateLogGroup", kGroupArn},
    {Role::kDeployer, "logs:DeleteLogGroup", kGroupArn},
    {Role::kDeployer, "logs:PutRetentionPolicy", kGroupArn},
    {Role::kDeployer, "logs:DescribeLogGroups", "*"},
    {Role::kDeployer, "logs:PutQueryDefinition", "*"},
    {Role::kDeployer, "logs:DescribeQueryDefinitions", "*"},
    {Role::kDeployer, "logs:DeleteQueryDefinition", "*"},
});

}  // namespace sonde::aws
