#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jsonrpc/scanner.h"
#include "privacy/keyed_hash.h"
#include "privacy/value_hash.h"
#include "proxy/report_sink.h"
#include "proxy/request_facts.h"
#include "thrash/deny_table.h"

namespace sonde::proxy {

/// Knows which calls are not passed on because an agent goes in circles.
///
/// Purpose.  Finds for a request what its record will be compared by: session, tool, and the
/// keyed hash of its arguments.  The hash is made only for a tool that is on the list.
/// Lifetime.  `reports` outlives it.  Threads.  One owner, a worker.
/// Failure.  None: what cannot be told for sure is passed on.
class DenyGate {
 public:
  using Time = thrash::DenyTable::Time;

  explicit DenyGate(const ReportSink& reports);
  ~DenyGate();
  DenyGate(const DenyGate&) = delete;
  DenyGate& operator=(const DenyGate&) = delete;

  /// Whether anything is denied at present: one load where nothing is.
  bool shut(Time now) const noexcept;

  struct Asked {
    std::string_view upstream;
    std::string_view tool;
    const RequestFacts& facts;
    const jsonrpc::Message& message;  ///< Of tools/call.
  };
  std::optional<thrash::DenyTable::Denial> find(const Asked& asked, Time now);

 private:
  struct Hashes;
  Hashes& hashes(const recorder::Denials& denials);
  std::optional<std::uint64_t> session_of(const Asked& asked, const recorder::Denials& denials);

  const ReportSink& reports_;
  std::unique_ptr<Hashes> hashes_;  ///< Made when they are first needed.
};

}  // namespace sonde::proxy
