#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/stats.h"
#include "model/call_record.h"
#include "model/config.h"
#include "model/event.h"
#include "model/observed_call.h"
#include "privacy/hash_key.h"

namespace sonde::privacy {

/// Whether content is kept, decided anew for every call (design section 7).
struct Capture {
  bool on = false;
  bool errors_only = false;
};

/// Turns what was observed into what may be shown: the only way from the data path to
/// a sink (design section 7).
///
/// Purpose.  Fills hashes, keys, counts and error templates from the raw content of a
/// call, and drops that content; redacts every text that came from the wire.
/// Limits.  Those of PrivacyConfig and Body.
/// Threads.  One owner.  Failure.  A value that cannot be hashed canonically is hashed
/// raw and marked so; nothing is shown unredacted for want of time or memory.
class Scrubber {
 public:
  /// Fails on a redaction pattern or path that cannot be read, naming it.
  static Result<std::unique_ptr<Scrubber>> make(const PrivacyConfig& config,
                                                const CaptureConfig& capture, HashKey key,
                                                Stats& stats);
  ~Scrubber();

  CallRecord scrub(ObservedCall&& call, Capture capture);
  void scrub(Event& event);

  /// The next bytes of a value too large to be kept (Body::hash_stream).
  /// REQUIRES: none are missing before them; once a piece was lost, no other may follow.
  void hash_piece(std::uint64_t stream, std::string_view bytes);

  /// Any text, redacted: for what is printed outside of records.
  std::string redact(std::string_view text);

 private:
  struct State;
  explicit Scrubber(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sonde::privacy
