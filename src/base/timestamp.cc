#include "base/timestamp.h"

#include <cstdint>

namespace sonde {
namespace {

void append_digits(std::string& out, std::uint64_t value, int width) {
  const std::size_t begin = out.size();
  out.append(static_cast<std::size_t>(width), '0');
  for (std::size_t at = begin + static_cast<std::size_t>(width); at > begin; value /= 10) {
    out[--at] = static_cast<char>('0' + value % 10);
  }
}

}  // namespace

void append_rfc3339(std::string& out, std::chrono::nanoseconds wall) {
  namespace chrono = std::chrono;
  const auto day = chrono::floor<chrono::days>(wall);
  const chrono::year_month_day date{chrono::sys_days(day)};
  const chrono::hh_mm_ss time(chrono::floor<chrono::milliseconds>(wall - day));
  const auto append = [&out](auto value, int width) {
    append_digits(out, static_cast<std::uint64_t>(value), width);
  };

  append(static_cast<int>(date.year()), 4);
  out.push_back('-');
  append(static_cast<unsigned>(date.month()), 2);
  out.push_back('-');
  append(static_cast<unsigned>(date.day()), 2);
  out.push_back('T');
  append(time.hours().count(), 2);
  out.push_back(':');
  append(time.minutes().count(), 2);
  out.push_back(':');
  append(time.seconds().count(), 2);
  out.push_back('.');
  append(time.subseconds().count(), 3);
  out.push_back('Z');
}

}  // namespace sonde
