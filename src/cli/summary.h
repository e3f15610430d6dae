#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "cli/io.h"
#include "cli/log_entry.h"

namespace sonde::cli {

/// Counts durations so that percentiles come out within 1 %, in memory that does not grow
/// with their number.
class Durations {
 public:
  void add(double milliseconds);
  /// By nearest rank: the smallest duration that `percent` of all do not exceed.
  double percentile(double percent) const;
  double max() const noexcept { return max_; }

 private:
  std::map<std::uint32_t, std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  double max_ = 0;
};

/// `sonde tail --summary`: what each tool of each server has done.
///
/// Limits.  kGroupsMax tools; calls of further ones count under "(other)".
class Summary {
 public:
  static constexpr std::size_t kGroupsMax = 10'000;

  void add(const LogEntry& entry);

  /// The table, most called first.
  std::string table(const Io& io) const;
  /// One JSON object a line.
  std::string json() const;

 private:
  struct Group {
    std::uint64_t calls = 0;
    std::uint64_t errors = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    Durations durations;
  };
  using Key = std::pair<std::string, std::string>;  ///< Server, tool.

  std::vector<const std::pair<const Key, Group>*> sorted() const;

  std::map<Key, Group> groups_;
};

}  // namespace sonde::cli
