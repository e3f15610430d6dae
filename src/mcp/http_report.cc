#include "mcp/http_report.h"

#include <utility>

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
  for (const jsonrpc::KeptMemory& memory : report.spare) sum += memory.size();
  return sum;
}

jsonrpc::KeptMemory Report::take_spare() noexcept {
  if (spare.empty()) return {};
  jsonrpc::KeptMemory memory = std::move(spare.back());
  spare.pop_back();
  return memory;
}

void make_reusable(Report& report) noexcept {
  constexpr std::size_t kMessagesMax = 2;
  constexpr std::size_t kMessageBytesMax = 4096;
  constexpr std::size_t kNewsMax = 8;
  for (ExchangeNews& news : report.news) {
    auto* const told = std::get_if<ExchangeMessage>(&news);
    if (told == nullptr || report.spare.size() >= kMessagesMax) continue;
    const std::size_t bytes = told->message.bytes_held();
    if (bytes > 0 && bytes <= kMessageBytesMax) report.spare.push_back(told->message.release());
  }
  report.news.clear();
  if (report.news.capacity() > kNewsMax) std::vector<ExchangeNews>().swap(report.news);
}

}  // namespace sonde::mcp
