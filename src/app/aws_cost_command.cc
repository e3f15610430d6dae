#include "app/aws_cost_command.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/printable.h"
#include "config/load.h"

namespace sonde::app {
namespace {

constexpr std::size_t kPricesFileMax = std::size_t{64} * 1024;
constexpr double kRateMax = 1e9;
constexpr double kNumberMax = 1e6;

/// What an option says, within 0 and `max`; nothing if it was not given.
Result<std::optional<double>> number_of(const cli::Arguments& arguments, std::string_view option,
                                        double max) {
  const auto text = arguments.value(option);
  if (!text) return std::optional<double>();
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size() && value >= 0 && value <= max) {
    return std::optional(value);
  }
  return fail(Errc::kInvalidInput, "--" + std::string(option) + ": `" + printable(*text, 64) +
                                       "` is no number from 0 to " +
                                       std::to_string(static_cast<std::uint64_t>(max)));
}

Status set_rate(const cli::Arguments& arguments, std::string_view option, double& to) {
  const auto number = number_of(arguments, option, kRateMax);
  if (!number) return fail(number.error());
  to = number->value_or(to);
  return {};
}

/// At least 1: nothing is billed by halves.
Status set_count(const cli::Arguments& arguments, std::string_view option, std::uint64_t& to) {
  const auto number = number_of(arguments, option, kNumberMax);
  if (!number) return fail(number.error());
  const std::optional<double> given = *number;
  if (!given) return {};
  const double value = *given;
  if (value < 1 || std::floor(value) != value) {
    return fail(Errc::kInvalidInput, "--" + std::string(option) + " is a whole number from 1");
  }
  to = static_cast<std::uint64_t>(value);
  return {};
}

}  // namespace

Result<aws::Usage> usage_of(const aws::Inputs& inputs, const cli::Arguments& arguments) {
  const Config& config = inputs.common;
  aws::Usage usage;
  usage.servers =
      std::max<std::uint64_t>({1, config.proxy.upstreams.size(), config.alarms.servers.size()});
  usage.retention_days = config.aws.retention_days;
  usage.transaction_search = arguments.has("transaction-search");
  SONDE_RETURN_IF_ERROR(set_rate(arguments, "calls-per-second", usage.calls_per_second));
  SONDE_RETURN_IF_ERROR(set_rate(arguments, "traces-per-second", usage.traces_per_second));
  SONDE_RETURN_IF_ERROR(set_rate(arguments, "spans-per-trace", usage.spans_per_trace));
  SONDE_RETURN_IF_ERROR(set_count(arguments, "servers", usage.servers));
  SONDE_RETURN_IF_ERROR(set_count(arguments, "tools", usage.tools));
  SONDE_RETURN_IF_ERROR(set_count(arguments, "taps", usage.taps));
  SONDE_RETURN_IF_ERROR(set_count(arguments, "clients", usage.clients));
  return usage;
}

Result<aws::Prices> prices_of(const cli::Arguments& arguments) {
  aws::Prices prices;
  if (const auto file = arguments.value("prices")) {
    const auto text = config::read_text_file(std::string(*file), kPricesFileMax);
    if (!text) return fail(Error(text.error()).within("--prices"));
    if (auto read = prices.read(*text); !read) {
      return fail(std::move(read).error().within(printable(*file)));
    }
  }
  if (const auto text = arguments.value("price")) {
    if (auto set = prices.set(*text); !set) return fail(std::move(set).error().within("--price"));
  }
  return prices;
}

aws::Watched watched_by(const aws::DefaultAlarms& alarms) {
  std::vector<alarm::MetricAlarm> watching;
  watching.reserve(alarms.alarms.size());
  for (const aws::DefaultAlarm& one : alarms.alarms) watching.push_back(one.alarm);
  return aws::count(watching, std::span(&alarms.page, 1), 1);
}

Result<std::string> bill_of(const aws::Inputs& inputs, const aws::Watched& watched,
                            const cli::Arguments& arguments) {
  const auto usage = usage_of(inputs, arguments);
  if (!usage) return fail(usage.error());
  const auto prices = prices_of(arguments);
  if (!prices) return fail(prices.error());
  const auto bill = aws::estimate(inputs.common, *usage, watched, *prices);
  if (!bill) return fail(bill.error());
  const auto warnings = aws::dear_items(inputs.common, *usage, watched, *prices, *bill);
  return arguments.has("json") ? aws::bill_json(*bill, *usage, *prices, warnings)
                               : aws::bill_text(*bill, *usage, *prices, warnings);
}

int aws_cost_command(const aws::Inputs& inputs, const cli::Arguments& arguments, cli::Io& io) {
  const auto prices = prices_of(arguments);
  if (prices && arguments.has("show-prices")) {
    io.out(prices->to_json());
    return cli::kDone;
  }
  const auto alarms = aws::default_alarms(inputs);
  const auto bill = bill_of(inputs, alarms ? watched_by(*alarms) : aws::Watched{}, arguments);
  if (bill && !alarms) {
    cli::complain(io, "aws cost: without alarms and dashboard, which cannot be made: " +
                          alarms.error().message());
  }
  if (!bill) {
    cli::complain(io, "aws cost: " + bill.error().message());
    return cli::kUsage;
  }
  io.out(*bill);
  return cli::kDone;
}

}  // namespace sonde::app
