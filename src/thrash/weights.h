#pragma once

#include <cstdint>

namespace sonde::thrash {

/// How much a repetition counts, in eighths: a whole one if nothing speaks for it.
///
/// An agent that waits, that does new work in between, or asks for the same twice at once may
/// well have a reason; only much more of that is going in circles.
inline constexpr std::uint32_t kWhole = 8;
inline constexpr std::uint32_t kOtherFault = 4;  ///< It fails again, but in another way.
inline constexpr std::uint32_t kAfterWait = 2;   ///< Or at the same time.
inline constexpr std::uint32_t kAfterWork = 1;

}  // namespace sonde::thrash
