#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_range.hpp>

#include "thrash/labelled_sessions_for_test.h"
#include "thrash/recorded_sessions_for_test.h"

namespace sonde::thrash {
namespace {

std::string table_of(const Quality& quality) {
  std::ostringstream out;
  out << "precision " << quality.precision() << ", recall " << quality.recall() << ", events "
      << quality.events << '\n';
  for (const auto& [kind, counts] : quality.by_kind) {
    out << "  " << kind << ": told " << counts.first << " of " << counts.second << '\n';
  }
  return out.str();
}

TEST_CASE("the labelled set is large, and half of it polls and works", "[labelled]") {
  const auto samples = labelled_sessions();
  CHECK(samples.size() >= 300);
  CHECK(std::ranges::count_if(samples, &Sample::polls) == 100);
  CHECK(std::ranges::count_if(samples, &Sample::thrash) >= 120);
}

TEST_CASE("thrash is told, and hardly anything else", "[labelled]") {
  // The rules were made with the first seed in sight; the others they have never seen.
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 11)));
  const Quality quality = measure(labelled_sessions(seed));
  INFO(table_of(quality));
  CHECK(quality.precision() >= 0.95);
  CHECK(quality.recall() >= 0.9);
}

TEST_CASE("no legitimate poll is told", "[labelled]") {
  const auto seed = static_cast<std::uint64_t>(GENERATE(range(1, 11)));
  const Quality quality = measure(labelled_sessions(seed));
  INFO(table_of(quality));
  CHECK(quality.polls == 100);
  CHECK(quality.polls_told == 0);
}

TEST_CASE("sessions recorded from real servers are told apart, all of them", "[labelled]") {
  const auto samples = recorded_sessions(SONDE_THRASH_DATA);
  CHECK(samples.size() >= 11);
  const Quality quality = measure(samples);
  INFO(table_of(quality));
  CHECK(quality.found >= 6);
  CHECK(quality.missed == 0);
  CHECK(quality.mistaken == 0);
}

TEST_CASE("a session that goes in circles is told a few times, not each time", "[labelled]") {
  const auto samples = labelled_sessions();
  const Quality quality = measure(samples);
  CHECK(quality.events < 4 * (quality.found + quality.mistaken));
}

}  // namespace
}  // namespace sonde::thrash
