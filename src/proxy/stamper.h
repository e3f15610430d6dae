#pragma once

#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "mcp/call_tracker.h"
#include "proxy/request_facts.h"
#include "trace_context/meta.h"

namespace sonde::proxy {

/// What a request got, and which of it is ours.
struct Stamped {
  mcp::Stamp stamp;
  bool minted_id = false;  ///< The request id is ours: the server does not know it yet.
};

/// Says of a request, before it is forwarded, which ids it has and where it stands in its trace
/// (design sections 4 and 6).
///
/// Threads.  One owner each; two of one `secret` mint the same correlation id for a session.
class Stamper {
 public:
  /// `secret`: for all threads of this process; not to be guessed from ids.
  Stamper(Random& random, std::uint64_t secret) : random_(random), secret_(secret) {}

  Stamped stamp(const RequestFacts& facts, const trace_context::MetaContext& meta, Moment now);

  /// x-request-id as it came, else one of ours.
  std::string request_id(const RequestFacts& facts, Moment now);
  /// As it came, else one for the whole MCP session, else the given trace.
  std::string correlation_id(const RequestFacts& facts, const TraceId& trace) const;

 private:
  Random& random_;
  const std::uint64_t secret_;
};

}  // namespace sonde::proxy
