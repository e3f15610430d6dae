#pragma once

#include <array>
#include <string_view>

namespace sonde::aws {

/// A question that is asked again and again of the log lines.
struct SavedQuery {
  std::string_view id;    ///< "SlowestTools"
  std::string_view name;  ///< "slowest tools"
  std::string_view text;
};

/// Columns that are sorted by have aliases: CloudWatch calls a column by the text of its
/// expression, and no other name of it can be sorted by.
inline constexpr std::array kSavedQueries = std::to_array<SavedQuery>({
    {"SlowestTools", "slowest tools",
     "filter ispresent(tool_name) | stats pct(duration_ms, 50) as p50, pct(duration_ms, 95) as "
     "p95, pct(duration_ms, 99) as p99, count(*) as calls by server_name, tool_name | sort p99 "
     "desc | limit 50"},
    {"FailingTools", "failing tools",
     "filter ispresent(tool_name) | stats count(*) as calls, sum(if(status in [\"error\", "
     "\"timeout\", \"aborted\"], 1, 0)) as failed, 100 * failed / calls as percent by "
     "server_name, tool_name | sort failed desc | limit 50"},
    {"Errors", "newest errors",
     "filter status in [\"error\", \"timeout\", \"aborted\"] | fields @timestamp, server_name, "
     "tool_name, status, error_type, error_code, error_message, correlation_id, trace_id | sort "
     "@timestamp desc | limit 100"},
    {"Sessions", "sessions",
     "filter ispresent(tool_name) | stats count(*) as calls, count_distinct(tool_name) as tools, "
     "sum(if(status = \"denied\", 1, 0)) as denied, sum(result_tokens_est) as tokens by "
     "session_id | sort calls desc | limit 50"},
    {"LargeResults", "largest results",
     "filter ispresent(result_tokens_est) | fields @timestamp, server_name, tool_name, "
     "result_tokens_est, result_size_bytes, session_id, request_id | sort result_tokens_est desc "
     "| limit 50"},
    {"Tokens", "tokens by tool",
     "filter ispresent(result_tokens_est) | stats sum(result_tokens_est) as tokens, count(*) as "
     "calls, avg(result_tokens_est) as each by server_name, tool_name | sort tokens desc | limit "
     "50"},
    {"Thrash", "agents that go in circles",
     "filter event = \"agent.thrash\" | fields @timestamp, server_name, tool_name, session_id, "
     "message | sort @timestamp desc | limit 50"},
    {"ServerLife", "life of servers",
     "filter event like /^server\\./ and event != \"server.pulse\" | fields @timestamp, "
     "server_name, event, message, exit_code, signal | sort @timestamp desc | limit 100"},
});

}  // namespace sonde::aws
