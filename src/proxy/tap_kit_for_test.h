#pragma once

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/exchange_tap.h"

namespace sonde::proxy {

/// Keeps what it is told.
class KeptReports final : public ReportSink {
 public:
  void take(mcp::Report&& report) noexcept override { reports.push_back(std::move(report)); }
  bool hash(std::uint64_t stream, std::string_view bytes) noexcept override {
    hashed.append(bytes);
    last_stream = stream;
    return true;
  }
  std::uint64_t new_stream() noexcept override { return ++streams; }
  const recorder::Denials* denials() const noexcept override { return denied.get(); }

  template <class News>
  std::vector<const News*> all() const {
    std::vector<const News*> found;
    for (const mcp::Report& report : reports) {
      for (const mcp::ExchangeNews& news : report.news) {
        if (const auto* one = std::get_if<News>(&news)) found.push_back(one);
      }
    }
    return found;
  }

  std::vector<mcp::Report> reports;
  std::string hashed;
  std::shared_ptr<recorder::Denials> denied;  ///< Null: nothing is.
  std::uint64_t streams = 0;
  std::uint64_t last_stream = 0;
};

/// All that a tap needs, and one tap.
struct TapKit {
  explicit TapKit(TapRules chosen = {}) : rules(chosen) {
    rules.upstream = &upstream;
    restart();
  }
  void restart() { tap = std::make_unique<ExchangeTap>(tools, rules, 7); }

  Random random{1};
  Stamper stamper{random, 2};
  KeptReports reports;
  Stats stats;
  jsonrpc::Scanner scanner;
  std::string scan_copy;
  DenyGate gate{reports};
  TapTools tools{.stamper = stamper,
                 .reports = reports,
                 .stats = stats,
                 .scanner = scanner,
                 .scan_copy = scan_copy,
                 .gate = gate};
  Upstream upstream{.name = "up"};
  TapRules rules;
  Moment now{.wall = std::chrono::seconds(1'795'176'000), .monotonic = std::chrono::seconds(10)};
  std::unique_ptr<ExchangeTap> tap;
};

/// The facts of an ordinary POST.
inline RequestFacts post_facts() {
  RequestFacts facts;
  facts.method = mcp::HttpMethod::kPost;
  facts.json = true;
  facts.streamable = true;
  return facts;
}

constexpr std::string_view kCall =
    R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{}}})";

}  // namespace sonde::proxy
