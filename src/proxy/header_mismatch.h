#pragma once

#include <string_view>

#include "jsonrpc/scanner.h"
#include "proxy/request_facts.h"

namespace sonde::proxy {

/// Whether Mcp-Method or Mcp-Name say another thing than the body (MCP 2026-07-28, Streamable
/// HTTP): then whoever routes by headers and whoever acts by the body disagree.
///
/// A name that should be there and is not is no difference; the server tells.
bool differs_from_body(const RequestFacts& facts, std::string_view method,
                       const jsonrpc::Message& message);

}  // namespace sonde::proxy
