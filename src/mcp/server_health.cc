#include "mcp/server_health.h"

#include <algorithm>
#include <utility>

namespace sonde::mcp {
namespace {

using Kind = PulseResult::Kind;

constexpr int kServerErrors = 500;
constexpr std::uint32_t kDegradedAfter = 2;
constexpr std::size_t kNamedMax = 5;

std::string what_happened(const PulseResult& result) {
  switch (result.kind) {
    case Kind::kAnswer:
      return "it answers";
    case Kind::kStatus:
      return "it answers HTTP " + std::to_string(result.http_status);
    case Kind::kRefused:
      return "no connection";
    case Kind::kClosed:
      return "the connection ended before the answer";
    case Kind::kTimeout:
      return "no answer in time";
    case Kind::kBadAnswer:
      return "the answer is no MCP";
  }
  return {};
}

std::string lacking(const std::vector<std::string>& tools) {
  std::string text = "tools are missing: ";
  const std::size_t shown = std::min(tools.size(), kNamedMax);
  for (std::size_t i = 0; i < shown; ++i) text += (i > 0 ? ", " : "") + tools[i];
  if (tools.size() > shown) text += " and " + std::to_string(tools.size() - shown) + " more";
  return text;
}

bool answered(const PulseResult& result) noexcept {
  return result.kind == Kind::kAnswer ||
         (result.kind == Kind::kStatus && alive_at(result.http_status));
}

}  // namespace

bool alive_at(int http_status) noexcept { return http_status > 0 && http_status < kServerErrors; }

std::string describe(const PulseResult& result) {
  const std::string what = what_happened(result);
  return result.detail.empty() ? what : what + ": " + result.detail;
}

bool ServerHealth::take(const PulseResult& result) {
  return answered(result) ? on_answer(result) : on_failure(result);
}

bool ServerHealth::on_failure(const PulseResult& result) {
  // Shaken before it was calm: it will have to answer for longer next time.
  if (failures_ == 0 && answers_ > 0 && answers_ < options_.calm_after &&
      (state_ == ServerState::kDown || relapses_ > 0)) {
    relapses_ = std::min(relapses_ + 1, options_.relapses_damped_max);
  }
  answers_ = alike_ = 0;
  ++failures_;
  if (failures_ >= options_.failures_max) {
    if (state_ == ServerState::kDown) return false;
    relapses_ = std::max(relapses_, 1U);
    return become(ServerState::kDown, describe(result));
  }
  // Of a server that is degraded already nothing new is known.
  if (failures_ < kDegradedAfter || state_ != ServerState::kUp) return false;
  return become(ServerState::kDegraded,
                std::to_string(failures_) + " pulses in a row failed: " + describe(result));
}

bool ServerHealth::on_answer(const PulseResult& result) {
  const bool lacks = !result.missing_tools.empty();
  alike_ = lacks == last_lacked_ ? alike_ + 1 : 1;
  last_lacked_ = lacks;
  failures_ = 0;
  ++answers_;
  if (answers_ >= options_.calm_after) relapses_ = 0;

  const ServerState now = lacks ? ServerState::kDegraded : ServerState::kUp;
  if (state_ == now && missing_ == result.missing_tools) {
    if (now == ServerState::kUp) reason_ = describe(result);
    return false;
  }
  if (state_ != ServerState::kUnknown && alike_ < answers_needed()) return false;
  missing_ = result.missing_tools;
  return become(now, lacks ? lacking(missing_) : describe(result));
}

bool ServerHealth::become(ServerState state, std::string reason) {
  const bool first_good = state_ == ServerState::kUnknown && state == ServerState::kUp;
  state_ = state;
  reason_ = std::move(reason);
  if (state != ServerState::kUp && state != ServerState::kDegraded) missing_.clear();
  return !first_good;  // That a server is as it should be from the start is no news.
}

std::uint32_t ServerHealth::answers_needed() const noexcept {
  constexpr std::uint32_t kTwice = 2;
  return kTwice << (relapses_ > 1 ? relapses_ - 1 : 0);
}

std::optional<bool> ServerHealth::up() const noexcept {
  if (state_ == ServerState::kUnknown) return std::nullopt;
  return state_ != ServerState::kDown;
}

void ServerHealth::seen_up() noexcept {
  if (state_ == ServerState::kUnknown && failures_ == 0) state_ = ServerState::kUp;
}

void ServerHealth::restarted() noexcept {
  state_ = ServerState::kUnknown;
  failures_ = answers_ = alike_ = 0;
  missing_.clear();
  reason_.clear();
}

}  // namespace sonde::mcp
