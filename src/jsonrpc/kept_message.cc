#include "jsonrpc/kept_message.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace sonde::jsonrpc {
namespace {

// So that the memory can be given back without a destructor.
static_assert(std::is_trivially_copyable_v<Message> && std::is_trivially_destructible_v<Message>);

/// Bytes that lie in a row, of one value or of several that overlap.
struct Stretch {
  const char* begin = nullptr;
  const char* end = nullptr;
  char* copy = nullptr;
  std::size_t size() const noexcept { return static_cast<std::size_t>(end - begin); }
};

/// The texts of a message, in the order in which they lie in memory, each byte once.
class Stretches {
 public:
  explicit Stretches(const Message& message) {
    for (const Value& value : message.fields) {
      if (value.text.empty()) continue;
      all_[used_++] = {.begin = value.text.data(), .end = value.text.data() + value.text.size()};
    }
    // Of pointers into different buffers only std::less knows an order.
    std::ranges::sort(all(), std::less<>{}, &Stretch::begin);
    join();
  }

  std::span<Stretch> all() noexcept { return std::span(all_).first(used_); }

  /// Where the copy of `text` is.  REQUIRES: it is one of those of the message.
  const char* copy_of(std::string_view text) noexcept {
    const auto after = std::ranges::upper_bound(all(), text.data(), std::less<>{}, &Stretch::begin);
    const Stretch& around = *std::prev(after);
    return around.copy + (text.data() - around.begin);
  }

 private:
  void join() noexcept {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < used_; ++i) {
      if (kept > 0 && std::less<>{}(all_[i].begin, all_[kept - 1].end)) {
        all_[kept - 1].end = std::max(all_[kept - 1].end, all_[i].end, std::less<>{});
      } else {
        all_[kept++] = all_[i];
      }
    }
    used_ = kept;
  }

  std::array<Stretch, kFieldCount> all_;
  std::size_t used_ = 0;
};

/// What the texts of a message span, where that is one piece of memory and hardly more than
/// they themselves; else empty.
std::string_view span_of(const Message& message) noexcept {
  constexpr std::size_t kBetweenMax = 256;
  if (message.whole.empty()) return {};
  std::size_t begin = message.whole.size();
  std::size_t end = 0;
  std::size_t longest = 0;
  for (const Value& value : message.fields) {
    if (value.text.empty()) continue;
    const auto at = static_cast<std::size_t>(value.text.data() - message.whole.data());
    begin = std::min(begin, at);
    end = std::max(end, at + value.text.size());
    longest = std::max(longest, value.text.size());
  }
  return end <= begin || end - begin > longest + kBetweenMax
             ? std::string_view()
             : message.whole.substr(begin, end - begin);
}

}  // namespace

KeptMessage::KeptMessage(const Message& message, KeptMemory memory) {
  if (const std::string_view span = span_of(message); !span.empty()) {
    keep_span(message, span, std::move(memory));
    return;
  }
  Stretches stretches(message);
  std::size_t text_bytes = 0;
  for (const Stretch& stretch : stretches.all()) text_bytes += stretch.size();
  char* next = make_room(message, text_bytes, std::move(memory));
  for (Stretch& stretch : stretches.all()) {
    stretch.copy = next;
    std::memcpy(next, stretch.begin, stretch.size());
    next += stretch.size();
  }
  for (Value& value : message_->fields) {
    if (!value.text.empty()) value.text = {stretches.copy_of(value.text), value.text.size()};
  }
}

/// Returns where the texts go.
char* KeptMessage::make_room(const Message& message, std::size_t text_bytes, KeptMemory memory) {
  constexpr std::size_t kStep = 256;  // So that the next message is likely to find room, too.
  const std::size_t needed = sizeof(Message) + text_bytes;
  if (memory.size() < needed) {
    const std::size_t size = (needed + kStep - 1) / kStep * kStep;
    memory.bytes_.reset(::operator new(size));
    memory.size_ = size;
  }
  bytes_ = memory.size_;
  message_.reset(std::construct_at(static_cast<Message*>(memory.bytes_.release()), message));
  message_->whole = {};
  return reinterpret_cast<char*>(message_.get()) + sizeof(Message);  // NOLINT
}

KeptMemory KeptMessage::release() noexcept {
  KeptMemory memory;
  memory.size_ = std::exchange(bytes_, 0);
  memory.bytes_.reset(message_.release());
  return memory;
}

/// The usual case: nothing to sort, one copy.
void KeptMessage::keep_span(const Message& message, std::string_view span, KeptMemory memory) {
  char* const copy = make_room(message, span.size(), std::move(memory));
  std::memcpy(copy, span.data(), span.size());
  for (Value& value : message_->fields) {
    if (!value.text.empty()) {
      value.text = {copy + (value.text.data() - span.data()), value.text.size()};
    }
  }
}

const Message& KeptMessage::message() const noexcept {
  static constexpr Message kNothing{
      .kind = Kind::kNotJson, .fields = {}, .splice = {}, .whole = {}};
  return message_ ? *message_ : kNothing;
}

}  // namespace sonde::jsonrpc
