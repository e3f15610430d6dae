#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/random.h"
#include "base/stats.h"

namespace sonde::mcp {

/// Who makes a request, as far as HTTP and `_meta` tell.
struct Caller {
  std::string_view client;       ///< Name and version, unverified; empty: it does not say.
  std::string_view user;         ///< As it may be shown; empty: unknown.
  std::uint64_t connection = 0;  ///< Of the client to us; 0: unknown.
  bool relayed = false;          ///< Others share the connection: a load balancer's, a gateway's.
};

/// Sessions of requests that name none (design section 5).
///
/// Purpose.  What comes over one connection, of one client and user, without a long pause, is
/// one agent's run.  Where a relay stands before us the connection says nothing, and only a
/// client of a known user can be told apart.  A connection that turns out to be of several is
/// left without sessions: better none than a wrong one.
/// Limits.  `sessions_max`; the longest unused is forgotten (Stat::kInferredForgotten).
/// Threads.  One owner.  Lifetime.  `random` and `stats` must outlive it.
class InferredSessions {
 public:
  struct Limits {
    std::uint32_t sessions_max = 10'000;
    std::chrono::nanoseconds idle_gap = std::chrono::minutes(30);  ///< Then a new one begins.
  };

  InferredSessions(Limits limits, Random& random, Stats& stats)
      : limits_(limits), random_(random), stats_(stats) {}

  /// The session's id; empty if it is anybody's guess.  Valid until the next call.
  std::string_view find(const Caller& caller, Moment now);

 private:
  struct Session {
    std::string key;
    std::string client;  ///< Of a connection: the first that was named.
    std::string user;    ///< Likewise.
    std::string id;
    bool several = false;  ///< Callers were seen: it is no session.
    std::chrono::nanoseconds last_at{};
  };

  Session& use(std::string_view key, Moment now);

  const Limits limits_;
  Random& random_;
  Stats& stats_;
  std::list<Session> by_use_;  ///< The longest unused first.
  std::unordered_map<std::string_view, std::list<Session>::iterator> by_key_;
  std::string key_;  // Reused.
};

}  // namespace sonde::mcp
