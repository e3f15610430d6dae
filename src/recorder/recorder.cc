#include "recorder/recorder.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "base/long_turns.h"
#include "recorder/token_bucket.h"
#include "recorder/worker.h"

namespace sonde::recorder {
namespace {

/// How long a Recorder that nobody stopped may take to end.
constexpr std::chrono::milliseconds kEndMax{500};

/// Signals are the business of the thread that forwards.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

/// A batch thread never preempts another one when it wakes up (sched(7)): on one CPU the
/// message on its way goes first.
void yield_to_data_path() {
  pthread_setname_np(pthread_self(), "sonde-recorder");
  const sched_param none{};
  pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
  ask_for_long_turns();
}

bool readable_until(int fd, std::chrono::nanoseconds deadline, const Clock& clock) {
  for (;;) {
    const auto left = std::max(deadline - clock.now().monotonic, std::chrono::nanoseconds{});
    const auto whole = std::chrono::floor<std::chrono::seconds>(left);
    const timespec timeout{.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
    pollfd in{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::ppoll(&in, 1, &timeout, nullptr);
    if (ready >= 0 || errno != EINTR) return ready == 1;
  }
}

}  // namespace

/// What is written by one thread stands apart from what others write.
struct alignas(64) Producer::State {
  State(Shared& shared_by_all, std::uint32_t producers)
      : shared(shared_by_all),
        shares(producers),
        hash_tokens(PrivacyConfig{}.hash_rate_bytes_max / shares, shared.clock.now().monotonic) {}

  bool working() const noexcept {
    return shared.accepting.load(std::memory_order_relaxed) &&
           !shared.dead.load(std::memory_order_relaxed);
  }
  bool take_hash_tokens(std::uint64_t bytes) noexcept;
  template <class Record>
  bool accept(Record&& record, Stat dropped) noexcept {
    if (working() && shared.inbox.push(std::forward<Record>(record))) {
      accepted.store(accepted.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      return true;
    }
    stats.add(dropped);
    return false;
  }

  Shared& shared;
  const std::uint32_t shares;
  Stats stats;
  TokenBucket hash_tokens;
  bool hash_rate_known = false;
  std::atomic<std::uint64_t> accepted = 0;
};

/// Held by both threads, so that the one which is left behind finds it in place.
struct Recorder::State {
  State(Setup chosen_setup, const Clock& clock, Options options)
      : setup(std::move(chosen_setup)), shared(clock, options) {
    const std::uint32_t count = std::max(options.producers, 1U);
    for (std::uint32_t i = 0; i < count; ++i) {
      producers.push_back(
          std::make_unique<Producer::State>(shared, hashing_producers(options, count)));
      shared.producer_stats.push_back(&producers.back()->stats);
    }
  }

  void work() noexcept;

  Setup setup;
  Shared shared;
  std::vector<std::unique_ptr<Producer::State>> producers;
  Fd finished;  ///< An eventfd: readable when the thread is done.

  // Of the owner's thread.
  std::thread thread;
  bool left_behind = false;
};

void Recorder::State::work() noexcept {
  yield_to_data_path();
  try {
    Worker(shared).run(setup);
  } catch (const std::exception& e) {
    Complaints(shared.options.stderr_fd).about("recorder", e.what(), shared.clock.now());
  } catch (...) {
    Complaints(shared.options.stderr_fd).about("recorder", "ended", shared.clock.now());
  }
  shared.dead.store(true);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(finished.get(), &one, sizeof one);
}

Recorder::Recorder(Setup setup, const Clock& clock, Options options)
    : state_(std::make_shared<State>(std::move(setup), clock, options)) {}

Recorder::~Recorder() { stop(state_->shared.clock.now().monotonic + kEndMax); }

bool Recorder::start() {
  State& state = *state_;
  state.finished = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state.finished || !state.shared.inbox.open()) return false;
  try {
    const AllSignalsBlocked inherited;
    state.thread = std::thread([held = state_] { held->work(); });
  } catch (const std::system_error&) {
    return false;  // EAGAIN: too many threads.
  }
  state.shared.accepting.store(true);
  return true;
}

Producer Recorder::producer(std::size_t index) noexcept {
  return Producer(state_->producers[index].get());
}

const DataPathSettings* Recorder::settings() const noexcept {
  return state_->shared.published.load(std::memory_order_acquire);
}

bool Producer::record(ObservedCall&& call) noexcept {
  Body& result = call.result;
  if (result.bytes.size() > kSmallResultBytes && !result.truncated) {
    result.hashed = state_->take_hash_tokens(result.bytes.size());
    if (!result.hashed) state_->stats.add(Stat::kHashesSkipped);
  }
  return state_->accept(std::move(call), Stat::kRecordsDropped);
}

bool Producer::record(Event&& event) noexcept {
  return state_->accept(std::move(event), Stat::kRecordsDropped);
}

bool Producer::record(std::unique_ptr<Parcel>&& parcel) noexcept {
  return state_->accept(std::move(parcel), Stat::kParcelsDropped);
}

bool Producer::State::take_hash_tokens(std::uint64_t bytes) noexcept {
  const std::chrono::nanoseconds now = shared.clock.now().monotonic;
  const DataPathSettings* const known = shared.published.load(std::memory_order_acquire);
  if (known != nullptr && !hash_rate_known) {
    hash_tokens = TokenBucket(known->hash_rate_bytes_max / shares, now);
    hash_rate_known = true;
  }
  return hash_tokens.take(bytes, now);
}

bool Producer::hash_budget(std::uint64_t bytes) noexcept {
  State& state = *state_;
  const bool granted = state.working() && state.shared.inbox.room_for_piece(sizeof(Item) + bytes) &&
                       state.take_hash_tokens(bytes);
  if (!granted) state.stats.add(Stat::kHashesSkipped);
  return granted;
}

HashPiece HashPiece::copy_of(std::uint64_t stream, std::string_view bytes) noexcept {
  SharedBuffer buffer = SharedBuffer::make(bytes.size());
  const std::string_view copied(buffer.data(), buffer.size());
  if (buffer) std::ranges::copy(bytes, buffer.data());
  return {.stream = stream, .buffer = std::move(buffer), .bytes = copied};
}

bool Producer::record(HashPiece&& piece) noexcept {
  State& state = *state_;
  if (piece.buffer && state.working() && state.shared.inbox.push(std::move(piece))) return true;
  state.stats.add(Stat::kHashesSkipped);
  return false;
}

Stats& Producer::stats() noexcept { return state_->stats; }

const DataPathSettings* Producer::settings() const noexcept {
  return state_->shared.published.load(std::memory_order_acquire);
}

bool Recorder::stop(std::chrono::nanoseconds deadline) {
  State& state = *state_;
  state.shared.accepting.store(false);
  if (!state.thread.joinable()) return !state.left_behind;

  state.shared.stopping.store(true);
  state.shared.inbox.ring();
  state.left_behind = !readable_until(state.finished.get(), deadline, state.shared.clock);
  if (state.left_behind) {
    state.thread.detach();
  } else {
    state.thread.join();
  }
  std::uint64_t accepted = 0;
  for (const auto& one : state.producers) accepted += one->accepted.load(std::memory_order_relaxed);
  const std::uint64_t settled = state.shared.settled.load(std::memory_order_relaxed);
  stats().add(Stat::kRecordsUnflushed, accepted - settled);
  return !state.left_behind;
}

}  // namespace sonde::recorder
