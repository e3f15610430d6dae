#pragma once

#include <chrono>
#include <string>

namespace sonde::alarm {

/// Moments since the Unix epoch as CloudWatch writes them, each in UTC.
std::string short_time(std::chrono::seconds at);  ///< "08/11/22 02:40:00"
std::string long_time(std::chrono::seconds at);   ///< "2022-11-08T02:40:00.000+0000"
std::string day_time(std::chrono::seconds at);    ///< "Tuesday 08 November, 2022 02:40:00 UTC"

}  // namespace sonde::alarm
