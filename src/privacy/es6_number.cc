#include "privacy/es6_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace sonde::privacy {
namespace {

/// The shortest digits of a number, and where the point is: 0.digits * 10^point.
struct Decimal {
  std::array<char, 24> buffer;
  std::size_t size = 0;
  int point = 0;

  std::string_view digits() const { return {buffer.data(), size}; }
};

/// REQUIRES: `value` is finite and positive.
Decimal shortest(double value) {
  std::array<char, 40> text;
  char* const end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific)
          .ptr;
  const char* const exponent = std::find(text.data(), end, 'e');
  Decimal decimal;
  for (const char* c = text.data(); c != exponent; ++c) {
    if (*c != '.') decimal.buffer[decimal.size++] = *c;
  }
  // from_chars takes no plus sign.
  std::from_chars(exponent + (exponent[1] == '+' ? 2 : 1), end, decimal.point);
  ++decimal.point;
  return decimal;
}

void append_exponent(std::string& out, const Decimal& decimal) {
  const std::string_view digits = decimal.digits();
  out.push_back(digits.front());
  if (digits.size() > 1) out.append(".").append(digits.substr(1));
  const int exponent = decimal.point - 1;
  out.append(exponent < 0 ? "e-" : "e+").append(std::to_string(std::abs(exponent)));
}

/// The position of the first digit that is not 0 before (> 0) or behind the point (<= 0),
/// exponent included, without overflow: tells a huge number from a tiny one.
std::int64_t magnitude(std::string_view raw) {
  constexpr std::int64_t kFar = std::int64_t{1} << 40;
  const std::size_t e = std::min(raw.find_first_of("eE"), raw.size());
  const std::string_view mantissa = raw.substr(0, e);
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return -kFar;
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  auto position = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  if (position <= 0) ++position;  // Behind the point: the point itself counts for nothing.

  std::string_view digits = raw.substr(std::min(e + 1, raw.size()));
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t exponent = 0;
  for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), kFar);
  return position + (negative ? -exponent : exponent);
}

}  // namespace

void append_es6_number(std::string& out, double value) {
  if (value == 0) {
    out.push_back('0');
    return;
  }
  if (value < 0) out.push_back('-');
  const Decimal decimal = shortest(value < 0 ? -value : value);
  const std::string_view digits = decimal.digits();
  const auto size = static_cast<int>(digits.size());
  if (decimal.point > 21 || decimal.point <= -6) return append_exponent(out, decimal);
  if (decimal.point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-decimal.point), '0').append(digits);
  } else if (size <= decimal.point) {
    out.append(digits).append(static_cast<std::size_t>(decimal.point - size), '0');
  } else {
    const auto point = static_cast<std::size_t>(decimal.point);
    out.append(digits.substr(0, point)).append(".").append(digits.substr(point));
  }
}

bool is_canonical_number(std::string_view raw) noexcept {
  // Decimals of so many digits all have doubles of their own (DBL_DIG), so the shortest text
  // of such a double is the decimal itself.
  constexpr std::size_t kDigitsMax = 15;
  const bool negative = raw.starts_with('-');
  if (negative) raw.remove_prefix(1);
  std::size_t point = raw.size();
  for (std::size_t at = 0; at < raw.size(); ++at) {
    if (raw[at] == '.') point = at;
    if (raw[at] == 'e' || raw[at] == 'E') return false;
  }
  if (point == raw.size()) return raw != "0" || !negative;
  // Below 0.000001 it would be written with an exponent; zeros there are rare.
  return raw.size() <= kDigitsMax + 1 && raw.back() != '0' &&
         (raw.front() != '0' || raw[point + 1] != '0');
}

bool append_canonical_number(std::string& out, std::string_view raw) {
  if (raw.find_first_of(".eE") == std::string_view::npos) {
    out.append(raw == "-0" ? "0" : raw);
    return true;
  }
  double value = 0;
  const auto error = std::from_chars(raw.data(), raw.data() + raw.size(), value).ec;
  // Out of range is said of both ends, and leaves no value.
  if (error == std::errc::result_out_of_range) {
    if (magnitude(raw) > 0) return false;
    value = 0;
  }
  append_es6_number(out, value);
  return true;
}

}  // namespace sonde::privacy
