// Property: whatever a line is, its points obey the limits of the format; a line with a
// fault says what is wrong; blanks around its members change nothing.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/emf_points.h"

namespace {

using namespace sonde::alarm;

void require(bool condition) {
  if (!condition) std::abort();
}

struct Point {
  MetricId metric;
  std::vector<double> values;
  bool operator==(const Point&) const = default;
};

struct Read {
  EmfReading reading;
  std::vector<Point> points;
};

Read read(std::string_view line) {
  Read result;
  result.reading = read_emf(line, [&](const EmfPoints& points) {
    result.points.push_back({points.metric, {points.values.begin(), points.values.end()}});
  });
  return result;
}

void require_sound(const Point& point) {
  const MetricId& metric = point.metric;
  require(!metric.metric_namespace.empty() && metric.metric_namespace.front() != ':');
  require(!metric.name.empty() && metric.name.size() <= 255);
  require(metric.dimensions.size() <= 30 && std::ranges::is_sorted(metric.dimensions));
  require(!point.values.empty() && point.values.size() <= 100);
  require(std::ranges::all_of(point.values, [](double v) { return std::isfinite(v); }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const Read result = read(line);
  require(result.points.size() <= kEmfPointsMax);
  for (const Point& point : result.points) require_sound(point);
  require((result.reading.fault == EmfFault::kNone) == result.reading.problem.empty());
  require(result.reading.metrics || result.points.empty());
  if (size < kEmfLineBytesMax - 2) {
    require(read(' ' + std::string(line) + '\n').points == result.points);
  }
  return 0;
}
