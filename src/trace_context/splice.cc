#include "trace_context/splice.h"

#include "base/json_writer.h"
#include "trace_context/trace_state.h"

namespace sonde::trace_context {

void append_splice_members(std::string& out, const SpliceMembers& members) {
  constexpr std::size_t kUsualBytes = 192;
  out.reserve(out.size() + kUsualBytes + members.tracestate.size());
  out += R"("traceparent":")";
  append_traceparent(out, members.here);
  out += '"';
  if (members.with_tracestate && members.tracestate.empty()) {
    out += R"(,"tracestate":"sonde=)";  // The usual case: nothing to parse, nothing to escape.
    append_hex(out, members.here.span_id.bytes.data(), members.here.span_id.bytes.size());
    out += '"';
  } else if (members.with_tracestate) {
    out += R"(,"tracestate":)";
    append_json_string(out, with_sonde_member(members.tracestate, members.here.span_id));
  }
  if (!members.request_id.empty()) {
    out += R"(,"sonde/request_id":)";
    append_json_string(out, members.request_id);
  }
}

}  // namespace sonde::trace_context
