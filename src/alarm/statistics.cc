#include "alarm/statistics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

namespace sonde::alarm {
namespace {

using Kind = Statistic::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 5> kSimple{
    {{"SampleCount", Kind::kSampleCount},
     {"Average", Kind::kAverage},
     {"Sum", Kind::kSum},
     {"Minimum", Kind::kMinimum},
     {"Maximum", Kind::kMaximum}}};

constexpr std::array<std::pair<std::string_view, Kind>, 5> kBounded{
    {{"TM", Kind::kTrimmedMean},
     {"WM", Kind::kWinsorizedMean},
     {"TC", Kind::kTrimmedCount},
     {"TS", Kind::kTrimmedSum},
     {"PR", Kind::kPercentileRank}}};

constexpr std::array<std::pair<std::string_view, Kind>, 5> kShort{{{"p", Kind::kPercentile},
                                                                   {"tm", Kind::kTrimmedMean},
                                                                   {"wm", Kind::kWinsorizedMean},
                                                                   {"tc", Kind::kTrimmedCount},
                                                                   {"ts", Kind::kTrimmedSum}}};

constexpr std::size_t kDecimalsMax = 10;

std::unexpected<Error> invalid(std::string_view text, std::string_view problem) {
  return fail(Errc::kInvalidInput,
              "statistic `" + std::string(text) + "`: " + std::string(problem));
}

/// Digits with at most ten behind a point; nothing for anything else, "1e3" for example.
std::optional<double> decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const bool plain = text.find_first_not_of("0123456789.") == std::string_view::npos;
  if (!plain || text.empty() || text.front() == '.') return {};
  if (point != std::string_view::npos) {
    const std::size_t decimals = text.size() - point - 1;
    if (decimals == 0 || decimals > kDecimalsMax) return {};
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

struct Bounds {
  std::string_view lower;
  std::string_view upper;
};

/// "10%:90%" without its brackets, into `statistic`.
Status read_bounds(std::string_view text, Bounds bounds, Statistic& statistic) {
  const auto is_percent = [](std::string_view bound) { return bound.ends_with('%'); };
  if (bounds.lower.empty() && bounds.upper.empty()) return invalid(text, "needs a bound");
  const bool mixed = !bounds.lower.empty() && !bounds.upper.empty() &&
                     is_percent(bounds.lower) != is_percent(bounds.upper);
  if (mixed) return invalid(text, "both bounds in percent, or neither");
  statistic.percent = is_percent(bounds.lower) || is_percent(bounds.upper);
  if (statistic.percent && statistic.kind == Kind::kPercentileRank) {
    return invalid(text, "the bounds of PR are values, not percentages");
  }
  const auto read = [&](std::string_view bound, std::optional<double>& into) {
    if (bound.empty()) return true;
    if (statistic.percent) bound.remove_suffix(1);
    into = decimal(bound);
    return into && (!statistic.percent || *into <= 100);
  };
  if (!read(bounds.lower, statistic.lower) || !read(bounds.upper, statistic.upper)) {
    return invalid(text, "a bound is a decimal number, with % at most 100");
  }
  const double lowest = statistic.lower.value_or(0);
  const bool empty =
      statistic.upper ? lowest >= *statistic.upper : statistic.percent && lowest >= 100;
  if (empty) return invalid(text, "the lower bound is not below the upper");
  return {};
}

Result<Statistic> parse_bounded(std::string_view text, Kind kind) {
  const std::string_view inner = text.substr(3, text.size() - 4);
  const std::size_t colon = inner.find(':');
  if (colon == std::string_view::npos) return invalid(text, "its bounds are written (a:b)");
  Statistic statistic{.kind = kind};
  const Bounds bounds{.lower = inner.substr(0, colon), .upper = inner.substr(colon + 1)};
  SONDE_RETURN_IF_ERROR(read_bounds(text, bounds, statistic));
  return statistic;
}

double sum(std::span<const double> values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

double percentile(std::span<const double> sorted, double percent) {
  const auto size = static_cast<double>(sorted.size());
  // 99.9 % of 1000 is 999.0000000000001 in binary: what is within a millionth of a rank is
  // that rank.
  const double rank = std::ceil(percent * size / 100 - 1e-6);
  return sorted[static_cast<std::size_t>(std::clamp(rank, 1.0, size)) - 1];
}

/// How many values, in part too, and their sum.
struct Part {
  double count = 0;
  double sum = 0;
};

Part between_shares(std::span<const double> sorted, double from, double to) {
  Part part;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto position = static_cast<double>(i);
    const double weight = std::min(position + 1, to) - std::max(position, from);
    if (weight <= 0) continue;
    part.count += weight;
    part.sum += weight * sorted[i];
  }
  return part;
}

Part between_values(const Statistic& statistic, std::span<const double> values) {
  Part part;
  for (const double value : values) {
    if (statistic.lower && value <= *statistic.lower) continue;
    if (statistic.upper && value > *statistic.upper) continue;
    part.count += 1;
    part.sum += value;
  }
  return part;
}

Part part_of(const Statistic& statistic, std::span<const double> sorted) {
  if (!statistic.percent) return between_values(statistic, sorted);
  const auto share = static_cast<double>(sorted.size()) / 100;
  return between_shares(sorted, statistic.lower.value_or(0) * share,
                        statistic.upper.value_or(100) * share);
}

double winsorized_mean(const Statistic& statistic, std::span<const double> sorted) {
  double lowest = statistic.lower.value_or(sorted.front());
  double highest = statistic.upper.value_or(sorted.back());
  if (statistic.percent) {
    const auto size = static_cast<double>(sorted.size());
    const auto below = static_cast<std::size_t>(statistic.lower.value_or(0) * size / 100 + 1e-6);
    lowest = sorted[std::min(below, sorted.size() - 1)];
    highest = percentile(sorted, statistic.upper.value_or(100));
  }
  double total = 0;
  for (const double value : sorted) total += std::min(std::max(value, lowest), highest);
  return total / static_cast<double>(sorted.size());
}

std::optional<double> extended(const Statistic& statistic, std::span<const double> sorted) {
  if (sorted.front() < 0) return {};
  switch (statistic.kind) {
    case Kind::kPercentile:
      return percentile(sorted, statistic.upper.value_or(100));
    case Kind::kWinsorizedMean:
      return winsorized_mean(statistic, sorted);
    default:
      break;
  }
  const Part part = part_of(statistic, sorted);
  switch (statistic.kind) {
    case Kind::kTrimmedCount:
      return part.count;
    case Kind::kTrimmedSum:
      return part.sum;
    case Kind::kPercentileRank:
      return 100 * part.count / static_cast<double>(sorted.size());
    default:
      break;
  }
  if (part.count == 0) return {};
  return part.sum / part.count;
}

}  // namespace

Result<Statistic> parse_statistic(std::string_view text) {
  for (const auto& [name, kind] : kSimple) {
    if (text == name) return Statistic{.kind = kind};
  }
  if (text == "IQM") {
    return Statistic{.kind = Kind::kTrimmedMean, .percent = true, .lower = 25, .upper = 75};
  }
  if (text.size() > 4 && text[2] == '(' && text.back() == ')') {
    for (const auto& [name, kind] : kBounded) {
      if (text.starts_with(name)) return parse_bounded(text, kind);
    }
  }
  for (const auto& [name, kind] : kShort) {
    if (!text.starts_with(name)) continue;
    const auto percent = decimal(text.substr(name.size()));
    if (!percent || *percent > 100 || (kind != Kind::kPercentile && *percent == 0)) {
      return invalid(text, "a percentage of 0 to 100, at most ten decimals, belongs behind `" +
                               std::string(name) + "`");
    }
    return Statistic{.kind = kind, .percent = true, .upper = percent};
  }
  return invalid(text,
                 "unknown; there are SampleCount, Average, Sum, Minimum, Maximum, pNN, tmNN, wmNN, "
                 "tcNN, tsNN, IQM, TM(a:b), WM(a:b), TC(a:b), TS(a:b) and PR(a:b)");
}

std::optional<double> compute(const Statistic& statistic, std::span<double> values) {
  if (values.empty()) return {};
  const auto size = static_cast<double>(values.size());
  switch (statistic.kind) {
    case Kind::kSampleCount:
      return size;
    case Kind::kAverage:
      return sum(values) / size;
    case Kind::kSum:
      return sum(values);
    case Kind::kMinimum:
      return *std::ranges::min_element(values);
    case Kind::kMaximum:
      return *std::ranges::max_element(values);
    default:
      break;
  }
  std::ranges::sort(values);
  return extended(statistic, values);
}

}  // namespace sonde::alarm
