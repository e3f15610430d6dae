#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/connection.h"
#include "proxy/deadlines.h"
#include "proxy/upstream.h"

namespace sonde::proxy {

/// Connections to upstreams that wait for their next request.
///
/// Purpose.  The one used last is taken first, so that those not needed grow old.  One that the
/// upstream closes meanwhile is noticed and dropped, so that no request is sent into it.
/// Limits.  per_upstream_max each; each for idle_max.
/// Threads.  One owner.  Blocking.  Never.
class UpstreamPool {
 public:
  struct Limits {
    std::uint32_t per_upstream_max = 256;
    std::chrono::nanoseconds idle_max = std::chrono::seconds(4);
  };

  /// `watch` has deadlines looked at.
  explicit UpstreamPool(std::function<void(Timed&)> watch);
  ~UpstreamPool();

  /// Null if there is none.
  std::shared_ptr<net::Connection> take(const Upstream& upstream);
  /// REQUIRES: it has answered to the end, and will be persistent.
  void give_back(const Upstream& upstream, std::shared_ptr<net::Connection> connection,
                 const Limits& limits, std::chrono::nanoseconds now);
  /// Closes all.
  void clear() noexcept;

 private:
  class Idle;
  struct Shelf {
    std::string authority;
    bool tls = false;
    std::deque<std::unique_ptr<Idle>> idle;
  };

  Shelf& shelf_of(const Upstream& upstream);

  const std::function<void(Timed&)> watch_;
  std::vector<std::unique_ptr<Shelf>> shelves_;
};

}  // namespace sonde::proxy
