#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "jsonrpc/scanner.h"
#include "recorder/recorder.h"
#include "thrash/deny_table.h"

namespace sonde::wrap {

/// Knows which calls are not passed on because the agent goes in circles.
///
/// Purpose.  Finds for a request what its record will be compared by.  The hash of the arguments
/// is made only for a tool that is on the list.
/// Threads.  One owner.  Failure.  None: what cannot be told for sure is passed on.
class Denier {
 public:
  using Time = thrash::DenyTable::Time;

  struct Denied {
    std::string tool;
    std::string answer;  ///< One line, for the client.
  };

  Denier();
  ~Denier();
  Denier(const Denier&) = delete;
  Denier& operator=(const Denier&) = delete;

  /// `session`: that of the last call, for requests that do not name their own.
  std::optional<Denied> judge(const recorder::Denials& denials, const jsonrpc::Message& message,
                              std::string_view session, Time now);

 private:
  struct Hashes;
  std::unique_ptr<Hashes> hashes_;  ///< Made when they are first needed.
};

}  // namespace sonde::wrap
