#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

/// For fuzzers: what messages are put together from, and who decides.
namespace sonde::mcp {

// What the messages are put together from: few enough words that they meet.
inline constexpr std::array<std::string_view, 12> kIds{
    "0",           "1",   "2", "\"1\"", "\"\"", "null", "-1", "1e3", "{}", "18446744073709551616",
    "\"\\u0031\"", "true"};
inline constexpr std::array<std::string_view, 16> kMethods{
    "tools/call",           "tools/call",   "tools/call",
    "tools/list",           "initialize",   "resources/read",
    "prompts/get",          "tasks/get",    "tasks/result",
    "tasks/cancel",         "tasks/update", "server/discover",
    "subscriptions/listen", "ping",         "sampling/createMessage",
    "elicitation/create"};
inline constexpr std::array<std::string_view, 12> kParams{
    R"({"name":"a","arguments":{"x":1}})",
    R"({"name":"a","arguments":{"x":1},"_meta":{"progressToken":1}})",
    R"({"name":"a","arguments":{"x":1},"requestState":"s","inputResponses":{}})",
    R"({"name":"a","arguments":{"x":1},"inputResponses":{}})",
    R"({"name":"b","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","threadId":"t"}})",
    R"({"taskId":"t","_meta":{"io.modelcontextprotocol/related-task":{"taskId":"t"}}})",
    R"({"uri":"u:1","requestState":"s"})",
    R"({"_meta":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}})",
    R"({"protocolVersion":"2025-11-25","clientInfo":{"name":"c","version":"1"}})",
    R"({"requestId":1,"reason":"timed out"})",
    R"([1,2])",
    R"({"progressToken":1,"progress":1})"};
inline constexpr std::array<std::string_view, 12> kResults{
    R"({"content":[{"type":"text","text":"x"}]})",
    R"({"content":[],"isError":true})",
    R"({"resultType":"input_required","requestState":"s"})",
    R"({"resultType":"input_required","inputRequests":{"a":{"method":"elicitation/create"}}})",
    R"({"resultType":"task","taskId":"t","status":"working"})",
    R"({"task":{"taskId":"t","status":"working"}})",
    R"({"taskId":"t","status":"completed","result":{"content":[]}})",
    R"({"taskId":"t","status":"completed"})",
    R"({"taskId":"t","status":"failed","error":{"code":-1,"message":"m"}})",
    R"({"taskId":"t","status":"input_required"})",
    R"({"tools":[{"name":"a"}]})",
    R"(null)"};
inline constexpr std::array<std::string_view, 6> kNotifications{
    "notifications/cancelled",          "notifications/progress",    "notifications/tasks/status",
    "notifications/tools/list_changed", "notifications/initialized", "x/y"};

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// The fuzzer's bytes, one decision at a time; zeros when they are used up.
class Decisions {
 public:
  explicit Decisions(std::string_view bytes) : bytes_(bytes) {}
  bool any() const { return !bytes_.empty(); }
  std::size_t below(std::size_t bound) {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte % bound;
  }
  template <std::size_t kSize>
  std::string of(const std::array<std::string_view, kSize>& words) {
    return std::string(words[below(kSize)]);
  }
  std::string_view rest() { return std::exchange(bytes_, {}); }

 private:
  std::string_view bytes_;
};

}  // namespace sonde::mcp
