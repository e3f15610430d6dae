#include "trace_context/environment.h"

#include <array>

#include "trace_context/baggage.h"
#include "trace_context/correlation.h"
#include "trace_context/trace_state.h"

namespace sonde::trace_context {
namespace {

// Hosts that tell the servers they start to which session they belong.
constexpr std::array<std::string_view, 2> kSessionVariables{"CLAUDE_CODE_SESSION_ID",
                                                            "GROK_SESSION_ID"};

std::string conversation(const EnvLookup& lookup) {
  for (const std::string_view name : kSessionVariables) {
    const auto value = lookup(name);
    if (value && valid_correlation_id(*value)) return std::string(*value);
  }
  return baggage_conversation(lookup("BAGGAGE").value_or(""));
}

}  // namespace

EnvContext read_environment(const EnvLookup& lookup) {
  EnvContext context;
  context.parent = parse_traceparent(lookup("TRACEPARENT").value_or(""));
  if (context.parent) context.tracestate = clean_tracestate(lookup("TRACESTATE").value_or(""));
  context.conversation = conversation(lookup);
  const std::string_view correlation = lookup("SONDE_CORRELATION_ID").value_or("");
  if (valid_correlation_id(correlation)) context.correlation_id = correlation;
  return context;
}

}  // namespace sonde::trace_context
