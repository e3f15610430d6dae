#include "aws/prices.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/nearest.h"
#include "base/printable.h"

namespace sonde::aws {
namespace {

// us-east-1, without the free tier, which most accounts have used up.
constexpr std::array kList = std::to_array<Price>({
    {Priced::kMetricFirst, "metric_first", 0.30, "metric and month, the first 10,000"},
    {Priced::kMetricNext, "metric_next", 0.10, "metric and month, the next 240,000"},
    {Priced::kMetricFurther, "metric_further", 0.05, "metric and month, the next 750,000"},
    {Priced::kMetricBeyond, "metric_beyond", 0.02, "metric and month, beyond 1,000,000"},
    {Priced::kAlarm, "alarm", 0.10, "metric of an alarm and month"},
    {Priced::kAlarmHighResolution, "alarm_high_resolution", 0.30,
     "metric of an alarm with a period below a minute, and month"},
    {Priced::kAlarmComposite, "alarm_composite", 0.50, "composite alarm and month"},
    {Priced::kDashboard, "dashboard", 3.00, "dashboard and month"},
    {Priced::kLogIngested, "log_ingested", 0.50, "GB of log lines taken in"},
    {Priced::kLogStored, "log_stored", 0.03, "GB and month of compressed log lines"},
    {Priced::kLogScanned, "log_scanned", 0.005, "GB scanned by Logs Insights"},
    {Priced::kTrace, "trace", 5.00, "million traces recorded by X-Ray"},
    {Priced::kSpanIngested, "span_ingested", 0.35, "GB of spans taken in by Transaction Search"},
});

constexpr double kPriceMax = 1e6;

}  // namespace

std::span<const Price> list_prices() noexcept { return kList; }

Prices::Prices()
    : source_("list prices of " + std::string(kPricesDate) + ", " + std::string(kPricesRegion)) {
  static_assert(kList.size() == std::tuple_size_v<decltype(dollars_)>);
  std::ranges::transform(kList, dollars_.begin(), &Price::dollars);
}

Status Prices::set_one(std::string_view key, std::string_view text) {
  const auto row = std::ranges::find(kList, key, &Price::key);
  if (row == kList.end()) {
    std::vector<std::string_view> keys(kList.size());
    std::ranges::transform(kList, keys.begin(), &Price::key);
    const std::string_view near = nearest(key.substr(0, 64), keys);
    return fail(Errc::kInvalidInput,
                "there is no price `" + printable(key, 64) + '`' +
                    (near.empty() ? "" : "; did you mean `" + std::string(near) + "`?"));
  }
  double dollars = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), dollars);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(dollars) ||
      dollars < 0 || dollars > kPriceMax) {
    return fail(Errc::kInvalidInput, std::string(key) + ": `" + printable(text, 64) +
                                         "` is no price; write dollars, as 0.57");
  }
  dollars_[static_cast<std::size_t>(row->what)] = dollars;
  return {};
}

Status Prices::set(std::string_view text) {
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) {
      return fail(Errc::kInvalidInput,
                  '`' + printable(one, 64) + "` is no price; write KEY=DOLLARS, as alarm=0.11");
    }
    SONDE_RETURN_IF_ERROR(set_one(one.substr(0, equals), one.substr(equals + 1)));
  }
  return {};
}

Status Prices::read(std::string_view json) {
  JsonMembers members(json);
  while (members.next()) {
    if (members.key() != "source") {
      SONDE_RETURN_IF_ERROR(set_one(members.key(), members.value()));
      continue;
    }
    const auto source = json_string(members.value());
    if (!source) return fail(Errc::kInvalidInput, "source is no text");
    source_ = *source;
  }
  if (!members.ok()) return fail(Errc::kInvalidInput, "is no JSON object");
  return {};
}

std::string Prices::to_json() const {
  std::string out = "{\n  \"source\": ";
  append_json_string(out, source_);
  for (const Price& price : kList) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), of(price.what));
    out.append(",\n  \"").append(price.key).append("\": ").append(digits.data(), end.ptr);
  }
  return out + "\n}\n";
}

double Prices::metrics_per_month(double metrics) const {
  constexpr std::array kTierPrices{Priced::kMetricFirst, Priced::kMetricNext,
                                   Priced::kMetricFurther};
  double dollars = 0;
  double below = 0;
  for (std::size_t tier = 0; tier < kMetricTiers.size(); ++tier) {
    const double within = std::clamp(metrics - below, 0.0, kMetricTiers[tier] - below);
    dollars += within * of(kTierPrices[tier]);
    below = kMetricTiers[tier];
  }
  return dollars + (std::max(metrics - below, 0.0) * of(Priced::kMetricBeyond));
}

}  // namespace sonde::aws
