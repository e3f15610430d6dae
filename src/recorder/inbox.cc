#include "recorder/inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

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

// The upper bits count records, the lower ones bytes.  Sums of both may run over; what waits
// never does, so that the difference of two sums is right.
constexpr unsigned kByteBits = 40;
constexpr std::uint64_t kOneRecord = std::uint64_t{1} << kByteBits;
// Far from what would run over even while many threads are about to be refused.
constexpr std::uint64_t kRecordsMax = std::uint64_t{1} << 23U;
constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 38U;

constexpr Inbox::Waiting unpacked(std::uint64_t sum) noexcept {
  return {.records = sum >> kByteBits, .bytes = sum & (kOneRecord - 1)};
}

constexpr Inbox::Limits within_counter(Inbox::Limits wanted) noexcept {
  return {.records_max = std::min(wanted.records_max, kRecordsMax),
          .bytes_max = std::min(wanted.bytes_max, kBytesMax)};
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

std::uint64_t bytes_held(const std::unique_ptr<Parcel>& parcel) noexcept {
  return sizeof(Item) + (parcel ? parcel->bytes_held() : 0);
}

Inbox::Inbox(Limits limits)
    : limits_(within_counter(limits)), limits_of_pieces_(share_of_pieces(limits_)) {}

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
  // In this order: what is popped has been pushed before.
  const std::uint64_t popped = popped_.load();
  return unpacked(pushed_.load() - popped);
}

bool Inbox::room_for_piece(std::uint64_t bytes) const noexcept {
  const Waiting now = waiting();
  return now.records < limits_of_pieces_.records_max &&
         now.bytes + bytes <= limits_of_pieces_.bytes_max;
}

/// Makes room for one item of so many bytes.  Two threads that ask at once for the last room
/// may both be refused; never do both get it.
bool Inbox::reserve(std::uint64_t bytes, Limits limits) noexcept {
  const std::uint64_t popped = popped_.load();
  if (bytes > limits.bytes_max) return false;
  const Waiting before = unpacked(pushed_.fetch_add(kOneRecord + bytes) - popped);
  if (before.records < limits.records_max && before.bytes + bytes <= limits.bytes_max) return true;
  give_back(bytes);
  return false;
}

void Inbox::give_back(std::uint64_t bytes) noexcept { pushed_.fetch_sub(kOneRecord + bytes); }

void Inbox::append(Node* node) noexcept {
  link(node);
  // Either this thread sees that the other sleeps, or that one has seen in reserve() that
  // there is something: all four accesses are sequentially consistent.
  const Sleep sleep = sleep_.load();
  if (sleep == Sleep::kIdle || (sleep == Sleep::kGathering && batch_full())) ring();
}

void Inbox::link(Link* last) noexcept {
  Link* const before = newest_.exchange(last, std::memory_order_acq_rel);
  // From here to the next line the list is in two parts, and unlink() finds the first only.
  before->next.store(last, std::memory_order_release);
}

void Inbox::ring() noexcept {
  sleep_.store(Sleep::kNone);
  const std::uint64_t one = 1;
  // Cannot fail but by a counter near 2^64, and then the bell rings anyway.
  [[maybe_unused]] const auto written = ::write(bell_.get(), &one, sizeof one);
}

std::unique_ptr<Inbox::Node> Inbox::pop() noexcept {
  Link* const link = empty() ? nullptr : unlink();
  if (link == nullptr) return nullptr;
  std::unique_ptr<Node> node(static_cast<Node*>(link));
  popped_.store(popped_.load(std::memory_order_relaxed) + kOneRecord + node->bytes,
                std::memory_order_release);
  return node;
}

/// Takes the oldest item off the list, but not the stub.
Inbox::Link* Inbox::unlink() noexcept {
  Link* first = oldest_;
  Link* next = first->next.load(std::memory_order_acquire);
  if (first == &stub_) {
    if (next == nullptr) return nullptr;
    oldest_ = first = next;
    next = first->next.load(std::memory_order_acquire);
  }
  if (next == nullptr) {
    // The last one can only go when something stands behind it.
    if (newest_.load(std::memory_order_acquire) != first) return nullptr;
    stub_.next.store(nullptr, std::memory_order_relaxed);
    link(&stub_);
    next = first->next.load(std::memory_order_acquire);
    if (next == nullptr) return nullptr;
  }
  oldest_ = next;
  return first;
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
