#pragma once

#include <string>
#include <string_view>

#include "trace_context/trace_parent.h"

namespace sonde::trace_context {

/// What is to be added to a `_meta`.
struct SpliceMembers {
  TraceParent here;                  ///< Our span, which becomes the receiver's parent.
  bool with_tracestate = true;       ///< False where `_meta` has one already.
  std::string_view tracestate = {};  ///< Of the caller; our member is put in front.
  std::string_view request_id = {};  ///< Empty: the host gave an id, none of ours is added.
};

/// Appends `"traceparent":"00-…-01","tracestate":"sonde=…","sonde/request_id":"…"`:
/// members of a JSON object without braces or outer commas.
void append_splice_members(std::string& out, const SpliceMembers& members);

}  // namespace sonde::trace_context
