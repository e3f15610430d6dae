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

/// Held by both threads, so that the one which is left behind finds it in place.
struct Recorder::State {
  State(Setup chosen_setup, const Clock& clock, Options options)
      : setup(std::move(chosen_setup)),
        shared(clock, options),
        hash_tokens(PrivacyConfig{}.hash_rate_bytes_max, clock.now().monotonic) {}

  void work() noexcept;
  bool working() const noexcept {
    return accepting && !shared.dead.load(std::memory_order_relaxed);
  }
  bool take_hash_tokens(std::uint64_t bytes) noexcept;
  template <class Record>
  bool accept(Record&& record) noexcept {
    if (working() && shared.inbox.push(std::forward<Record>(record))) {
      ++records_accepted;
      return true;
    }
    shared.data_path.add(Stat::kRecordsDropped);
    return false;
  }

  Setup setup;
  Shared shared;
  Fd finished;  ///< An eventfd: readable when the thread is done.

  // Of the owner's thread.
  std::thread thread;
  TokenBucket hash_tokens;
  bool hash_rate_known = false;
  bool accepting = false;
  bool left_behind = false;
  std::uint64_t records_accepted = 0;
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
  state.accepting = true;
  return true;
}

bool Recorder::record(ObservedCall&& call) noexcept {
  Body& result = call.result;
  if (result.bytes.size() > kSmallResultBytes && !result.truncated) {
    result.hashed = state_->take_hash_tokens(result.bytes.size());
    if (!result.hashed) state_->shared.data_path.add(Stat::kHashesSkipped);
  }
  return state_->accept(std::move(call));
}

bool Recorder::record(Event&& event) noexcept { return state_->accept(std::move(event)); }

bool Recorder::State::take_hash_tokens(std::uint64_t bytes) noexcept {
  const std::chrono::nanoseconds now = shared.clock.now().monotonic;
  const DataPathSettings* const known = shared.published.load(std::memory_order_acquire);
  if (known != nullptr && !hash_rate_known) {
    hash_tokens = TokenBucket(known->hash_rate_bytes_max, now);
    hash_rate_known = true;
  }
  return hash_tokens.take(bytes, now);
}

bool Recorder::hash_budget(std::uint64_t bytes) noexcept {
  State& state = *state_;
  const bool granted = state.working() && state.shared.inbox.room_for_piece(sizeof(Item) + bytes) &&
                       state.take_hash_tokens(bytes);
  if (!granted) state.shared.data_path.add(Stat::kHashesSkipped);
  return granted;
}

HashPiece HashPiece::copy_of(std::uint64_t stream, std::string_view bytes) noexcept {
  SharedBuffer buffer = SharedBuffer::make(bytes.size());
  const std::string_view copied(buffer.data(), buffer.size());
  if (buffer) std::ranges::copy(bytes, buffer.data());
  return {.stream = stream, .buffer = std::move(buffer), .bytes = copied};
}

bool Recorder::record(HashPiece&& piece) noexcept {
  State& state = *state_;
  if (piece.buffer && state.working() && state.shared.inbox.push(std::move(piece))) return true;
  state.shared.data_path.add(Stat::kHashesSkipped);
  return false;
}

const DataPathSettings* Recorder::settings() const noexcept {
  return state_->shared.published.load(std::memory_order_acquire);
}

Stats& Recorder::stats() noexcept { return state_->shared.data_path; }

bool Recorder::stop(std::chrono::nanoseconds deadline) {
  State& state = *state_;
  state.accepting = false;
  if (!state.thread.joinable()) return !state.left_behind;

  state.shared.stopping.store(true);
  state.shared.inbox.ring();
  state.left_behind = !readable_until(state.finished.get(), deadline, state.shared.clock);
  if (state.left_behind) {
    state.thread.detach();
  } else {
    state.thread.join();
  }
  const std::uint64_t settled = state.shared.settled.load(std::memory_order_relaxed);
  state.shared.data_path.add(Stat::kRecordsUnflushed, state.records_accepted - settled);
  return !state.left_behind;
}

}  // namespace sonde::recorder
