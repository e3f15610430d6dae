#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace sonde {

/// What the receiver of a failure can do about it: one value per reaction,
/// not one per cause.  The cause is in `Error::message()`.
enum class Errc {
  kInvalidInput,   ///< The peer or the user gave what we cannot read: say so, carry on.
  kLimitExceeded,  ///< A configured bound was reached: count it, carry on.
  kUnavailable,    ///< The other side is away: back off, offer it again.
  kInternal,       ///< Our bug, or a broken disk: report it, abandon this unit.
};

/// A failure on its way to whoever can react to it.
class [[nodiscard]] Error {
 public:
  Error(Errc code, std::string message) : code_(code), message_(std::move(message)) {}

  Errc code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }

  /// Adds what the caller was doing, so that a line reads outermost first:
  /// "read configuration: sonde.yaml:7: unknown key".
  Error within(std::string_view doing) && {
    message_.insert(0, std::string(doing) + ": ");
    return std::move(*this);
  }

 private:
  Errc code_;
  std::string message_;
};

/// A value or an Error.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

using Status = Result<void>;

inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

inline std::unexpected<Error> fail(Errc code, std::string message) {
  return fail(Error(code, std::move(message)));
}

}  // namespace sonde

/// Returns the Error of `expr` from the enclosing function, if it has one.
#define SONDE_RETURN_IF_ERROR(expr)                          \
  do {                                                       \
    if (auto sonde_result = (expr); !sonde_result) {         \
      return ::sonde::fail(std::move(sonde_result).error()); \
    }                                                        \
  } while (false)
