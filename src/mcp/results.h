#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jsonrpc/scanner.h"

namespace sonde::mcp {

/// What a result says about how its call went.
struct ResultFacts {
  bool tool_error = false;             ///< `isError` is true.
  std::optional<std::uint64_t> count;  ///< Of what was found; 0 is an empty result.
  std::string error_text;              ///< Of a tool error: the text of its text blocks.
};

/// Of a message with a result.  `count` is the number of items of structuredContent if that
/// is an array, or of its only array member if it is an object; else the number of content
/// blocks; absent if there is neither.
ResultFacts read_result(const jsonrpc::Message& message, std::size_t error_text_bytes_max);

/// The same of a result that lies inside another value.
ResultFacts read_result(std::string_view result, std::size_t error_text_bytes_max);

/// What a result that ends no call says (mcp.md 1.8: input_required, task).
struct InputRequest {
  std::optional<std::uint64_t> state_hash;  ///< Of requestState, if there is one.
  bool asks_human = false;
  bool asks_model = false;
};
InputRequest read_input_request(std::string_view result);

/// What params say about being a retry with input.
struct InputAnswer {
  std::optional<std::uint64_t> state_hash;
  bool has_responses = false;
};
InputAnswer read_input_answer(std::string_view params);

/// The state of a task, from a result, or params, or an object `task` in one.
struct TaskState {
  std::string id;
  std::string status;
  std::string status_message;  ///< At most 4 KiB.
  std::string_view result;     ///< Raw; in the text that was read.
  std::string_view error;      ///< Likewise.
};
/// Lifetime.  Views of `object`.
TaskState read_task_state(std::string_view object);

}  // namespace sonde::mcp
