#pragma once

#include <string>
#include <string_view>

#include "jsonrpc/scanner.h"

namespace sonde::jsonrpc {

/// The bytes to insert at `site.offset` so that `params._meta` gets `members`: one or
/// more members of an object, with commas between them only, for example
/// `"traceparent":"00-…","tracestate":"sonde=…"`.  No other byte of the message changes.
/// Nothing for no members.
std::string splice_text(const SpliceSite& site, std::string_view members);

/// Does the raw object `meta` have a member `traceparent`, whatever its value?
bool has_traceparent(std::string_view meta);

}  // namespace sonde::jsonrpc
