#include "recorder/inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace sonde::recorder {
namespace {

template <class... Strings>
std::uint64_t sizes(const Strings&... strings) noexcept {
  return (std::uint64_t{0} + ... + strings.size());
}

std::uint64_t sizes_of_all(const std::vector<std::string>& strings) noexcept {
  std::uint64_t sum = strings.size() * sizeof(std::string);
  for (const std::string& string : strings) sum += string.size();
  return sum;
}

constexpr Inbox::Limits share_of_pieces(Inbox::Limits all) noexcept {
  return {.records_max = all.records_max / 4 * 3, .bytes_max = all.bytes_max / 4 * 3};
}

}  // namespace

std::uint64_t bytes_held(const ObservedCall& call) noexcept {
  const CallRecord& record = call.record;
  return sizeof(Item) + call.arguments.bytes.capacity() + call.result.bytes.capacity() +
         call.error_text.size() +
         sizes(record.request_id, record.wire_id.text, record.tool_call_id, record.correlation_id,
               record.session_id, record.mcp_session_id, record.turn_id, record.user_id,
               record.method, record.tool_name, record.resource_uri, record.protocol_version,
               record.error_type, record.error_message);
}

std::uint64_t bytes_held(const Event& event) noexcept {
  return sizeof(Item) +
         sizes(event.session_id, event.mcp_session_id, event.correlation_id, event.request_id,
               event.method, event.tool_name, event.message) +
         sizes_of_all(event.command) + sizes_of_all(event.environment) +
         sizes_of_all(event.last_stderr);
}

std::uint64_t bytes_held(const HashPiece& piece) noexcept {
  return sizeof(Item) + piece.buffer.size();
}

Inbox::Inbox(Limits limits) : limits_(limits), parcels_(limits.records_max) {}

Inbox::~Inbox() {
  while (pop()) {
  }
}

Status Inbox::open() {
  bell_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!bell_)
    return fail(Errc::kInternal, std::string("eventfd: ") + std::generic_category().message(errno));
  return {};
}

Inbox::Waiting Inbox::waiting() const noexcept {
  // In this order: the bytes are stored before the count of the items.
  const std::uint64_t pushed = pushed_.load();
  const std::uint64_t popped = popped_.load();
  const std::uint64_t bytes_pushed = bytes_pushed_.load(std::memory_order_relaxed);
  const std::uint64_t bytes_popped = bytes_popped_.load(std::memory_order_relaxed);
  return {.records = pushed - popped, .bytes = bytes_pushed - bytes_popped};
}

bool Inbox::room_for(std::uint64_t bytes, Limits limits) const noexcept {
  const Waiting now = waiting();
  return now.records < limits.records_max && now.bytes + bytes <= limits.bytes_max;
}

bool Inbox::room_for_piece(std::uint64_t bytes) const noexcept {
  return room_for(bytes, share_of_pieces(limits_));
}

void Inbox::append(Parcel* parcel) noexcept {
  const std::uint64_t bytes = bytes_pushed_.load(std::memory_order_relaxed) + parcel->bytes;
  // The queue has room for limits_.records_max, and room_for() has counted.
  const bool queued = parcels_.push(std::move(parcel));  // NOLINT(performance-move-const-arg)
  SONDE_CHECK(queued);
  bytes_pushed_.store(bytes, std::memory_order_relaxed);
  // Either this thread sees that the other sleeps, or that one sees the item before it
  // falls asleep: both stores and both loads are sequentially consistent.
  pushed_.store(pushed_.load(std::memory_order_relaxed) + 1);
  const Sleep sleep = sleep_.load();
  if (sleep == Sleep::kIdle || (sleep == Sleep::kGathering && batch_full())) ring();
}

void Inbox::ring() noexcept {
  sleep_.store(Sleep::kNone);
  const std::uint64_t one = 1;
  // Cannot fail but by a counter near 2^64, and then the bell rings anyway.
  [[maybe_unused]] const auto written = ::write(bell_.get(), &one, sizeof one);
}

std::unique_ptr<Inbox::Parcel> Inbox::pop() noexcept {
  Parcel* popped = nullptr;
  if (empty() || !parcels_.pop(popped)) return nullptr;
  bytes_popped_.store(bytes_popped_.load(std::memory_order_relaxed) + popped->bytes,
                      std::memory_order_relaxed);
  popped_.store(popped_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  return std::unique_ptr<Parcel>(popped);
}

bool Inbox::batch_full() const noexcept {
  const Waiting now = waiting();
  return now.records * 2 >= limits_.records_max || now.bytes * 2 >= limits_.bytes_max ||
         now.bytes >= kBatchBytes + now.records * kSmallRecordBytes;
}

bool Inbox::fall_asleep(Sleep sleep) noexcept {
  sleep_.store(sleep);
  if (sleep == Sleep::kIdle ? empty() : !batch_full()) return true;
  sleep_.store(Sleep::kNone);
  return false;
}

void Inbox::awake() noexcept {
  sleep_.store(Sleep::kNone);
  std::uint64_t rung = 0;
  // EAGAIN: the sleep ended by its time-out.
  [[maybe_unused]] const auto read = ::read(bell_.get(), &rung, sizeof rung);
}

}  // namespace sonde::recorder
