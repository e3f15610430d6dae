#pragma once

// Sessions that were recorded: log lines of real servers behind `sonde wrap` and `sonde proxy`
// (tests/data/thrash/README.md says how they were made).

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "base/timestamp.h"
#include "thrash/agent_for_test.h"

namespace sonde::thrash {

inline std::string text_member(std::string_view line, std::string_view key) {
  const auto raw = find_member(line, key);
  return raw ? json_string(*raw).value_or("") : "";
}

inline std::uint64_t number_member(std::string_view line, std::string_view key) {
  const auto raw = find_member(line, key);
  return raw ? static_cast<std::uint64_t>(json_integer(*raw).value_or(0)) : 0;
}

inline std::chrono::nanoseconds time_member(std::string_view line, std::string_view key) {
  return parse_rfc3339(text_member(line, key)).value_or(std::chrono::nanoseconds{});
}

inline CallStatus status_of(std::string_view text) {
  for (const CallStatus status : {CallStatus::kError, CallStatus::kDenied, CallStatus::kTimeout,
                                  CallStatus::kCancelled, CallStatus::kAborted}) {
    if (text == to_string(status)) return status;
  }
  return CallStatus::kOk;
}

/// What a log line tells of a call (docs/formats/log_line.md).
inline CallRecord call_of_line(std::string_view line) {
  CallRecord record;
  TapIdentity tap;
  tap.server_name = text_member(line, "server_name");
  record.tap = std::make_shared<const TapIdentity>(std::move(tap));
  record.method = text_member(line, "method");
  record.request_id = text_member(line, "request_id");
  record.session_id = text_member(line, "session_id");
  record.mcp_session_id = text_member(line, "mcp_session_id");
  record.tool_name = text_member(line, "tool_name");
  record.args_hash = text_member(line, "args_hash");
  record.args_size_bytes = number_member(line, "args_size_bytes");
  record.result_hash = text_member(line, "result_hash");
  record.result_size_bytes = number_member(line, "result_size_bytes");
  record.result_tokens_est = number_member(line, "result_tokens_est");
  record.progress_count = static_cast<std::uint32_t>(number_member(line, "progress"));
  record.status = status_of(text_member(line, "status"));
  record.error_type = text_member(line, "error_type");
  record.error_message = text_member(line, "error_message");
  record.started_at = time_member(line, "started_at");
  record.ended_at = time_member(line, "ended_at");
  return record;
}

/// Each file is a session; its name begins with what it was meant to be: "thrash", "poll", "work".
inline std::vector<Sample> recorded_sessions(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Sample> samples;
  for (const auto& path : files) {
    Sample sample;
    sample.kind = "recorded/" + path.stem().string();
    sample.thrash = path.stem().string().starts_with("thrash");
    sample.session_id = sample.kind;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
      CallRecord record = call_of_line(line);
      if (record.method.empty()) continue;
      // The same agent, whatever its session was called on that day.
      record.session_id = record.mcp_session_id = sample.session_id;
      sample.calls.push_back(std::move(record));
    }
    samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace sonde::thrash
