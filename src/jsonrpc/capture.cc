#include "jsonrpc/capture.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace sonde::jsonrpc {
namespace {

// So that no sum of offset and limit overflows.
constexpr std::uint64_t kLimitMax = std::uint64_t{1} << 48;

std::uint64_t limit_of(const Limits& limits, Field field) {
  switch (field) {
    case Field::kMethod:
      return limits.method;
    case Field::kName:
      return limits.name;
    case Field::kUri:
      return limits.uri;
    case Field::kMeta:
    case Field::kResultMeta:
      return limits.meta;
    case Field::kParams:
      return limits.params;
    case Field::kArguments:
      return limits.arguments;
    case Field::kResult:
      return limits.result;
    case Field::kContent:
    case Field::kStructured:
      return limits.content;
    case Field::kTools:
      return limits.tools;
    case Field::kError:
    case Field::kErrorMessage:
      return limits.error;
    case Field::kJsonrpc:
    case Field::kId:
    case Field::kIsError:
    case Field::kResultType:
    case Field::kErrorCode:
    case Field::kCount:
      break;
  }
  return limits.id;
}

}  // namespace

Capture::Capture(const Limits& limits) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    limits_[i] = std::min(limit_of(limits, static_cast<Field>(i)), kLimitMax);
  }
  limits_sum_ = std::accumulate(limits_.begin(), limits_.end(), std::size_t{0});
}

void Capture::keep(Draft& draft, const Chunk& chunk) {
  // The fields come as they begin, so what one of them needs lies behind `copied`, or
  // has been copied for one before it, without a gap since this one's beginning.
  std::uint64_t copied = chunk.begin;
  for (std::size_t i = 0; i < draft.opened; ++i) {
    const Field field = draft.order[i];
    Slot& slot = draft.at(field);
    if (slot.begin >= chunk.begin) {
      copied = std::max(copied, slot.begin);
      slot.kept = kept_.size() - (copied - slot.begin);
    }
    const std::uint64_t end = wanted_end(slot, field, chunk);
    if (end <= copied) continue;
    kept_.append(chunk.between(copied, end));
    copied = end;
  }
  if (kept_.size() > limits_sum_) compact(draft, chunk);
}

void Capture::complete(const Draft& draft, const Chunk& chunk) {
  std::uint64_t copied = chunk.begin;
  for (std::size_t i = 0; i < draft.opened; ++i) {
    const Field field = draft.order[i];
    const Slot& slot = draft.at(field);
    if (slot.begin >= chunk.begin) break;
    const std::uint64_t end = wanted_end(slot, field, chunk);
    if (end <= copied) continue;
    kept_.append(chunk.between(copied, end));
    copied = end;
  }
}

/// Squeezes out what belonged to fields that came again.
void Capture::compact(Draft& draft, const Chunk& chunk) {
  std::size_t moved = 0;  // Source bytes before this are done with.
  std::size_t size = 0;
  for (std::size_t i = 0; i < draft.opened; ++i) {
    const Field field = draft.order[i];
    Slot& slot = draft.at(field);
    const std::size_t begin = slot.kept;
    const std::size_t end = begin + (wanted_end(slot, field, chunk) - slot.begin);
    moved = std::max(moved, begin);
    slot.kept = size - (moved - begin);
    if (end <= moved) continue;
    std::memmove(kept_.data() + size, kept_.data() + moved, end - moved);
    size += end - moved;
    moved = end;
  }
  kept_.resize(size);
}

}  // namespace sonde::jsonrpc
