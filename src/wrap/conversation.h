#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/stats.h"
#include "jsonrpc/scanner.h"
#include "model/call_record.h"

namespace sonde::wrap {

/// What client and server have said to each other, as far as it matters to a server that is
/// asked how it is, or takes the place of one that has crashed.
///
/// Purpose.  Pure.  Knows what is open in either direction and how the session began; writes the
/// messages that are ours: pulses, errors for what a dead server has left open, the replay of the
/// legacy handshake, and the notice that state may be lost.  Nothing is ever asked twice but
/// `initialize`, which has no effect.
/// Limits.  `open_max` requests in each direction; the oldest is forgotten, and counted.  Ids of
/// more than 256 bytes are not followed.
/// Threads.  One owner.  Failure.  None.
class Conversation {
 public:
  enum class Verdict : std::uint8_t { kPass, kDrop };
  enum class Replay : std::uint8_t {
    kNone,      ///< There is none under way.
    kWaiting,   ///< The new server has not answered.
    kAnswered,  ///< It has; finish_replay() is due.
    kRefused,   ///< It does not want to go on as the old one had begun.
  };

  struct Options {
    std::string token;  ///< Of the ids of our pulses; nobody can guess it.
    std::string tap_version;
    std::size_t open_max = 4096;
  };

  Conversation(Options options, Stats& stats);

  /// A message has come.  `lost`: a part of it went to a server that is gone.
  Verdict on_message(Direction direction, const jsonrpc::Message& message, bool lost);
  /// The line, with its newline, of the messages shown since the last one; it goes on.
  void on_line(Direction direction, std::string_view line);

  /// Whether a pulse may be sent: the session has begun, and nobody waits for anything but for
  /// news without end.
  bool idle() const noexcept;
  /// A request of ours, one line.  REQUIRES: idle().
  std::string pulse();
  /// Whether the last pulse has been answered.
  bool pulse_answered() const noexcept { return !pulse_open_; }

  /// The server is gone.  Returns what its client is to be told: an error for each request that
  /// is open, with `why`, and that what the server asked is not asked any more.
  std::string server_gone(std::string_view why);
  /// Errors for requests that were cut in two by the death of a server; they have gone on.
  std::string take_answers() { return std::exchange(answers_, {}); }
  /// What a new server is to be told first; nothing if it need not be told anything.
  std::optional<std::string> begin_replay();
  Replay replay() const noexcept { return replay_; }
  /// What the new server is told when it has answered.
  std::string finish_replay();
  /// What the client is told when the new server is ready: state may be lost.
  std::string notice(std::string_view why) const;

  /// Whether the server has answered anything.
  bool server_heard() const noexcept { return server_heard_; }
  std::size_t open() const noexcept { return open_.size(); }

 private:
  enum class Era : std::uint8_t { kUnknown, kLegacy, kModern };
  struct Open {
    std::string id;  ///< Raw JSON.
    bool endless = false;
  };

  Verdict from_client(const jsonrpc::Message& message, bool lost);
  Verdict from_server(const jsonrpc::Message& message);
  void on_request(const jsonrpc::Message& message, std::string_view method, bool lost);
  void on_cancelled(const jsonrpc::Message& message);
  Verdict on_answer(const jsonrpc::Message& message);
  bool take_pulse_answer(std::string_view id);
  void remember(std::vector<Open>& where, Open one);
  void append_error(std::string& out, std::string_view id, std::string_view why) const;

  const Options options_;
  Stats& stats_;
  Era era_ = Era::kUnknown;
  std::string version_;  ///< Of modern requests.
  std::vector<Open> open_;
  std::vector<Open> asked_;  ///< By the server.
  std::vector<Open> dead_;   ///< By servers that are gone, and not answered yet.
  std::string answers_;      ///< For take_answers().

  enum class Keep : std::uint8_t { kNothing, kInitialize, kInitialized };
  Keep keep_ = Keep::kNothing;
  std::string initialize_;  ///< The whole line; empty: none was seen.
  std::string initialize_id_;
  std::string initialized_;
  bool initialize_answered_ = false;
  bool has_tools_ = false;

  Replay replay_ = Replay::kNone;
  std::uint64_t pulses_ = 0;
  bool pulse_open_ = false;
  bool server_heard_ = false;
};

}  // namespace sonde::wrap
