#include "mcp/inferred_sessions.h"

#include <algorithm>
#include <iterator>

#include "base/ids.h"

namespace sonde::mcp {
namespace {

/// Whether `name` is another than the one known before; learns the first.
bool differs(std::string& known, std::string_view name) {
  if (known.empty()) known = name;
  return !name.empty() && known != name;
}

}  // namespace

InferredSessions::Session& InferredSessions::use(std::string_view key, Moment now) {
  if (const auto known = by_key_.find(key); known != by_key_.end()) {
    by_use_.splice(by_use_.end(), by_use_, known->second);
    return *known->second;
  }
  if (by_use_.size() >= std::max(limits_.sessions_max, 1U)) {
    // An idle one is over anyway.
    if (by_use_.front().last_at + limits_.idle_gap > now.monotonic) {
      stats_.add(Stat::kInferredForgotten);
    }
    by_key_.erase(by_use_.front().key);
    by_use_.pop_front();
  }
  by_use_.push_back(
      {.key = std::string(key), .client = {}, .user = {}, .id = {}, .several = false});
  by_key_.emplace(by_use_.back().key, std::prev(by_use_.end()));
  return by_use_.back();
}

std::string_view InferredSessions::find(const Caller& caller, Moment now) {
  if (caller.relayed || caller.connection == 0) {
    if (caller.user.empty() || caller.client.empty()) return {};
    key_.assign("u").append(caller.user).push_back('\0');
    key_.append(caller.client);
  } else {
    key_.assign("c").append(std::to_string(caller.connection));
  }
  Session& session = use(key_, now);
  const bool other_client = differs(session.client, caller.client);
  const bool other_user = differs(session.user, caller.user);
  session.several = session.several || other_client || other_user;
  const bool paused = session.last_at + limits_.idle_gap <= now.monotonic;
  if (session.id.empty() || paused) session.id = new_uuid7(now.wall, random_);
  session.last_at = std::max(session.last_at, now.monotonic);
  return session.several ? std::string_view() : std::string_view(session.id);
}

}  // namespace sonde::mcp
