#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/event.h"

namespace sonde::recorder {

/// Tells the user what of ours does not work: once per kind by an event, and by one line on
/// stderr for the first kind.
///
/// Limits.  kinds_max kinds; what comes then is not told.
/// Threads.  One owner.  Blocking.  Never: where nobody reads stderr the line is left out.
class Complaints {
 public:
  static constexpr std::size_t kKindsMax = 64;

  explicit Complaints(int stderr_fd) : stderr_fd_(stderr_fd) {}

  /// `kind` names the subject, as in "sink file"; `what` is one sentence.
  void about(std::string_view kind, std::string_view what, Moment now);

  /// The events since the last call.
  std::vector<Event> take();

 private:
  int stderr_fd_;
  std::vector<std::string> told_;
  std::vector<Event> events_;
};

}  // namespace sonde::recorder
