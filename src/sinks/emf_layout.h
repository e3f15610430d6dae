#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sonde::sinks {

/// Names of dimensions; every set makes a separate series of every metric.
using DimensionSets = std::vector<std::vector<std::string>>;

/// The limits of the embedded metric format (docs/formats/emf.md).
inline constexpr std::size_t kEmfDimensionsMax = 30;
inline constexpr std::size_t kEmfDimensionNameMax = 250;
inline constexpr std::size_t kEmfDimensionValueMax = 1024;
inline constexpr std::size_t kEmfNamespaceMax = 255;
inline constexpr std::size_t kEmfMetricsMax = 100;  ///< In one line.
inline constexpr std::size_t kEmfValuesMax = 100;   ///< Of one metric in one line.

/// The part of a metric line that is always the same: namespace and dimension sets.
///
/// Purpose.  CloudWatch drops a faulty directive without a word, so it is checked here,
/// once, before the first line is written.
class EmfLayout {
 public:
  /// Sets that differ in order only are one, and so are equal names within a set: the
  /// first stays.  Fails on a namespace or name that CloudWatch would refuse, on too many
  /// names in a set, and without any set (`[[]]` is a metric without dimensions).
  static Result<EmfLayout> make(std::string_view metric_namespace, DimensionSets sets);

  /// `"CloudWatchMetrics":[{"Namespace":…,"Dimensions":[…],"Metrics":[`
  std::string_view opening() const { return opening_; }
  /// Closes what opening() opened.
  static constexpr std::string_view kClosing = "]}]";

  const DimensionSets& sets() const { return sets_; }
  bool uses(std::string_view dimension) const;

 private:
  EmfLayout(std::string opening, DimensionSets sets)
      : opening_(std::move(opening)), sets_(std::move(sets)) {}

  std::string opening_;
  DimensionSets sets_;
};

/// Appends `text` as the JSON string of a dimension value, which CloudWatch wants to be of
/// 1 to 1024 ASCII characters and not blank: other bytes become "%E2", a blank text becomes
/// "none".  False if the value had to be cut.
bool append_dimension_value(std::string& out, std::string_view text);

}  // namespace sonde::sinks
