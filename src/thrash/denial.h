#pragma once

#include <string>
#include <string_view>

#include "thrash/deny_table.h"

namespace sonde::thrash {

/// What the agent is told instead of the result.
std::string denial_text(std::string_view tool, const DenyTable::Denial& denial,
                        DenyTable::Time now);

/// The same as a response to tools/call: a result of the tool that is an error, for the model to
/// read.  `id`: raw JSON.  `modern`: results name their type (MCP 2026-07-28).
std::string denial_response(std::string_view id, std::string_view text, bool modern);

}  // namespace sonde::thrash
