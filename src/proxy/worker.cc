#include "proxy/worker.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "proxy/client.h"

namespace sonde::proxy {

namespace asio = net::asio;

namespace {

/// Numbers of exchanges are unique in the process: the worker's index stands in front.
constexpr unsigned kIndexShift = 48;

/// So many connections beyond the limit are told that there are too many, or how we are.
constexpr std::size_t kExcessMax = 16;

}  // namespace

std::unique_ptr<http::HeadReader> HeadReaders::lend(const ProxyConfig& config) {
  if (spare_.empty()) {
    http::Limits limits;
    if (side_ == http::Side::kRequest) {
      limits.head_bytes_max = config.head_bytes_max;
      limits.target_bytes_max = config.target_bytes_max;
    }
    return std::make_unique<http::HeadReader>(side_, limits);
  }
  auto reader = std::move(spare_.back());
  spare_.pop_back();
  return reader;
}

void HeadReaders::give_back(std::unique_ptr<http::HeadReader> reader) {
  if (!reader || spare_.size() >= kSpareMax) return;
  reader->reset();
  spare_.push_back(std::move(reader));
}

Worker::Worker(Options options, std::shared_ptr<const Settings> settings, ReportSink& reports,
               Stats& stats)
    : options_(std::move(options)),
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      settings_(std::move(settings)),
      stats_(stats),
      scratch_(std::make_unique<char[]>(kScratchBytes)),
      pool_([this](Timed& timed) { watch(timed); }),
      addresses_(io_),
      stamper_(random_, options_.secret),
      gate_(reports),
      tap_tools_{.stamper = stamper_,
                 .reports = reports,
                 .stats = stats,
                 .scanner = scanner_,
                 .scan_copy = scan_copy_,
                 .gate = gate_},
      work_(io_.get_executor()),
      ticker_(io_),
      exchanges_(std::uint64_t{options_.index} << kIndexShift) {}

Worker::~Worker() = default;

void Worker::listen(Fd socket, bool health_only) {
  net::Listener::Hooks hooks{
      .accepted = [this, health_only](
                      net::Tcp::socket accepted) { accept(std::move(accepted), health_only); },
      .turned_away = [this] { stats_.add(Stat::kConnectionsTurnedAway); }};
  listeners_.push_back(std::make_unique<net::Listener>(io_, std::move(socket), std::move(hooks)));
}

void Worker::run() {
  for (const auto& listener : listeners_) listener->start();
  io_.run();
}

void Worker::post(std::function<void()> what) { asio::post(io_, std::move(what)); }

void Worker::use(std::shared_ptr<const Settings> settings) {
  settings_ = std::move(settings);
  request_heads_ = HeadReaders(http::Side::kRequest);
  pool_.clear();
}

void Worker::accept(net::Tcp::socket socket, bool health_only) {
  stats_.add(Stat::kConnectionsAccepted);
  // Who asks how we are still comes in where all others are turned away.
  const std::size_t excess_max = health_only ? 2 * kExcessMax : kExcessMax;
  const std::size_t there = options_.connections->load(std::memory_order_relaxed);
  if (there >= options_.connections_max + excess_max) {
    stats_.add(Stat::kConnectionsTurnedAway);
    return;
  }
  auto serves = health_only ? Client::Serves::kHealth : Client::Serves::kAll;
  if (!health_only && there >= options_.connections_max) {
    stats_.add(Stat::kConnectionsTurnedAway);
    serves = Client::Serves::kExcess;
  }
  std::shared_ptr<net::Connection> connection;
  if (settings_->tls && !health_only) {
    auto tls = net::TlsTransport::accepted(settings_->tls, socket.native_handle());
    if (!tls) return;
    connection = std::make_shared<net::Connection>(std::move(socket), *std::move(tls));
  } else {
    connection = std::make_shared<net::Connection>(std::move(socket));
  }
  net::spawn(io_.get_executor(), "client",
             Client::serve(std::make_unique<Client>(*this, std::move(connection), serves)),
             options_.report_failure);
}

void Worker::joined(Client& client) {
  client.index = clients_.size();
  clients_.push_back(&client);
  options_.connections->fetch_add(1, std::memory_order_relaxed);
  watch(client);
}

void Worker::left(Client& client) noexcept {
  clients_[client.index] = clients_.back();
  clients_[client.index]->index = client.index;
  clients_.pop_back();
  options_.connections->fetch_sub(1, std::memory_order_relaxed);
  end_if_done();
}

void Worker::watch(Timed& timed) {
  deadlines_.add(timed);
  if (!std::exchange(ticking_, true)) tick();
}

void Worker::tick() {
  ticker_.expires_after(Deadlines::kTick);
  ticker_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    deadlines_.tick(clock_.now().monotonic);
    ticking_ = !deadlines_.empty();
    if (ticking_) tick();
  });
}

void Worker::drain() {
  draining_ = true;
  for (const auto& listener : listeners_) listener->finish();
  for (Client* const client : clients_) client->drain();
  end_if_done();
}

void Worker::stop() {
  drain();
  for (Client* const client : clients_) client->stop();
}

void Worker::end_if_done() {
  if (!draining_ || !clients_.empty()) return;
  ticker_.cancel();
  pool_.clear();
  work_.reset();
}

}  // namespace sonde::proxy
