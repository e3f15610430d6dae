#include "base/timestamp.h"

#include <array>
#include <cstdint>

namespace sonde {
namespace {

/// Takes fixed pieces off the front of a text; after the first misfit nothing fits.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : rest_(text) {}

  int digits(std::size_t width) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const char c = take();
      ok_ = ok_ && c >= '0' && c <= '9';
      value = value * 10 + (c - '0');
    }
    return value;
  }
  bool one_of(std::string_view characters) noexcept {
    ok_ = ok_ && characters.find(take()) != std::string_view::npos;
    return ok_;
  }
  char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }
  char take() noexcept {
    const char c = peek();
    ok_ = ok_ && !rest_.empty();
    if (!rest_.empty()) rest_.remove_prefix(1);
    return c;
  }
  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Decimals of a second; what is finer than a nanosecond is dropped.
std::chrono::nanoseconds fraction(Pieces& pieces) noexcept {
  std::int64_t value = 0;
  if (pieces.peek() == '.') {
    pieces.take();
    std::int64_t unit = 100'000'000;
    do {
      value += pieces.digits(1) * unit;
      unit /= 10;
    } while (is_digit(pieces.peek()));
  }
  return std::chrono::nanoseconds(value);
}

std::chrono::minutes offset(Pieces& pieces) noexcept {
  const char sign = pieces.take();
  if (sign == 'Z' || sign == 'z') return {};
  if (sign != '+' && sign != '-') pieces.one_of("");
  const int hours = pieces.digits(2);
  pieces.one_of(":");
  const std::chrono::minutes east(hours * 60 + pieces.digits(2));
  return sign == '-' ? -east : east;
}

}  // namespace

namespace {

using TimeText = std::array<char, 24>;

void put(TimeText& text, std::size_t begin, auto value, std::size_t width) noexcept {
  auto rest = static_cast<unsigned>(value);
  for (std::size_t at = begin + width; at > begin; rest /= 10) {
    text[--at] = static_cast<char>('0' + rest % 10);
  }
}

TimeText text_of_second(std::chrono::seconds second) noexcept {
  namespace chrono = std::chrono;
  const auto day = chrono::floor<chrono::days>(second);
  const chrono::year_month_day date{chrono::sys_days(day)};
  const chrono::hh_mm_ss time(second - day);
  TimeText text = {"0000-00-00T00:00:00.000"};
  put(text, 0, static_cast<int>(date.year()), 4);
  put(text, 5, static_cast<unsigned>(date.month()), 2);
  put(text, 8, static_cast<unsigned>(date.day()), 2);
  put(text, 11, time.hours().count(), 2);
  put(text, 14, time.minutes().count(), 2);
  put(text, 17, time.seconds().count(), 2);
  text.back() = 'Z';
  return text;
}

}  // namespace

void append_rfc3339(std::string& out, std::chrono::nanoseconds wall) {
  // Times that are written one after the other mostly lie in the same second.
  struct Last {
    std::chrono::seconds second{};
    TimeText text = text_of_second(std::chrono::seconds{});
  };
  static thread_local Last last;
  const auto second = std::chrono::floor<std::chrono::seconds>(wall);
  if (second != last.second) last = {.second = second, .text = text_of_second(second)};
  put(last.text, 20, std::chrono::floor<std::chrono::milliseconds>(wall - second).count(), 3);
  out.append(last.text.data(), last.text.size());
}

std::optional<std::chrono::nanoseconds> parse_rfc3339(std::string_view text) noexcept {
  namespace chrono = std::chrono;
  Pieces pieces(text);
  const int year = pieces.digits(4);
  pieces.one_of("-");
  const int month = pieces.digits(2);
  pieces.one_of("-");
  const int day = pieces.digits(2);
  pieces.one_of("Tt ");
  const int hour = pieces.digits(2);
  pieces.one_of(":");
  const int minute = pieces.digits(2);
  pieces.one_of(":");
  const int second = pieces.digits(2);
  const chrono::nanoseconds decimals = fraction(pieces);
  const chrono::minutes east = offset(pieces);

  const chrono::year_month_day date{chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                    chrono::day(static_cast<unsigned>(day))};
  const bool valid = pieces.ok() && pieces.at_end() && date.ok() && year >= 1970 && year < 2262 &&
                     hour < 24 && minute < 60 && second <= 60;  // 60: a leap second.
  if (!valid) return std::nullopt;
  const chrono::nanoseconds wall = chrono::sys_days(date).time_since_epoch() + chrono::hours(hour) +
                                   chrono::minutes(minute) + chrono::seconds(second) + decimals;
  return wall - east;
}

}  // namespace sonde
