#include <array>
#include <string_view>

#include "alarm/time_text_internal.h"

namespace sonde::alarm {
namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};

struct Civil {
  std::chrono::weekday weekday;
  unsigned day;
  unsigned month;
  int year;
  std::string time;  ///< "02:40:00"
};

std::string padded(std::int64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

Civil civil(seconds at) {
  const std::chrono::sys_seconds moment(at);
  const auto day = std::chrono::floor<std::chrono::days>(moment);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<seconds> time(moment - day);
  return {.weekday = std::chrono::weekday(day),
          .day = static_cast<unsigned>(date.day()),
          .month = static_cast<unsigned>(date.month()),
          .year = static_cast<int>(date.year()),
          .time = padded(time.hours().count(), 2) + ":" + padded(time.minutes().count(), 2) + ":" +
                  padded(time.seconds().count(), 2)};
}

}  // namespace

std::string short_time(seconds at) {
  const Civil t = civil(at);
  return padded(t.day, 2) + "/" + padded(t.month, 2) + "/" + padded(t.year % 100, 2) + " " + t.time;
}

std::string long_time(seconds at) {
  const Civil t = civil(at);
  return padded(t.year, 4) + "-" + padded(t.month, 2) + "-" + padded(t.day, 2) + "T" + t.time +
         ".000+0000";
}

std::string day_time(seconds at) {
  const Civil t = civil(at);
  return std::string(kDays[t.weekday.c_encoding()]) + " " + padded(t.day, 2) + " " +
         std::string(kMonths[t.month - 1]) + ", " + padded(t.year, 4) + " " + t.time + " UTC";
}

}  // namespace sonde::alarm
