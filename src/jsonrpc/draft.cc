#include "jsonrpc/draft.h"

#include <algorithm>

namespace sonde::jsonrpc {
namespace {

constexpr std::uint32_t bit(Field field) {
  return std::uint32_t{1} << static_cast<unsigned>(field);
}

/// The fields that lie inside `field`.
constexpr std::uint32_t inside(Field field) {
  switch (field) {
    case Field::kParams:
      return bit(Field::kName) | bit(Field::kUri) | bit(Field::kArguments) | bit(Field::kMeta);
    case Field::kResult:
      return bit(Field::kIsError) | bit(Field::kResultType) | bit(Field::kContent) |
             bit(Field::kStructured) | bit(Field::kTools) | bit(Field::kResultMeta);
    case Field::kError:
      return bit(Field::kErrorCode) | bit(Field::kErrorMessage);
    default:
      return 0;
  }
}

}  // namespace

void Draft::reset() noexcept {
  shape = Shape::kNothing;
  in_batch = false;
  closed = false;
  duplicate_keys = false;
  splice_void = false;
  opened = 0;
  present = 0;
}

void Draft::forget(Field field) noexcept {
  duplicate_keys = true;
  splice_void |= field == Field::kParams || field == Field::kMeta;
  present &= ~(bit(field) | inside(field));
  const auto last = std::remove_if(order.begin(), order.begin() + opened,
                                   [this](Field one) { return !has(one); });
  opened = static_cast<std::uint8_t>(last - order.begin());
}

Kind Draft::kind() const noexcept {
  if (shape == Shape::kInvalid) return Kind::kNotJson;
  if (shape != Shape::kObject) return Kind::kNotJsonRpc;
  if (has(Field::kMethod) && at(Field::kMethod).first == '"') {
    return has(Field::kId) ? Kind::kRequest : Kind::kNotification;
  }
  // Some servers send both, with null for the one that does not apply.
  if (has(Field::kError) && !(has(Field::kResult) && at(Field::kError).first == 'n')) {
    return Kind::kError;
  }
  return has(Field::kResult) ? Kind::kResponse : Kind::kNotJsonRpc;
}

/// Nothing seen so far rules out that this is a request we may write into.
bool Draft::may_splice() const noexcept {
  return shape == Shape::kObject && !in_batch && !splice_void && !has(Field::kResult) &&
         !has(Field::kError) && !(has(Field::kMethod) && at(Field::kMethod).first != '"');
}

std::optional<std::uint64_t> Draft::hold_from() const noexcept {
  if (!may_splice()) return std::nullopt;
  if (!has(Field::kParams)) {
    if (closed && has(Field::kMethod)) return end - 1;
    return std::nullopt;
  }
  const Slot& params = at(Field::kParams);
  if (!params.is_object()) return std::nullopt;
  if (has(Field::kMeta)) {
    const Slot& meta = at(Field::kMeta);
    if (!meta.is_object()) return std::nullopt;
    return meta.begin + 1;
  }
  if (!params.closed()) return std::nullopt;
  return params.end - 1;
}

std::optional<SpliceSite> Draft::splice() const noexcept {
  using Form = SpliceSite::Form;
  const auto offset = hold_from();
  if (!offset || !has(Field::kMethod)) return std::nullopt;
  if (!has(Field::kParams)) return SpliceSite{*offset, Form::kBeforeMessageEnd, false};
  if (!has(Field::kMeta)) {
    return SpliceSite{*offset, Form::kBeforeParamsEnd, at(Field::kParams).elements == 0};
  }
  if (!at(Field::kMeta).closed()) return std::nullopt;
  return SpliceSite{*offset, Form::kAfterMetaOpen, at(Field::kMeta).elements == 0};
}

}  // namespace sonde::jsonrpc
