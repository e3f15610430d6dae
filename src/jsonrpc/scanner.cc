#include "jsonrpc/scanner.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"
#include "jsonrpc/capture.h"
#include "jsonrpc/draft.h"
#include "jsonrpc/kernel.h"
#include "jsonrpc/key.h"
#include "jsonrpc/splice.h"
#include "jsonrpc/walker.h"

namespace sonde::jsonrpc {
namespace {

constexpr std::string_view kNewline = "\n";
constexpr std::string_view kNotifications = "notifications/";

}  // namespace

struct Scanner::State {
  State(const Limits& with, ResultListener* to, const Kernel& kernel)
      : bad_lines_max(with.bad_lines_max), listener(to), capture(with), walker(kernel, draft) {}

  const Message* next();
  const Message* publish();
  void forget_message();
  void tell_result();
  /// The text of a field that has ended, of a message that has not: its chunk is gone.
  std::string_view kept_text(Field field) const {
    return capture.text(draft.at(field), field, {{}, chunk.end()});
  }

  std::size_t bad_lines_max;
  ResultListener* listener;
  Capture capture;
  Draft draft;
  Walker walker;
  Chunk chunk;
  Message message;
  std::uint32_t filled = 0;  ///< Bit per Field: those of `message` that are present.
  bool published = false;    ///< `message` is what next() returned last.
  bool disabled = false;
  bool starved = true;
  bool last = false;                  ///< Behind `chunk` a newline is to be thought.
  std::uint64_t heard_begin = kOpen;  ///< The result that the listener hears.
  std::uint64_t heard_end = 0;        ///< As far as it has heard it.
};

const Message* Scanner::State::next() {
  if (published) forget_message();
  if (disabled || starved) return nullptr;
  if (!chunk.bytes.empty() && walker.run() == Walker::Event::kMessage) return publish();
  if (std::exchange(last, false)) {
    // The chunk stays what texts are views of.
    walker.feed({kNewline, chunk.end()});
    if (walker.run() == Walker::Event::kMessage) return publish();
  }
  starved = true;
  if (draft.opened != 0) {
    tell_result();
    capture.keep(draft, chunk);
  }
  return nullptr;
}

const Message* Scanner::State::publish() {
  tell_result();
  if (draft.begin < chunk.begin) capture.complete(draft, chunk);
  message.kind = draft.kind();
  message.whole =
      draft.begin < chunk.begin ? std::string_view() : chunk.between(draft.begin, draft.end);
  message.begin = draft.begin;
  message.end = draft.end;
  message.line = draft.line;
  message.in_batch = draft.in_batch;
  message.duplicate_keys = draft.duplicate_keys;
  message.splice.reset();
  // By members: a copy of the whole would wait for its parts to reach the cache.
  if (const auto site = draft.splice())
    message.splice.emplace(site->offset, site->form, site->empty);
  for (std::size_t i = 0; i < draft.opened; ++i) {
    const Field field = draft.order[i];
    const Slot& slot = draft.at(field);
    const std::string_view text = capture.text(slot, field, chunk);
    const std::uint64_t size = slot.end - slot.begin;
    message.fields[static_cast<std::size_t>(field)] = {.text = text,
                                                       .size = size,
                                                       .elements = slot.elements,
                                                       .present = true,
                                                       .truncated = text.size() < size};
  }
  // Most messages have the fields of the one before, so this clears little.
  for (Mask gone = filled & ~draft.present; gone != 0; gone &= gone - 1) {
    message.fields[static_cast<std::size_t>(std::countr_zero(gone))] = {};
  }
  filled = draft.present;
  published = true;
  return &message;
}

void Scanner::State::forget_message() {
  published = false;
  disabled = walker.bad_lines() >= bad_lines_max;
  draft.reset();
  capture.clear();
}

/// Shows the listener what `chunk` holds of a result that is longer than its limit.
void Scanner::State::tell_result() {
  if (listener == nullptr || !draft.has(Field::kResult)) return;
  const Slot& result = draft.at(Field::kResult);
  const std::uint64_t end = std::min(result.end, chunk.end());
  if (end - result.begin <= capture.limit(Field::kResult)) return;
  bool first = heard_begin != result.begin;
  if (first) {
    heard_begin = result.begin;
    heard_end = result.begin;
    if (result.begin < chunk.begin) {
      // It was within its limit until this chunk came, so all of it has been kept.
      listener->on_result_bytes(capture.kept(result, chunk.begin), true);
      heard_end = chunk.begin;
      first = false;
    }
  }
  if (end > heard_end) listener->on_result_bytes(chunk.between(heard_end, end), first);
  heard_end = end;
}

Scanner::Scanner(Limits limits, ResultListener* listener)
    : state_(std::make_unique<State>(limits, listener, kernels().front())) {}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;

void Scanner::feed(std::string_view chunk) {
  State& state = *state_;
  SONDE_CHECK(state.starved || state.disabled);
  state.chunk = {chunk, state.chunk.end()};
  state.walker.feed(state.chunk);
  state.starved = chunk.empty();
}

void Scanner::feed_last(std::string_view chunk) {
  feed(chunk);
  state_->last = true;
  state_->starved = false;
}

const Message* Scanner::next() { return state_->next(); }

const Message* Scanner::finish() {
  // As if the newline had come; but the stream is no longer for it.
  feed(kNewline);
  const Message* message = next();
  state_->chunk.begin -= kNewline.size();
  state_->starved = true;
  return message;
}

std::optional<std::uint64_t> Scanner::hold_from() const noexcept {
  return state_->draft.hold_from();
}

std::optional<SpliceSite> Scanner::splice_now() const noexcept {
  const State& state = *state_;
  const auto site = state.draft.splice();
  if (!site || !state.draft.at(Field::kMethod).closed()) return std::nullopt;
  if (text_begins_with(state.kept_text(Field::kMethod), kNotifications)) return std::nullopt;
  if (site->form == SpliceSite::Form::kAfterMetaOpen) {
    const std::string_view meta = state.kept_text(Field::kMeta);
    const Slot& slot = state.draft.at(Field::kMeta);
    if (meta.size() < slot.end - slot.begin || has_traceparent(meta)) return std::nullopt;
  }
  return site;
}

bool Scanner::disabled() const noexcept { return state_->disabled; }

std::size_t Scanner::kept_bytes() const noexcept { return state_->capture.size(); }

std::uint64_t Scanner::offset() const noexcept { return state_->chunk.end(); }

}  // namespace sonde::jsonrpc
