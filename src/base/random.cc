#include "base/random.h"

#include <sys/random.h>
#include <time.h>

#include <bit>

namespace sonde {
namespace {

// splitmix64: spreads one seed over the state, as the authors of xoshiro advise.
std::uint64_t spread(std::uint64_t& seed) noexcept {
  std::uint64_t z = (seed += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::uint64_t kernel_seed() noexcept {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == sizeof seed) return seed;
  timespec time{};  // The kernel's pool is not ready yet, early at boot only.
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_nsec) ^ (static_cast<std::uint64_t>(time.tv_sec) << 30);
}

}  // namespace

Random::Random() : Random(kernel_seed()) {}

Random::Random(std::uint64_t seed) noexcept {
  for (std::uint64_t& word : state_) word = spread(seed);
}

// xoshiro256**.
std::uint64_t Random::next() noexcept {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

}  // namespace sonde
