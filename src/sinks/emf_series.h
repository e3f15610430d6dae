#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/stats.h"
#include "model/call_record.h"
#include "sinks/emf_layout.h"

namespace sonde::sinks {

/// The names that may stand in a dimension set.
std::span<const std::string_view> known_dimensions() noexcept;

/// Fails on a name that no line carries, and says which known one is near: an alarm on a
/// dimension that nothing emits never fires.
Status check_dimensions(const DimensionSets& sets);

/// Which metric series a call belongs to.
///
/// Purpose.  Names of tools are given by servers, and every distinct combination of
/// dimension values is a series that is billed: so their number is bounded here.
/// A tool that no tools/list has shown counts as `__unknown__` (Stat::kUnknownTools).
/// Limits.  `series_max` combinations; those that come later count as tool and client
/// `__other__` of their server (Stat::kSeriesOverflow); of such there are at most
/// kOverflowMax, then everything is `__other__`.  Combinations are never forgotten.
/// Threads.  One owner.
class EmfSeries {
 public:
  static constexpr std::size_t kOverflowMax = 64;

  EmfSeries(const EmfLayout& layout, std::size_t series_max, Stats& stats);

  /// The number of the call's series: below size().
  std::size_t find(const CallRecord& record);

  /// The dimension members of a line, `,"Service":…,"ServerName":…`.  Valid as long as
  /// the table.
  std::string_view members(std::size_t series) const { return *members_[series]; }
  std::size_t size() const { return members_.size(); }

 private:
  struct Values;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  /// The record whose series was asked for last, as far as that depends on it.
  struct Last {
    std::shared_ptr<const TapIdentity> tap;
    std::shared_ptr<const Peer> client;
    bool tool_known = false;
    std::string tool;
    std::size_t number = 0;

    bool is_of(const CallRecord& record) const noexcept;
  };

  std::size_t look_up(const CallRecord& record);
  void count(Stat stat);
  void render(const Values& values);
  void append(std::string_view key, std::string_view value);
  std::size_t insert();

  const std::size_t series_max_;
  const bool with_instance_;
  const bool with_transport_;
  const bool with_client_;
  Stats& stats_;
  std::optional<Last> last_;  // Unless something of it is counted every time.
  bool counted_ = false;      // By look_up().
  std::string key_;           // The members of the call at hand: equal members, equal series.
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> numbers_;
  std::vector<const std::string*> members_;  // Keys of numbers_, which do not move.
};

}  // namespace sonde::sinks
