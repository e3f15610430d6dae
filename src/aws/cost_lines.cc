#include "aws/cost_lines.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/stats.h"
#include "sinks/emf.h"
#include "sinks/log_line.h"
#include "sinks/sample_records.h"

namespace sonde::aws {
namespace {

using std::chrono::microseconds;

/// As a proxy writes it: with a session of the protocol and a user, both hashed.
CallRecord sample_of(const Config& config, const std::shared_ptr<const TapIdentity>& tap) {
  CallRecord call = sinks::sample_call();
  call.tap = tap;
  call.mcp_session_id = "c1:4be1f0b37f1dcd3e2d0f9a1c55ab2a70be28f2f5a0d5e0f9477bd3a3a2b9e0c1";
  call.user_id = "c1:77aa0f1be2c3d4e5f60718293a4b5c6d7e8f9001122334455667788990a1b2c3";
  call.turn_id = "01978a3e-7d5c-7c2e-9f00-0123456789ac";
  if (config.privacy.result_summary) call.result_summary.assign(200, 'x');
  return call;
}

std::shared_ptr<const TapIdentity> tap_of(const Config& config, std::uint64_t server) {
  TapIdentity tap = *sinks::sample_tap("server-" + std::to_string(server));
  if (!config.environment.empty()) tap.environment = config.environment;
  if (!config.service.empty()) tap.service = config.service;
  tap.transport = Transport::kHttp;
  return std::make_shared<const TapIdentity>(std::move(tap));
}

double line_bytes(const sinks::Emf& emf, const Event& event, const std::string& envelope) {
  std::string line;
  (void)sinks::begin_event_line(line, event, {});  // How many texts were cut: none.
  if (emf.measures(event)) emf.append_event_metrics(line, event, envelope);
  return static_cast<double>(line.size() + 2);  // The closing brace and the newline.
}

Event pulse_of(const std::shared_ptr<const TapIdentity>& tap) {
  Event event = sinks::sample_event(Event::Type::kServerPulse);
  event.tap = tap;
  event.measured = {{Metric::kServerUp, 1}, {Metric::kPulseDuration, 12.34}};
  return event;
}

Event gauges_of(const std::shared_ptr<const TapIdentity>& tap) {
  Event event = sinks::sample_event(Event::Type::kGauges);
  event.tap = tap;
  event.gauges = Gauges{};
  return event;
}

/// The metric lines of one interval.  Values differ from call to call, as real ones do:
/// equal ones would look no shorter, but a rare short one would.
Status measure_gathered(const Config& config, const TapLoad& load, const std::string& envelope,
                        LineBytes& bytes) {
  EmfConfig emf_config = config.emf;
  emf_config.mode = EmfConfig::Mode::kAggregate;
  Stats stats;
  auto emf = sinks::Emf::make(emf_config, stats);
  if (!emf) return fail(std::move(emf).error());

  const double seconds = std::chrono::duration<double>(config.emf.interval).count();
  const double wanted = std::max(load.calls_per_second * seconds, 1.0);
  const auto calls = static_cast<std::uint64_t>(
      std::min(std::round(wanted), static_cast<double>(sinks::EmfAggregate::kCallsMax)));
  std::vector<std::shared_ptr<const TapIdentity>> taps;
  const std::uint64_t servers = std::min(load.servers, calls);
  taps.reserve(servers);
  for (std::uint64_t i = 0; i < servers; ++i) taps.push_back(tap_of(config, i));
  for (std::uint64_t i = 0; i < calls; ++i) {
    CallRecord call = sample_of(config, taps[i % taps.size()]);
    const std::uint64_t of_server = i / taps.size();
    call.tool_name = "tool_number_" + std::to_string(of_server % load.tools);
    call.client = std::make_shared<const Peer>(
        Peer{.name = "client-" + std::to_string(i % load.clients), .version = "1"});
    call.duration = microseconds(8'000 + (i * 7919 % 90'000));
    call.result_size_bytes = 512 + (i * 104'729 % 8'000);
    call.result_tokens_est = call.result_size_bytes / 4;
    (void)emf->note(call, {.wall = sinks::kNoon, .monotonic = sinks::kNoon});
  }
  std::string lines;
  const std::size_t number = emf->append_gathered(lines, envelope);
  bytes.gathered = static_cast<double>(lines.size()) / static_cast<double>(calls);
  bytes.gathered_lines = static_cast<double>(number) / static_cast<double>(calls);
  return {};
}

}  // namespace

Result<LineBytes> measure_lines(const Config& config, const TapLoad& load) {
  const std::string envelope = config.emf.agent_endpoint.empty()
                                   ? std::string()
                                   : sinks::agent_envelope(config.emf, config.service);
  EmfConfig inline_config = config.emf;
  inline_config.mode = EmfConfig::Mode::kInline;
  Stats stats;
  auto emf = sinks::Emf::make(inline_config, stats);
  if (!emf) return fail(std::move(emf).error());

  LineBytes bytes;
  const auto tap = tap_of(config, 0);
  const CallRecord call = sample_of(config, tap);
  std::string line;
  (void)sinks::begin_call_line(line, call, {});  // How many texts were cut: none.
  bytes.plain = static_cast<double>(line.size() + 2);
  if (const auto series = emf->note(call, {.wall = sinks::kNoon, .monotonic = sinks::kNoon})) {
    emf->append_metrics(line, call, *series, envelope);
  }
  bytes.with_metrics = static_cast<double>(line.size() + 2);
  bytes.gauges = line_bytes(*emf, gauges_of(tap), envelope);
  bytes.pulse = line_bytes(*emf, pulse_of(tap), envelope);
  SONDE_RETURN_IF_ERROR(measure_gathered(config, load, envelope, bytes));
  return bytes;
}

}  // namespace sonde::aws
