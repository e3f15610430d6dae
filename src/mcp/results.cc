#include "mcp/results.h"

#include "base/json_reader.h"
#include "mcp/wire_values.h"

namespace sonde::mcp {
namespace {

constexpr std::size_t kTaskTextBytesMax = 4096;

std::uint64_t count_elements(std::string_view array) {
  JsonElements elements(array);
  std::uint64_t count = 0;
  while (elements.next()) ++count;
  return count;
}

/// Items of the only array among the members of `object`.
std::optional<std::uint64_t> count_only_array(std::string_view object) {
  std::optional<std::string_view> array;
  JsonMembers members(object);
  while (members.next()) {
    if (!members.value().starts_with('[')) continue;
    if (array) return std::nullopt;
    array = members.value();
  }
  if (!members.ok() || !array) return std::nullopt;
  return count_elements(*array);
}

/// The text of one content block, unless it is of another type.
void append_block_text(std::string& out, std::string_view block, std::size_t bytes_max) {
  const auto text = find_member(block, "text");
  if (!text) return;
  const std::string piece = read_text(*text, bytes_max);
  if (piece.empty()) return;
  if (!out.empty()) out += '\n';
  out += piece;
}

std::string blocks_text(std::string_view content, std::size_t bytes_max) {
  std::string out;
  JsonElements blocks(content);
  while (out.size() < bytes_max && blocks.next()) append_block_text(out, blocks.value(), bytes_max);
  if (!blocks.ok() && out.empty()) {
    // Cut off inside its first block: what there is of its text is worth having.
    const std::size_t at = content.find("\"text\":\"");
    if (at != std::string_view::npos) out = read_text(content.substr(at + 7), bytes_max);
  }
  if (out.size() > bytes_max) out.resize(bytes_max);
  return out;
}

std::optional<std::uint64_t> count_structured(const jsonrpc::Value& structured) {
  if (structured.text.starts_with('[')) return structured.elements;
  if (structured.truncated || !structured.text.starts_with('{')) return std::nullopt;
  return count_only_array(structured.text);
}

jsonrpc::Value whole_value(std::string_view text) {
  jsonrpc::Value value{.text = text, .size = text.size(), .elements = 0, .present = true};
  if (text.starts_with('[')) value.elements = count_elements(text);
  return value;
}

struct Parts {
  bool tool_error = false;
  jsonrpc::Value content;
  jsonrpc::Value structured;
};

ResultFacts facts_of(const Parts& parts, std::size_t error_text_bytes_max) {
  ResultFacts facts;
  facts.tool_error = parts.tool_error;
  if (parts.structured.present) facts.count = count_structured(parts.structured);
  if (!facts.count && parts.content.text.starts_with('[')) facts.count = parts.content.elements;
  if (facts.tool_error) facts.error_text = blocks_text(parts.content.text, error_text_bytes_max);
  return facts;
}

/// Of what a requestState says, however the client has escaped it.
std::uint64_t hash_state(std::string_view raw) {
  return raw.starts_with('"') ? hash_text(read_text(raw, raw.size())) : hash_text(raw);
}

bool asks(std::string_view request, std::string_view method) {
  const auto value = find_member(request, "method");
  return value && read_text(*value, method.size() + 1) == method;
}

}  // namespace

ResultFacts read_result(const jsonrpc::Message& message, std::size_t error_text_bytes_max) {
  using jsonrpc::Field;
  return facts_of({.tool_error = message[Field::kIsError].text == "true",
                   .content = message[Field::kContent],
                   .structured = message[Field::kStructured]},
                  error_text_bytes_max);
}

ResultFacts read_result(std::string_view result, std::size_t error_text_bytes_max) {
  Parts parts;
  JsonMembers members(result);
  while (members.next()) {
    if (key_equals(members.key(), "isError")) parts.tool_error = members.value() == "true";
    if (key_equals(members.key(), "content")) parts.content = whole_value(members.value());
    if (key_equals(members.key(), "structuredContent")) {
      parts.structured = whole_value(members.value());
    }
  }
  return facts_of(parts, error_text_bytes_max);
}

InputRequest read_input_request(std::string_view result) {
  InputRequest request;
  JsonMembers members(result);
  while (members.next()) {
    if (key_equals(members.key(), "requestState")) request.state_hash = hash_state(members.value());
    if (!key_equals(members.key(), "inputRequests")) continue;
    JsonMembers inputs(members.value());
    while (inputs.next()) {
      request.asks_human = request.asks_human || asks(inputs.value(), "elicitation/create");
      request.asks_model = request.asks_model || asks(inputs.value(), "sampling/createMessage");
    }
  }
  return request;
}

InputAnswer read_input_answer(std::string_view params) {
  InputAnswer answer;
  JsonMembers members(params);
  while (members.next()) {
    if (key_equals(members.key(), "requestState")) answer.state_hash = hash_state(members.value());
    if (key_equals(members.key(), "inputResponses")) answer.has_responses = true;
  }
  return answer;
}

TaskState read_task_state(std::string_view object) {
  if (const auto nested = find_member(object, "task")) object = *nested;
  TaskState state;
  JsonMembers members(object);
  while (members.next()) {
    const std::string_view key = members.key();
    if (key_equals(key, "taskId")) state.id = read_text(members.value(), kTaskTextBytesMax);
    if (key_equals(key, "status")) state.status = read_text(members.value(), kTaskTextBytesMax);
    if (key_equals(key, "statusMessage")) {
      state.status_message = read_text(members.value(), kTaskTextBytesMax);
    }
    if (key_equals(key, "result")) state.result = members.value();
    if (key_equals(key, "error")) state.error = members.value();
  }
  return state;
}

}  // namespace sonde::mcp
