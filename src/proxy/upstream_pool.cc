#include "proxy/upstream_pool.h"

#include <algorithm>
#include <array>
#include <utility>

namespace sonde::proxy {

/// A connection on its shelf.  Anything that it has to say now means that it is over.
class UpstreamPool::Idle final : public net::Waker, public Timed {
 public:
  explicit Idle(std::shared_ptr<net::Connection> held) : connection(std::move(held)) {}

  void wake() noexcept override { over = true; }
  void on_deadline() override {
    over = true;
    connection->close();
  }

  std::shared_ptr<net::Connection> connection;
  bool over = false;
};

namespace {

/// Where the last read filled its buffer nobody knows what follows: bytes, the end, or nothing.
bool has_more(net::Connection& connection) noexcept {
  if (!connection.readable()) return false;
  std::array<char, 1> probe;
  return connection.read(probe).state != net::IoResult::State::kWouldBlock;
}

}  // namespace

UpstreamPool::UpstreamPool(std::function<void(Timed&)> watch) : watch_(std::move(watch)) {}

UpstreamPool::~UpstreamPool() { clear(); }

UpstreamPool::Shelf& UpstreamPool::shelf_of(const Upstream& upstream) {
  const auto found = std::ranges::find_if(shelves_, [&](const std::unique_ptr<Shelf>& shelf) {
    return shelf->tls == upstream.tls && shelf->authority == upstream.authority;
  });
  if (found != shelves_.end()) return **found;
  shelves_.push_back(std::make_unique<Shelf>(
      Shelf{.authority = upstream.authority, .tls = upstream.tls, .idle = {}}));
  return *shelves_.back();
}

std::shared_ptr<net::Connection> UpstreamPool::take(const Upstream& upstream) {
  auto& idle = shelf_of(upstream).idle;
  while (!idle.empty()) {
    const std::unique_ptr<Idle> last = std::move(idle.back());
    idle.pop_back();
    last->connection->wakes(nullptr);
    if (!last->over) return last->connection;
    last->connection->close();
  }
  return nullptr;
}

void UpstreamPool::give_back(const Upstream& upstream, std::shared_ptr<net::Connection> connection,
                             const Limits& limits, std::chrono::nanoseconds now) {
  auto& idle = shelf_of(upstream).idle;
  // The oldest stand in front: what is over of them makes room.
  while (!idle.empty() && (idle.front()->over || idle.size() >= limits.per_upstream_max)) {
    idle.front()->connection->close();
    idle.pop_front();
  }
  if (limits.per_upstream_max == 0 || has_more(*connection)) return connection->close();
  auto held = std::make_unique<Idle>(std::move(connection));
  held->deadline = now + limits.idle_max;
  held->connection->wakes(held.get());
  held->connection->ask_readable();
  watch_(*held);
  idle.push_back(std::move(held));
}

void UpstreamPool::clear() noexcept {
  for (const auto& shelf : shelves_) {
    for (const auto& idle : shelf->idle) idle->connection->close();
  }
  shelves_.clear();
}

}  // namespace sonde::proxy
