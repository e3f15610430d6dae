#include "mcp/http_report.h"

namespace sonde::mcp {
namespace {

std::uint64_t held(const ExchangeBegan& began) noexcept {
  return began.session_id.size() + began.path.size() + began.version.size() +
         began.conversation.size() + began.subject.size();
}

std::uint64_t held(const ExchangeMessage& message) noexcept {
  std::uint64_t sum = message.message.bytes_held();
  if (message.stamp) {
    sum += sizeof(Stamp) + message.stamp->request_id.size() + message.stamp->correlation_id.size();
  }
  return sum;
}

std::uint64_t held(const ExchangeResponded& responded) noexcept {
  return responded.session_id.size();
}

std::uint64_t held(const ExchangeEndpoint& endpoint) noexcept { return endpoint.path.size(); }

std::uint64_t held(const ExchangeEnded&) noexcept { return 0; }

}  // namespace

std::uint64_t bytes_held(const Report& report) noexcept {
  std::uint64_t sum = sizeof(Report) + report.news.capacity() * sizeof(ExchangeNews);
  for (const ExchangeNews& news : report.news) {
    sum += std::visit([](const auto& one) { return held(one); }, news);
  }
  return sum;
}

}  // namespace sonde::mcp
