#include "proxy/header_mismatch.h"

#include "base/json_reader.h"

namespace sonde::proxy {
namespace {

using jsonrpc::Field;

/// The member of params that Mcp-Name mirrors.
Field named_by(std::string_view method) noexcept {
  if (method == "tools/call" || method == "prompts/get") return Field::kName;
  if (method == "resources/read") return Field::kUri;
  return Field::kCount;
}

}  // namespace

bool differs_from_body(const RequestFacts& facts, std::string_view method,
                       const jsonrpc::Message& message) {
  if (facts.names_method && facts.mcp_method != method) return true;
  const Field field = named_by(method);
  if (facts.mcp_name.empty() || field == Field::kCount) return false;
  const jsonrpc::Value& value = message[field];
  if (!value.present || value.truncated) return true;
  return json_string(value.text) != facts.mcp_name;
}

}  // namespace sonde::proxy
