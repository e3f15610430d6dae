// Property: whatever calls come, an alert stands for as many calls as its pattern needs; what is
// kept is bounded; and what one session does makes no difference to what is said of another.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "thrash/detector.h"

namespace {

using namespace sonde;
using namespace sonde::thrash;
using Pattern = ThrashEvidence::Pattern;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::size_t kBytesOfCall = 4;
constexpr Limits kLimits{.sessions_max = 8, .calls_max = 16};

std::shared_ptr<const TapIdentity> tap() {
  TapIdentity identity;
  identity.server_name = "s";
  return std::make_shared<const TapIdentity>(std::move(identity));
}

/// A call from four bytes: who, what, what came of it, and when.
std::vector<CallRecord> calls_of(std::string_view bytes) {
  std::vector<CallRecord> calls;
  const auto shared = tap();
  std::chrono::nanoseconds now = std::chrono::seconds(1'795'176'000);
  for (; bytes.size() >= kBytesOfCall; bytes.remove_prefix(kBytesOfCall)) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    CallRecord call;
    call.tap = shared;
    call.method = "tools/call";
    call.session_id = std::to_string(at(0) % 4U);
    call.turn_id = at(0) >= 250U ? "turn" : "";
    call.request_id = "r" + std::to_string(calls.size());
    call.tool_name = std::string(1, static_cast<char>('a' + at(1) % 3U));
    call.args_hash = "c1:" + std::to_string(at(1) / 16U);
    call.status = static_cast<CallStatus>(at(2) % 8U < 6U ? at(2) % 8U : 0U);
    call.error_type = call.status == CallStatus::kDenied && at(2) >= 128U ? "thrash" : "";
    call.result_hash = "c1:" + std::to_string(at(2) / 64U);
    call.result_size_bytes = 1000;
    call.result_tokens_est = 250;
    call.progress_count = at(2) == 255U ? 1U : 0U;
    now += std::chrono::milliseconds(at(3) * at(3) * 20U);
    call.started_at = now - std::chrono::milliseconds(at(3) % 8U == 7U ? 30'000 : 0);
    call.ended_at = now + std::chrono::milliseconds(at(3));
    now = std::max(now, call.ended_at);
    calls.push_back(std::move(call));
  }
  return calls;
}

/// What is said, by session; the session's calls alone, or all.
std::map<std::string, std::string> told(const std::vector<CallRecord>& calls,
                                        const std::string* only, DenyTable& denials) {
  Stats stats;
  const ThrashConfig config{.action = ThrashConfig::Action::kDeny};
  Detector detector(config, {}, kLimits, stats, &denials);
  std::map<std::string, std::string> said;
  std::map<std::string, std::uint64_t> made;
  std::vector<Event> events;
  for (const CallRecord& call : calls) {
    if (only != nullptr && call.session_id != *only) continue;
    ++made[call.session_id];
    events.clear();
    detector.take(call, {.wall = call.ended_at, .monotonic = call.ended_at}, events);
    require(detector.sessions() <= kLimits.sessions_max);
    require(detector.bytes_held() < kLimits.sessions_max * kLimits.calls_max * std::size_t{512});
    for (const Event& event : events) {
      if (event.type != Event::Type::kThrash) continue;
      require(event.thrash && event.count <= made[event.session_id]);
      const bool cycle = event.thrash->pattern == Pattern::kCycle;
      const std::size_t period = event.thrash->tools.size();
      require(cycle ? period >= 2 && period <= 4 && event.count >= 4 * period
                    : period == 1 && event.count > 5);
      said[event.session_id] += std::string(to_string(event.thrash->pattern)) + ' ' +
                                event.request_id + ' ' + std::to_string(event.count) + '\n';
    }
  }
  return said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto calls = calls_of(bytes.substr(0, 4096));
  const auto denials = std::make_unique<DenyTable>();
  auto together = told(calls, nullptr, *denials);
  for (const std::string session : {"0", "1", "2", "3"}) {
    const auto own = std::make_unique<DenyTable>();
    auto alone = told(calls, &session, *own);
    require(alone[session] == together[session]);
  }
  return 0;
}
