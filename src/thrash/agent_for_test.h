#pragma once

// An agent to write sessions with: what it calls, how long it thinks, what comes back.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/call_record.h"

namespace sonde::thrash {

/// The same numbers on every machine.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 1) {}
  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EB;
    return z ^ (z >> 31U);
  }
  int from(int least, int most) noexcept {
    return least + static_cast<int>(next() % static_cast<std::uint64_t>(most - least + 1));
  }
  double fraction() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  bool chance(double p) noexcept { return fraction() < p; }

 private:
  std::uint64_t state_;
};

/// A session, and what its author meant it to be.
struct Sample {
  std::string kind;
  bool thrash = false;
  bool polls = false;  ///< One of the legitimate polls.
  std::string session_id;
  std::vector<CallRecord> calls;
};

/// Writes the calls of one session.
class Agent {
 public:
  Agent(std::string session, std::uint64_t seed, std::chrono::nanoseconds begins)
      : dice_(seed), session_(std::move(session)), now_(begins) {}

  Dice& dice() noexcept { return dice_; }
  std::vector<CallRecord> take() { return std::move(calls_); }
  std::chrono::nanoseconds now() const noexcept { return now_; }

  /// Models answer in seconds; the ones that reason take longer.
  void set_slow() noexcept { slow_ = true; }
  void think() {
    const double u = dice_.fraction();
    pause(slow_ ? 5.0 + 20.0 * u : 1.2 + 7.0 * u * u);
  }
  void pause(double seconds) { now_ += seconds_of(seconds); }
  /// A host that can wait: `sleep` in a shell of its own, then the model's time.
  void sleep(double seconds) {
    pause(seconds);
    think();
  }

  void ok(std::string_view tool, std::string_view args, std::string_view result) {
    add(tool, args, result, CallStatus::kOk, {});
  }
  void error(std::string_view tool, std::string_view args, std::string_view message) {
    add(tool, args, message, CallStatus::kError, message);
  }
  void timeout(std::string_view tool, std::string_view args, double seconds) {
    took_ = seconds_of(seconds);
    add(tool, args, {}, CallStatus::kTimeout, "Request timed out");
    calls_.back().error_type = "timeout";
  }
  void denied(std::string_view tool, std::string_view args) {
    add(tool, args, {}, CallStatus::kDenied, {});
    calls_.back().error_type = "policy";
  }
  /// Of the last call.
  void with_progress(std::uint32_t notifications) { calls_.back().progress_count = notifications; }
  void with_method(std::string_view method) { calls_.back().method = method; }

  struct Asked {
    std::string tool;
    std::string args;
    std::string result;
  };
  /// All asked at once; they end in any order.
  void together(const std::vector<Asked>& all) {
    const auto began = now_;
    auto latest = began;
    for (const Asked& one : all) {
      now_ = began + std::chrono::milliseconds(dice_.from(0, 3));
      ok(one.tool, one.args, one.result);
      latest = std::max(latest, now_);
    }
    now_ = latest;
    std::ranges::sort(calls_, {}, &CallRecord::ended_at);
  }

 private:
  static std::chrono::nanoseconds seconds_of(double seconds) {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
  }
  static std::string hash(std::string_view text) {
    return "c1:" + std::to_string(std::hash<std::string_view>{}(text)) + "-of-sixty-four-digits";
  }

  void add(std::string_view tool, std::string_view args, std::string_view result, CallStatus status,
           std::string_view message) {
    CallRecord record;
    record.tap = tap_;
    record.method = "tools/call";
    record.tool_name = tool;
    record.session_id = session_;
    record.mcp_session_id = session_;
    record.request_id =
        "01978a3e-7d5c-7c2e-9f00-" + std::to_string(100'000'000'000 + calls_.size());
    if (!args.empty()) record.args_hash = hash(args);
    record.args_size_bytes = args.size();
    record.result_size_bytes = result.size();
    if (!result.empty()) record.result_hash = hash(result);
    record.result_tokens_est = (result.size() + 3) / 4;
    record.status = status;
    if (status != CallStatus::kOk) record.error_type = "tool_error";
    record.error_message = message;
    record.started_at = now_;
    const auto took = std::exchange(took_, {});
    now_ += took.count() > 0 ? took : std::chrono::milliseconds(dice_.from(4, 400));
    record.ended_at = now_;
    record.duration = record.ended_at - record.started_at;
    calls_.push_back(std::move(record));
  }

  Dice dice_;
  const std::string session_;
  std::chrono::nanoseconds now_;
  std::chrono::nanoseconds took_{};
  bool slow_ = false;
  std::vector<CallRecord> calls_;
  const std::shared_ptr<const TapIdentity> tap_ =
      std::make_shared<const TapIdentity>(TapIdentity{.server_name = "workbench",
                                                      .service = "workbench",
                                                      .environment = "test",
                                                      .instance = "here",
                                                      .tap_version = "0"});
};

}  // namespace sonde::thrash
