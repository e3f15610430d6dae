#pragma once

// The labelled set: sessions whose authors say what they were meant to be.  The labels come from
// there, not from any threshold; what is hard to tell is in it, too.

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "thrash/detector.h"
#include "thrash/labelled_thrash_for_test.h"

namespace sonde::thrash {

inline void write_sessions(std::span<const Kind> kinds, std::uint64_t seed,
                           std::vector<Sample>& out) {
  constexpr auto kEpoch = std::chrono::seconds(1'795'176'000);
  for (const Kind& kind : kinds) {
    for (int i = 0; i < kind.sessions; ++i) {
      const std::uint64_t own = mix(seed, out.size());
      Sample sample{.kind = std::string(kind.name),
                    .thrash = kind.thrash,
                    .polls = kind.name.starts_with("poll/"),
                    .session_id = "session-" + std::to_string(out.size()),
                    .calls = {}};
      // They run beside each other.
      const auto begins = kEpoch + std::chrono::milliseconds(own % 3'600'000);
      Agent agent(sample.session_id, own, begins);
      kind.write(agent);
      sample.calls = agent.take();
      out.push_back(std::move(sample));
    }
  }
}

inline std::vector<Sample> labelled_sessions(std::uint64_t seed = 1) {
  std::vector<Sample> samples;
  write_sessions(polls::kKinds, seed, samples);
  write_sessions(work::kKinds, seed, samples);
  write_sessions(circles::kKinds, seed, samples);
  return samples;
}

/// How well a detector does on a labelled set, a session being found by any alert.
struct Quality {
  std::size_t sessions = 0;
  int found = 0;       ///< Thrash that was told.
  int missed = 0;      ///< Thrash that was not.
  int mistaken = 0;    ///< Told, and no thrash.
  int polls = 0;       ///< Legitimate polls …
  int polls_told = 0;  ///< … that were told.
  int events = 0;
  std::map<std::string, std::pair<int, int>> by_kind;  ///< Told, of so many.

  double precision() const { return found / std::max(1.0, 1.0 * (found + mistaken)); }
  double recall() const { return found / std::max(1.0, 1.0 * (found + missed)); }
};

/// All of them through one detector, at the same time.
inline Quality measure(const std::vector<Sample>& samples, const ThrashConfig& config = {}) {
  std::vector<const CallRecord*> calls;
  for (const Sample& sample : samples) {
    for (const CallRecord& call : sample.calls) calls.push_back(&call);
  }
  std::ranges::sort(calls, {}, [](const CallRecord* call) {
    return std::pair(call->ended_at, call->request_id);
  });
  Stats stats;
  Detector detector(config, {}, {}, stats);
  std::vector<Event> events;
  for (const CallRecord* const call : calls) {
    detector.take(*call, {.wall = call->ended_at, .monotonic = call->ended_at}, events);
  }
  Quality quality;
  quality.sessions = samples.size();
  std::set<std::string> told;
  for (const Event& event : events) {
    if (event.type != Event::Type::kThrash) continue;
    told.insert(event.session_id);
    ++quality.events;
  }
  for (const Sample& sample : samples) {
    const bool was_told = told.contains(sample.session_id);
    auto& [of_kind, all] = quality.by_kind[sample.kind];
    of_kind += was_told ? 1 : 0;
    ++all;
    quality.found += sample.thrash && was_told ? 1 : 0;
    quality.missed += sample.thrash && !was_told ? 1 : 0;
    quality.mistaken += !sample.thrash && was_told ? 1 : 0;
    quality.polls += sample.polls ? 1 : 0;
    quality.polls_told += sample.polls && was_told ? 1 : 0;
  }
  return quality;
}

}  // namespace sonde::thrash
