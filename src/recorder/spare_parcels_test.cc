#include "recorder/http_analyst.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "jsonrpc/scanner.h"

namespace sonde::recorder {
namespace {

constexpr std::string_view kCall =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"t\"}}\n";

mcp::Report report_with(std::size_t messages) {
  mcp::Report report{.exchange = 1, .upstream = 0, .news = {}, .spare = {}};
  for (std::size_t i = 0; i < messages; ++i) {
    jsonrpc::Scanner scanner;
    scanner.feed(kCall);
    report.news.emplace_back(mcp::ExchangeMessage{.direction = Direction::kToServer,
                                                  .message = jsonrpc::KeptMessage(*scanner.next()),
                                                  .sighting = {},
                                                  .stamp = nullptr});
  }
  return report;
}

TEST_CASE("a parcel comes back empty, with its memory", "[recorder][parcel]") {
  const auto spare = std::make_shared<SpareParcels>();
  auto parcel = spare->take();
  REQUIRE(parcel);
  const HttpParcel* const at = parcel.get();
  parcel->fill(report_with(1));
  CHECK(parcel->bytes_held() > kCall.size());
  const auto held = parcel->bytes_held();
  HttpParcel::reuse(std::move(parcel));

  auto again = spare->take();
  CHECK(again.get() == at);
  CHECK(again->report().news.empty());
  CHECK(again->report().news.capacity() > 0);
  REQUIRE(again->report().spare.size() == 1);
  CHECK(again->report().take_spare().size() > kCall.size());
  CHECK(again->report().take_spare().size() == 0);
  again->fill({});
  CHECK(again->bytes_held() < held);
}

TEST_CASE("what is unusually large does not come back", "[recorder][parcel]") {
  mcp::Report report = report_with(20);
  mcp::make_reusable(report);
  CHECK(report.news.capacity() == 0);
  CHECK(report.spare.size() == 2);
  const std::string large = R"({"id":1,"result":{"text":")" + std::string(10'000, 'x') + "\"}}\n";
  jsonrpc::Scanner scanner;
  scanner.feed(large);
  mcp::Report second;
  second.news.emplace_back(mcp::ExchangeMessage{.direction = Direction::kToClient,
                                                .message = jsonrpc::KeptMessage(*scanner.next()),
                                                .sighting = {},
                                                .stamp = nullptr});
  mcp::make_reusable(second);
  CHECK(second.spare.empty());
}

TEST_CASE("no more parcels wait than the limit", "[recorder][parcel]") {
  const auto spare = std::make_shared<SpareParcels>();
  std::vector<std::unique_ptr<HttpParcel>> out;
  for (std::uint32_t i = 0; i < 2 * SpareParcels::kParcelsMax; ++i) {
    out.push_back(spare->take());
    out.back()->fill(report_with(1));
  }
  for (auto& parcel : out) HttpParcel::reuse(std::move(parcel));
  std::uint32_t used = 0;
  for (std::uint32_t i = 0; i < 2 * SpareParcels::kParcelsMax; ++i) {
    const auto parcel = spare->take();
    if (!parcel->report().spare.empty()) ++used;
  }
  CHECK(used == SpareParcels::kParcelsMax);
}

TEST_CASE("a parcel may outlive where it came from", "[recorder][parcel]") {
  auto spare = std::make_shared<SpareParcels>();
  auto parcel = spare->take();
  const std::weak_ptr<SpareParcels> watched = spare;
  spare.reset();
  CHECK_FALSE(watched.expired());
  HttpParcel::reuse(std::move(parcel));
  CHECK(watched.expired());
}

TEST_CASE("parcels go round between two threads", "[recorder][parcel][threads]") {
  constexpr int kRounds = 20'000;
  const auto spare = std::make_shared<SpareParcels>();
  std::atomic<HttpParcel*> handed = nullptr;
  std::thread recorder([&] {
    for (int i = 0; i < kRounds; ++i) {
      HttpParcel* taken = nullptr;
      while ((taken = handed.exchange(nullptr, std::memory_order_acquire)) == nullptr) {
        std::this_thread::yield();
      }
      HttpParcel::reuse(std::unique_ptr<HttpParcel>(taken));
    }
  });
  std::uint64_t wrong = 0;
  for (int i = 0; i < kRounds; ++i) {
    auto parcel = spare->take();
    if (!parcel->report().news.empty()) ++wrong;
    parcel->fill(mcp::Report{.exchange = static_cast<std::uint64_t>(i) + 1,
                             .upstream = 0,
                             .news = std::move(parcel->report().news),
                             .spare = std::move(parcel->report().spare)});
    parcel->report().news.emplace_back(mcp::ExchangeEndpoint{.path = "/messages"});
    HttpParcel* free = nullptr;
    HttpParcel* const next = parcel.release();
    while (!handed.compare_exchange_weak(free, next, std::memory_order_release,
                                         std::memory_order_relaxed)) {
      free = nullptr;
      std::this_thread::yield();
    }
  }
  recorder.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace sonde::recorder
