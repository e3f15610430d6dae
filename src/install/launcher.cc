#include "install/launcher.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace sonde::install {
namespace {

/// The built program launch.cc, byte by byte; made by embed.cmake.
constexpr unsigned char kImage[] = {
#include "install/launch_image.inc"
};

constexpr std::string_view kPlace = "@sonde-path@";
constexpr std::size_t kPathBytes = 4096;  // As in launch.cc, with the null at its end.

}  // namespace

Result<std::string> launcher_program(std::string_view sonde_path) {
  if (sonde_path.size() >= kPathBytes) {
    return fail(Errc::kLimitExceeded, "the path of sonde is longer than 4095 bytes");
  }
  std::string program(std::begin(kImage), std::end(kImage));
  const std::size_t place = program.find(kPlace);
  SONDE_CHECK(place != std::string::npos && place + kPathBytes <= program.size());
  std::fill_n(program.begin() + static_cast<std::ptrdiff_t>(place), kPlace.size(), '\0');
  program.replace(place, sonde_path.size(), sonde_path);
  return program;
}

}  // namespace sonde::install
