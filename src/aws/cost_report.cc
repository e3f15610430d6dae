#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "aws/cost.h"
#include "base/json_writer.h"

namespace sonde::aws {
namespace {

/// Below this nothing is called dear.
constexpr double kDearDollars = 20;
/// Of the whole bill.
constexpr double kDearShare = 0.25;
/// A saving that is worth a sentence.
constexpr double kWorthwhile = 0.2;

std::string fixed(double value, int decimals) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::fixed, decimals);
  return {text.data(), end.ptr};
}

/// "1,234.50"
std::string grouped(double value, int decimals) {
  std::string text = fixed(value, decimals);
  const std::size_t point = std::min(text.find('.'), text.size());
  for (std::size_t at = point; at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string dollars(double value) { return '$' + grouped(value, 2); }

/// A price of 0.005 keeps its digits.
std::string price_text(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  return '$' + std::string(text.data(), end.ptr);
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string padded_left(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

const BillItem* item_of(const Bill& bill, std::string_view key) {
  const auto found = std::ranges::find(bill.items, key, &BillItem::key);
  return found == bill.items.end() ? nullptr : &*found;
}

double dollars_of(const Bill& bill, std::string_view key) {
  const BillItem* const item = item_of(bill, key);
  return item == nullptr ? 0 : item->dollars;
}

bool dear(const Bill& bill, std::string_view key) {
  const double part = dollars_of(bill, key);
  return part > kDearDollars && part > kDearShare * bill.dollars;
}

std::string set_text(std::span<const std::string> set) {
  std::string text = "[";
  for (const std::string& name : set) text += (text.size() > 1 ? ", " : "") + name;
  return text + ']';
}

/// What may be changed, and what the bill is then.
class Alternatives {
 public:
  Alternatives(const Config& config, const Usage& usage, const Watched& watched,
               const Prices& prices, const Bill& bill)
      : config_(config), usage_(usage), watched_(watched), prices_(prices), bill_(bill) {}

  template <class Change>
  void suggest(std::vector<std::string>& out, std::string_view key, const std::string& text,
               const Change& change) const {
    Config config = config_;
    change(config);
    const auto other = estimate(config, usage_, watched_, prices_);
    const double now = dollars_of(bill_, key);
    if (!other || now - dollars_of(*other, key) < kWorthwhile * now) return;
    out.push_back(text + ": " + dollars(dollars_of(*other, key)) + " instead of " + dollars(now));
  }

 private:
  const Config& config_;
  const Usage& usage_;
  const Watched& watched_;
  const Prices& prices_;
  const Bill& bill_;
};

void judge_metrics(std::vector<std::string>& out, const Config& config, const Usage& usage,
                   const Bill& bill, const Alternatives& others) {
  for (const std::vector<std::string>& set : config.emf.dimensions) {
    for (const std::string_view name : {"Instance", "ClientName"}) {
      if (std::ranges::find(set, name) == set.end()) continue;
      out.push_back("emf.dimensions " + set_text(set) + ": every new value of " +
                    std::string(name) +
                    " makes all metrics of the set again, and each is billed "
                    "for every hour in which it gets a value");
    }
  }
  const std::uint64_t combinations = usage.servers * usage.tools;
  if (combinations > config.emf.max_series) {
    out.push_back(std::to_string(combinations) + " tools are more than emf.max_series (" +
                  std::to_string(config.emf.max_series) +
                  ") of one tap: what comes later counts as tool __other__");
  }
  if (!dear(bill, "metrics")) return;
  others.suggest(out, "metrics", "metrics without the dimension sets that have ToolName",
                 [](Config& changed) {
                   std::erase_if(changed.emf.dimensions, [](const auto& set) {
                     return std::ranges::find(set, "ToolName") != set.end();
                   });
                 });
}

void judge_logs(std::vector<std::string>& out, const Config& config, const Bill& bill,
                const Alternatives& others) {
  if (config.log.to_stdout && config.log.to_stderr) {
    out.emplace_back(
        "log.to_stdout and log.to_stderr: where both are shipped, every line is billed twice, "
        "and every call counts twice in the metrics");
  }
  if (!dear(bill, "log_ingested")) return;
  if (!bill.gathered) {
    others.suggest(out, "log_ingested",
                   "lines with emf.mode aggregate, metrics in lines of "
                   "their own",
                   [](Config& changed) { changed.emf.mode = EmfConfig::Mode::kAggregate; });
  }
  others.suggest(out, "log_ingested",
                 "lines with emf.agent_endpoint and emf.mode aggregate, the call lines in files "
                 "on the host only",
                 [](Config& changed) {
                   changed.emf.mode = EmfConfig::Mode::kAggregate;
                   if (changed.emf.agent_endpoint.empty()) {
                     changed.emf.agent_endpoint = "tcp://127.0.0.1:25888";
                   }
                   changed.log.to_stdout = false;
                   changed.log.to_stderr = false;
                   changed.log.to_file = true;
                 });
}

std::string rate_text(const Bill& bill, const Usage& usage) {
  const std::string lines = "lines: " + grouped(bill.lines.plain, 0) +
                            " B a call without metrics, " + grouped(bill.lines.with_metrics, 0) +
                            " B with, " + grouped(bill.lines.gathered, 0) +
                            " B for metrics that are gathered";
  const std::string rate = grouped(usage.calls_per_second / static_cast<double>(usage.taps), 2);
  if (bill.metrics_off) return lines + "; emf.mode is off\n";
  return lines + "; at " + rate + " calls/s a tap they are " +
         (bill.gathered ? "gathered" : "inline") + '\n';
}

}  // namespace

std::vector<std::string> dear_items(const Config& config, const Usage& usage,
                                    const Watched& watched, const Prices& prices,
                                    const Bill& bill) {
  std::vector<std::string> out;
  const Alternatives others(config, usage, watched, prices, bill);
  judge_metrics(out, config, usage, bill, others);
  judge_logs(out, config, bill, others);
  if (dear(bill, "alarms")) {
    out.push_back("alarms read " + grouped(item_of(bill, "alarms")->quantity, 0) +
                  " metrics, and each of them is billed: watch fewer single servers and tools");
  }
  if (usage.retention_days > 365) {
    out.push_back("log lines are kept for " + std::to_string(usage.retention_days) +
                  " days: export old ones to S3, which is cheaper");
  }
  for (const std::string_view key : {"traces", "spans_ingested"}) {
    if (dear(bill, key)) out.emplace_back("spans: sample them, by the parent, where they begin");
  }
  return out;
}

std::string bill_text(const Bill& bill, const Usage& usage, const Prices& prices,
                      std::span<const std::string> warnings) {
  constexpr std::size_t kName = 30;
  constexpr std::size_t kNumber = 16;
  std::string out = grouped(usage.calls_per_second, 2) + " calls/s, " +
                    std::to_string(usage.servers) + " servers with " + std::to_string(usage.tools) +
                    " tools each, " + std::to_string(usage.taps) + " taps; " + prices.source() +
                    ": check them\n\n";
  for (const BillItem& item : bill.items) {
    if (item.quantity == 0) continue;
    const int decimals = item.unit == "GB" || item.unit == "million" ? 2 : 0;
    out += padded(std::string(item.name), kName) +
           padded_left(grouped(item.quantity, decimals), kNumber) + ' ' +
           padded(std::string(item.unit), 10) + padded_left(dollars(item.dollars), kNumber) + '\n';
  }
  out += padded("a month", kName + kNumber + 11) + padded_left(dollars(bill.dollars), kNumber) +
         "\n\n" + rate_text(bill, usage);
  out += "not in it: free tiers, SNS, compute, traffic; a Logs Insights query over a day reads " +
         grouped(bill.scanned_a_day, 2) + " GB at " + price_text(prices.of(Priced::kLogScanned)) +
         " a GB\n";
  for (const std::string& warning : warnings) out += "dear: " + warning + '\n';
  return out;
}

std::string bill_json(const Bill& bill, const Usage& usage, const Prices& prices,
                      std::span<const std::string> warnings) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("prices", prices.source());
  json.key("calls_per_second").fixed(usage.calls_per_second, 3);
  json.key("servers").number(usage.servers);
  json.key("tools").number(usage.tools);
  json.key("taps").number(usage.taps);
  json.key("items").begin_array();
  for (const BillItem& item : bill.items) {
    json.begin_object().member("item", item.key).key("quantity").fixed(item.quantity, 3);
    json.member("unit", item.unit).key("dollars_per_month").fixed(item.dollars, 2).end_object();
  }
  json.end_array().key("dollars_per_month").fixed(bill.dollars, 2);
  json.key("line_bytes").begin_object();
  json.key("plain").fixed(bill.lines.plain, 0);
  json.key("with_metrics").fixed(bill.lines.with_metrics, 0);
  json.key("gathered_per_call").fixed(bill.lines.gathered, 1).end_object();
  json.key("metrics_gathered").boolean(bill.gathered);
  json.key("scanned_gb_per_day").fixed(bill.scanned_a_day, 3);
  json.key("warnings").begin_array();
  for (const std::string& warning : warnings) json.string(warning);
  json.end_array().end_object();
  return out + '\n';
}

}  // namespace sonde::aws
