#include "jsonrpc/scalar.h"

namespace sonde::jsonrpc {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool exponent(char c) { return c == 'e' || c == 'E'; }

}  // namespace

inline ScalarCheck::State ScalarCheck::begin_with(char c) noexcept {
  if (c == '-') return State::kMinus;
  if (c == '0') return State::kZero;
  if (digit(c)) return State::kInteger;
  if (c == 't') {
    word_rest_ = "rue";
  } else if (c == 'f') {
    word_rest_ = "alse";
  } else if (c == 'n') {
    word_rest_ = "ull";
  } else {
    return State::kInvalid;
  }
  return State::kWord;
}

inline ScalarCheck::State ScalarCheck::step(State state, char c) noexcept {
  switch (state) {
    case State::kStart:
      return begin_with(c);
    case State::kMinus:
      if (c == '0') return State::kZero;
      return digit(c) ? State::kInteger : State::kInvalid;
    case State::kInteger:
      if (digit(c)) return State::kInteger;
      [[fallthrough]];
    case State::kZero:
      if (c == '.') return State::kPoint;
      return exponent(c) ? State::kExponent : State::kInvalid;
    case State::kPoint:
      return digit(c) ? State::kFraction : State::kInvalid;
    case State::kFraction:
      if (exponent(c)) return State::kExponent;
      return digit(c) ? State::kFraction : State::kInvalid;
    case State::kExponent:
      if (c == '+' || c == '-') return State::kExponentSign;
      [[fallthrough]];
    case State::kExponentSign:
    case State::kExponentDigits:
      return digit(c) ? State::kExponentDigits : State::kInvalid;
    case State::kWord:
      if (word_rest_.empty() || word_rest_.front() != c) return State::kInvalid;
      word_rest_.remove_prefix(1);
      return State::kWord;
    case State::kInvalid:
      break;
  }
  return State::kInvalid;
}

bool ScalarCheck::feed(std::string_view piece) noexcept {
  State state = state_;
  for (const char c : piece) {
    state = step(state, c);
    if (state == State::kInvalid) break;
  }
  state_ = state;
  return state != State::kInvalid;
}

bool ScalarCheck::complete() const noexcept {
  switch (state_) {
    case State::kZero:
    case State::kInteger:
    case State::kFraction:
    case State::kExponentDigits:
      return true;
    case State::kWord:
      return word_rest_.empty();
    default:
      return false;
  }
}

}  // namespace sonde::jsonrpc
