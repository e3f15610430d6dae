#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::aws {

/// What CloudWatch and X-Ray take money for, as far as a tap causes it.
enum class Priced : std::uint8_t {
  kMetricFirst,
  kMetricNext,
  kMetricFurther,
  kMetricBeyond,
  kAlarm,
  kAlarmHighResolution,
  kAlarmComposite,
  kDashboard,
  kLogIngested,
  kLogStored,
  kLogScanned,
  kTrace,
  kSpanIngested,
};

/// A row of the price list.
struct Price {
  Priced what;
  std::string_view key;  ///< As in `--price log_ingested=0.57`.
  double dollars;
  std::string_view unit;  ///< "GB", "metric and month"
};

/// The built-in list.  In the order of the enumeration.
std::span<const Price> list_prices() noexcept;

/// Of which region, of when, and from where the built-in list is.
inline constexpr std::string_view kPricesRegion = "us-east-1";
inline constexpr std::string_view kPricesDate = "2025-06";
inline constexpr std::string_view kPricesSource =
    "Amazon CloudWatch and AWS X-Ray price lists, entered by hand";

/// Up to how many metrics of a month the first three prices of metrics hold.
inline constexpr std::array<double, 3> kMetricTiers = {10'000, 250'000, 1'000'000};

/// The prices to reckon with: the built-in list, or what the user has put in its place.
class Prices {
 public:
  Prices();

  double of(Priced what) const noexcept { return dollars_[static_cast<std::size_t>(what)]; }

  /// Where they are from: "list prices of 2025-06, us-east-1", or what a file says.
  const std::string& source() const noexcept { return source_; }

  /// `log_ingested=0.57`, or several with commas between.
  /// Fails on an unknown key, with the nearest one, and on what is no price.
  Status set(std::string_view text);

  /// A JSON object `{"source": "…", "log_ingested": 0.57, …}`, as to_json() writes it; what
  /// is not in it stays.  Fails as set() does.
  Status read(std::string_view json);

  /// All of them, to be edited and read again.
  std::string to_json() const;

  /// Custom metrics are the cheaper the more there are.
  double metrics_per_month(double metrics) const;

 private:
  Status set_one(std::string_view key, std::string_view text);

  std::array<double, 13> dollars_{};
  std::string source_;
};

}  // namespace sonde::aws
