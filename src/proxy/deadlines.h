#pragma once

#include <chrono>

#include <boost/intrusive/list.hpp>

namespace sonde::proxy {

/// Something that must be over by some time.  Lifetime.  Leaves its list when it is destroyed.
class Timed : public boost::intrusive::list_base_hook<
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual ~Timed() = default;
  Timed() = default;
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

  /// By the monotonic clock; max(): never.
  std::chrono::nanoseconds deadline = std::chrono::nanoseconds::max();

  /// The deadline has passed; called again and again until it is moved.  Must not destroy what
  /// is timed.
  virtual void on_deadline() = 0;
};

/// All that is timed on one thread, looked at every tick: a deadline may be moved for the price
/// of an assignment.  Limits.  Deadlines are kept to kTick.
class Deadlines {
 public:
  static constexpr std::chrono::milliseconds kTick{200};

  void add(Timed& timed) { all_.push_back(timed); }
  bool empty() const noexcept { return all_.empty(); }
  void tick(std::chrono::nanoseconds now) {
    for (Timed& timed : all_) {
      if (timed.deadline <= now) timed.on_deadline();
    }
  }

 private:
  boost::intrusive::list<Timed, boost::intrusive::constant_time_size<false>> all_;
};

}  // namespace sonde::proxy
