#include "aws/describe.h"

#include <vector>

#include "alarm/check.h"

namespace sonde::aws {
namespace {

constexpr std::string_view kFailed = R"(filter status in ["error", "timeout", "aborted"])";

std::string slowest(std::string_view percentile) {
  const std::string p(percentile);
  return "filter ispresent(tool_name) | stats pct(duration_ms, " + p + ") as p" + p +
         ", count(*) as calls by server_name, tool_name | sort p" + p + " desc | limit 20";
}

/// Without what narrows it to a subject.
std::string query_of(Kind kind) {
  switch (kind) {
    case Kind::kElevatedErrorRate:
    case Kind::kHighErrorRate:
    case Kind::kMostCallsFail:
    case Kind::kPage:
      return std::string(kFailed) +
             " | stats count(*) as failed by server_name, tool_name, status, error_type "
             "| sort failed desc | limit 20";
    case Kind::kHighP50:
      return slowest("50");
    case Kind::kHighP95:
      return slowest("95");
    case Kind::kHighP99:
      return slowest("99");
    case Kind::kNearCapacity:
      return "filter ispresent(tool_name) | stats count(*) as calls by server_name, client_name, "
             "session_id | sort calls desc | limit 20";
    case Kind::kSessionsNearLimit:
    case Kind::kSessionLeak:
      return "filter event = \"tap.gauges\" | stats max(active_sse_sessions) as streams, "
             "max(active_users) as users by bin(5m) as t, server_name | sort t desc | limit 50";
    case Kind::kLargeResult:
      return "filter ispresent(result_tokens_est) | stats max(result_tokens_est) as tokens by "
             "server_name, tool_name, session_id | sort tokens desc | limit 20";
    case Kind::kSessionContext:
      return "filter ispresent(result_tokens_est) | stats sum(result_tokens_est) as tokens, "
             "count(*) as calls by session_id, server_name | sort tokens desc | limit 20";
    case Kind::kServerDown:
    case Kind::kServerRestarts:
      return "filter event like /^server\\./ and event != \"server.pulse\" | fields @timestamp, "
             "server_name, event, message, exit_code, signal | sort @timestamp desc | limit 50";
    case Kind::kThrash:
      return "filter event = \"agent.thrash\" | fields @timestamp, server_name, tool_name, "
             "session_id, message | sort @timestamp desc | limit 20";
    case Kind::kEmfParsing:
    case Kind::kEmfValidation:
    case Kind::kEmfDisabled:
      return "filter @message like /_aws/ | stats count(*) as lines by bin(5m) as t | sort t desc "
             "| limit 50";
  }
  return {};
}

/// `a "b"` as a string of the query language; names of servers and tools hold no quotes.
std::string narrowed_to(const Subject& subject) {
  std::string filter;
  if (!subject.server.empty()) filter += "filter server_name = \"" + subject.server + "\" | ";
  if (!subject.tool.empty()) filter += "filter tool_name = \"" + subject.tool + "\" | ";
  return filter;
}

std::string whom(const Subject& subject, const Wording& wording) {
  std::string out = " in " + wording.environment;
  if (!subject.server.empty()) out += ", server " + subject.server;
  if (!subject.tool.empty()) out += ", tool " + subject.tool;
  return out;
}

/// What is said, the most important first.
std::vector<std::string> parts(Kind kind, const Subject& subject, std::string_view crossed,
                               const Config& config, const Wording& wording) {
  const std::string group =
      subject.log_group.empty() ? log_groups(config).front() : subject.log_group;
  return {
      std::string(info(kind).says) + whom(subject, wording) + ": " + std::string(crossed) + ".",
      "\nRun-book: " + config.aws.runbook_base + std::string(info(kind).slug) + ".md",
      "\nDashboard: https://console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}"
      "#dashboards:name=" +
          dashboard_name(wording),
      "\nLogs Insights: " + behind(kind, subject),
      "\nLog group: " + wording.group(group, config),
  };
}

}  // namespace

std::string behind(Kind kind, const Subject& subject) {
  return narrowed_to(subject) + query_of(kind);
}

std::string describe(Kind kind, const Subject& subject, std::string_view crossed,
                     const Config& config, const Wording& wording) {
  const auto said = parts(kind, subject, crossed, config, wording);
  const auto widest = parts(kind, subject, crossed, config, widest_wording());
  std::string out;
  std::size_t used = 0;
  for (std::size_t i = 0; i < said.size(); ++i) {
    used += widest[i].size();
    if (used > alarm::kDescriptionMax) break;
    out += said[i];
  }
  return out;
}

}  // namespace sonde::aws
