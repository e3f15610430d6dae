#include "cli/summary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "base/json_writer.h"
#include "base/printable.h"
#include "cli/text.h"

namespace sonde::cli {
namespace {

constexpr unsigned kBucketBits = 7;  // 128 buckets an octave: each is 0.8 % wide.

/// Of a duration in microseconds; those below 256 have one each.
std::uint32_t bucket_of(std::uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  if (width <= kBucketBits + 1) return static_cast<std::uint32_t>(value);
  const unsigned octave = width - kBucketBits - 1;
  return static_cast<std::uint32_t>((octave << kBucketBits) + (value >> octave));
}

/// The middle of a bucket, in microseconds.
double middle_of(std::uint32_t bucket) {
  constexpr std::uint32_t kFirst = 2U << kBucketBits;
  if (bucket < kFirst) return bucket;
  const std::uint32_t octave = (bucket >> kBucketBits) - 1;
  const std::uint64_t value = bucket - (std::uint64_t{octave} << kBucketBits);
  return (static_cast<double>(value) + 0.5) * std::exp2(octave);
}

struct Column {
  std::string_view title;
  bool left = false;  ///< Text; numbers stand on the right.
};

constexpr std::array<Column, 11> kColumns = {{{"SERVER", true},
                                              {"TOOL", true},
                                              {"CALLS"},
                                              {"ERRORS"},
                                              {"ERROR%"},
                                              {"P50"},
                                              {"P95"},
                                              {"P99"},
                                              {"MAX"},
                                              {"IN"},
                                              {"OUT"}}};
using Row = std::array<std::string, kColumns.size()>;

std::string aligned(const Row& row, const std::array<std::size_t, kColumns.size()>& widths) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line += "  ";
    line += kColumns[i].left ? padded(row[i], widths[i]) : padded_left(row[i], widths[i]);
  }
  line.resize(line.find_last_not_of(' ') + 1);
  return line;
}

double rate(std::uint64_t errors, std::uint64_t calls) {
  return calls == 0 ? 0 : static_cast<double>(errors) / static_cast<double>(calls);
}

}  // namespace

void Durations::add(double milliseconds) {
  const double bounded = milliseconds >= 0 ? std::min(milliseconds, 1e12) : 0;  // NaN too.
  ++buckets_[bucket_of(static_cast<std::uint64_t>(std::llround(bounded * 1000)))];
  ++count_;
  max_ = std::max(max_, bounded);
}

double Durations::percentile(double percent) const {
  const auto rank =
      static_cast<std::uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (const auto& [bucket, count] : buckets_) {
    seen += count;
    if (seen >= std::max<std::uint64_t>(rank, 1)) return std::min(middle_of(bucket) / 1000, max_);
  }
  return max_;
}

void Summary::add(const LogEntry& entry) {
  if (!entry.is_call()) return;
  Key key(entry.server, entry.tool);
  auto found = groups_.find(key);
  if (found == groups_.end()) {
    if (groups_.size() >= kGroupsMax) key = Key("(other)", "(other)");
    found = groups_.try_emplace(std::move(key)).first;
  }
  Group& group = found->second;
  ++group.calls;
  group.errors += entry.is_error() ? 1 : 0;
  group.bytes_in += entry.args_bytes;
  group.bytes_out += entry.result_bytes;
  group.durations.add(entry.duration_ms);
}

std::vector<const std::pair<const Summary::Key, Summary::Group>*> Summary::sorted() const {
  std::vector<const std::pair<const Key, Group>*> out;
  out.reserve(groups_.size());
  for (const auto& group : groups_) out.push_back(&group);
  std::ranges::sort(out, [](const auto* a, const auto* b) {
    if (a->second.calls != b->second.calls) return a->second.calls > b->second.calls;
    return a->first < b->first;
  });
  return out;
}

std::string Summary::table(const Io& io) const {
  std::vector<Row> rows(1);
  for (std::size_t i = 0; i < kColumns.size(); ++i) rows[0][i] = kColumns[i].title;
  for (const auto* one : sorted()) {
    const auto& [key, group] = *one;
    const auto time = [&group](double percent) {
      return show_milliseconds(group.durations.percentile(percent));
    };
    rows.push_back({printable(key.first, 64), printable(key.second, 64),
                    std::to_string(group.calls), std::to_string(group.errors),
                    show_fixed(100 * rate(group.errors, group.calls), 1), time(50), time(95),
                    time(99), show_milliseconds(group.durations.max()), show_size(group.bytes_in),
                    show_size(group.bytes_out)});
  }
  std::array<std::size_t, kColumns.size()> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
  }
  std::string out = coloured(aligned(rows[0], widths), Colour::kDim, colours(io)) + '\n';
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const bool red = rows[i][3] != "0";
    out += coloured(aligned(rows[i], widths), red ? Colour::kRed : Colour::kNone, colours(io));
    out += '\n';
  }
  return out;
}

std::string Summary::json() const {
  std::string out;
  for (const auto* one : sorted()) {
    const auto& [key, group] = *one;
    JsonWriter json(out);
    json.begin_object().member("server", key.first).member("tool", key.second);
    json.key("calls").number(group.calls).key("errors").number(group.errors);
    json.key("error_rate").fixed(rate(group.errors, group.calls), 4);
    json.key("p50_ms").fixed(group.durations.percentile(50), 2);
    json.key("p95_ms").fixed(group.durations.percentile(95), 2);
    json.key("p99_ms").fixed(group.durations.percentile(99), 2);
    json.key("max_ms").fixed(group.durations.max(), 2);
    json.key("bytes_in").number(group.bytes_in).key("bytes_out").number(group.bytes_out);
    json.end_object();
    out += '\n';
  }
  return out;
}

}  // namespace sonde::cli
