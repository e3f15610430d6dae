#include "alarm/metric_store.h"

#include <algorithm>

#include "base/check.h"

namespace sonde::alarm {

using std::chrono::seconds;

void MetricStore::add(const MetricId& metric, std::chrono::milliseconds at,
                      std::span<const double> values) {
  const auto second = std::chrono::floor<seconds>(at);
  const seconds start = second - second % kSlice;
  if (start < forgotten_) {
    dropped_.late += values.size();
    return;
  }
  if (values_ + values.size() > limits_.values_max) {
    dropped_.values += values.size();
    return;
  }
  auto series = series_.find(metric);
  if (series == series_.end()) {
    if (series_.size() >= limits_.series_max) {
      dropped_.series += values.size();
      return;
    }
    series = series_.emplace(metric, Slices()).first;
  }
  Slice& slice = slice_at(series->second, start);
  slice.values.insert(slice.values.end(), values.begin(), values.end());
  values_ += values.size();
}

MetricStore::Slice& MetricStore::slice_at(Slices& slices, seconds start) {
  // The last one, or a new one behind it: the usual case.
  if (!slices.empty() && slices.back().start == start) return slices.back();
  if (slices.empty() || slices.back().start < start) {
    return slices.emplace_back(Slice{.start = start, .values = {}});
  }
  const auto at = std::ranges::lower_bound(slices, start, {}, &Slice::start);
  if (at->start == start) return *at;
  return *slices.insert(at, Slice{.start = start, .values = {}});
}

void MetricStore::forget(seconds before) {
  forgotten_ = std::max(forgotten_, before - before % kSlice);
  for (auto series = series_.begin(); series != series_.end();) {
    Slices& slices = series->second;
    while (!slices.empty() && slices.front().start < forgotten_) {
      values_ -= slices.front().values.size();
      slices.pop_front();
    }
    series = slices.empty() ? series_.erase(series) : std::next(series);
  }
}

std::vector<Datapoint> MetricStore::aggregate(const MetricId& metric, const Statistic& statistic,
                                              seconds period, std::size_t periods,
                                              seconds end) const {
  SONDE_CHECK(end % kSlice == seconds(0) && period % kSlice == seconds(0) && period > seconds(0));
  std::vector<Datapoint> range(periods);
  for (std::size_t i = 0; i < periods; ++i) {
    range[i].start = end - period * static_cast<std::int64_t>(periods - i);
  }
  const auto series = series_.find(metric);
  if (series == series_.end()) return range;
  const Slices& slices = series->second;
  std::vector<double> values;
  auto slice = std::ranges::lower_bound(slices, range.empty() ? end : range.front().start, {},
                                        &Slice::start);
  for (Datapoint& point : range) {
    values.clear();
    for (; slice != slices.end() && slice->start < point.start + period; ++slice) {
      values.insert(values.end(), slice->values.begin(), slice->values.end());
    }
    point.samples = values.size();
    point.value = compute(statistic, values);
  }
  return range;
}

}  // namespace sonde::alarm
