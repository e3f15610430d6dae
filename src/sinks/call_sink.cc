#include "sinks/call_sink.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sinks/lines.h"

namespace sonde::sinks {
namespace {

constexpr auto kNever = std::chrono::nanoseconds::max();
constexpr std::size_t kDrainBytes = std::size_t{256} * 1024;           // Within one batch.
constexpr std::size_t kEventBytesMax = std::size_t{1024} * 1024 - 26;  // CloudWatch Logs.

/// For a line that would be too long: even with every text full of control characters it
/// is then shorter than a datagram.
constexpr LineOptions kTight{
    .text_bytes_max = 64, .key_bytes_max = 32, .list_items_max = 8, .content_bytes_max = 4096};

}  // namespace

Result<std::unique_ptr<CallSink>> CallSink::make(CallRoute route, const EmfConfig& config,
                                                 Stats& stats) {
  auto uncounted = route.counts_calls ? nullptr : std::make_unique<Stats>();
  EmfConfig wanted = config;
  if (!route.shows.metrics) wanted.mode = EmfConfig::Mode::kOff;
  auto emf = Emf::make(wanted, uncounted ? *uncounted : stats);
  if (!emf) return fail(std::move(emf).error());
  route.line_bytes_max = std::min(route.line_bytes_max, kEventBytesMax);
  return std::unique_ptr<CallSink>(
      new CallSink(std::move(route), std::move(*emf), std::move(uncounted), stats));
}

CallSink::CallSink(CallRoute route, Emf emf, std::unique_ptr<Stats> uncounted, Stats& stats)
    : route_(std::move(route)),
      uncounted_(std::move(uncounted)),
      call_stats_(uncounted_ ? *uncounted_ : stats),
      stats_(stats),
      emf_(std::move(emf)) {}

Status CallSink::write(std::span<const Entry> batch, Moment now) {
  // First what waits: a batch is taken whole or not at all, so that it can be offered again.
  if (!drain(now)) return fail(Errc::kUnavailable, fault_);
  bool stuck = false;
  for (const Entry& entry : batch) {
    if (const auto* record = std::get_if<CallRecord>(&entry)) {
      take(*record, now);
    } else {
      take(std::get<Event>(entry));
    }
    if (!stuck && waiting().size() >= kDrainBytes) stuck = !drain(now);
  }
  // The batch is taken: what fails now is tried again, and reported, by tick().
  if (!stuck) drain(now);
  return {};
}

void CallSink::take(const CallRecord& record, Moment now) {
  if (emf_.full()) flush_metrics();
  const Emf::Inline series = emf_.note(record, now);
  if (!route_.shows.log_lines && !series) return;
  add_line([&](const LineOptions& options) {
    const std::uint32_t cut = begin_call_line(lines_, record, options);
    if (series) emf_.append_metrics(lines_, record, *series, route_.envelope);
    return cut;
  });
}

void CallSink::take(const Event& event) {
  const bool metrics = emf_.measures(event);
  if (!route_.shows.events && !metrics) return;
  // Nothing but metrics: a line each half minute says nothing to a person.
  if (event.type == Event::Type::kServerPulse && !metrics) return;
  add_line([&](const LineOptions& options) {
    const std::uint32_t cut = begin_event_line(lines_, event, options);
    if (metrics) emf_.append_event_metrics(lines_, event, route_.envelope);
    return cut;
  });
}

/// `render` appends a line up to its closing brace and returns how many texts it cut.
template <class Render>
void CallSink::add_line(const Render& render) {
  const std::size_t begin = lines_.size();
  if (waiting().size() >= kWaitingBytesMax) return stats_.add(Stat::kLinesDropped);
  std::uint32_t cut = render(LineOptions{.content = route_.shows.content});
  if (lines_.size() - begin + 2 > route_.line_bytes_max) {
    lines_.resize(begin);
    LineOptions tight = kTight;
    tight.content = route_.shows.content;
    cut = render(tight);
  }
  if (lines_.size() - begin + 2 > route_.line_bytes_max) {
    lines_.resize(begin);
    return stats_.add(Stat::kLinesDropped);
  }
  call_stats_.add(Stat::kFieldsTruncated, cut);
  lines_.append("}\n");
}

void CallSink::flush_metrics() {
  const std::size_t begin = lines_.size();
  const bool room = waiting().size() < kWaitingBytesMax;
  const std::size_t lines = emf_.append_gathered(lines_, route_.envelope);
  emf_.clear_gathered();
  if (room) return;
  lines_.resize(begin);
  stats_.add(Stat::kLinesDropped, lines);
}

/// False if lines still wait, for the reason in fault_.
bool CallSink::drain(Moment now) {
  while (!waiting().empty()) {
    const Result<std::size_t> taken = route_.output->write(waiting(), now);
    if (!taken || *taken == 0) {
      lines_.erase(0, std::exchange(sent_, 0));
      retry_at_ = now.monotonic + (taken ? std::chrono::nanoseconds(kRetryBusy) : kRetry);
      fault_ = taken ? std::string(name()) + ": nobody reads it" : taken.error().message();
      return false;
    }
    sent_ += *taken;
  }
  fault_.clear();
  lines_.clear();
  sent_ = 0;
  if (lines_.capacity() > 2 * kDrainBytes) lines_.shrink_to_fit();
  return true;
}

std::string_view CallSink::fault() const {
  return fault_.empty() ? route_.output->fault() : std::string_view(fault_);
}

std::chrono::nanoseconds CallSink::next_tick() const {
  const std::chrono::nanoseconds retry = waiting().empty() ? kNever : retry_at_;
  return std::min({emf_.next_flush(), retry, route_.output->next_tick()});
}

Status CallSink::tick(Moment now) {
  Status ticked = route_.output->tick(now);
  const bool flush = now.monotonic >= emf_.next_flush();
  if (flush) flush_metrics();
  if (!waiting().empty() && (flush || now.monotonic >= retry_at_)) {
    if (!drain(now)) return fail(Errc::kUnavailable, fault_);
  }
  return ticked;
}

Status CallSink::close(Moment now) {
  flush_metrics();
  const bool drained = drain(now);
  stats_.add(Stat::kLinesDropped, static_cast<std::uint64_t>(std::ranges::count(waiting(), '\n')));
  SONDE_RETURN_IF_ERROR(route_.output->close(now));
  if (!drained) return fail(Errc::kUnavailable, fault_);
  return {};
}

Result<std::vector<std::unique_ptr<Sink>>> make_call_sinks(std::vector<CallRoute> routes,
                                                           const EmfConfig& config, Stats& stats) {
  std::vector<std::unique_ptr<Sink>> sinks;
  const auto counting =
      std::ranges::find_if(routes, [](const CallRoute& route) { return route.shows.metrics; });
  for (auto route = routes.begin(); route != routes.end(); ++route) {
    route->counts_calls = counting == routes.end() ? route == routes.begin() : route == counting;
    auto sink = CallSink::make(std::move(*route), config, stats);
    if (!sink) return fail(std::move(sink).error());
    sinks.push_back(std::move(*sink));
  }
  return sinks;
}

}  // namespace sonde::sinks
