#pragma once

#include <cstdint>
#include <string_view>

namespace sonde::jsonrpc {

/// Says whether the bytes fed, in any pieces, are one JSON number, true, false or null.
class ScalarCheck {
 public:
  void begin() noexcept { state_ = State::kStart; }
  /// False as soon as nothing that follows can make it valid.
  bool feed(std::string_view piece) noexcept;
  bool complete() const noexcept;

 private:
  enum class State : std::uint8_t {
    kStart,
    kMinus,
    kZero,
    kInteger,
    kPoint,
    kFraction,
    kExponent,
    kExponentSign,
    kExponentDigits,
    kWord,
    kInvalid,
  };

  State step(State state, char c) noexcept;
  State begin_with(char c) noexcept;

  State state_ = State::kStart;
  std::string_view word_rest_;  ///< Of a word: what must still come.
};

}  // namespace sonde::jsonrpc
