// Property: for any interleaving of messages of both directions, time and ends, each request
// is at any moment recorded, open, or joined to a call that is; after the end all are
// recorded or joined; no record ends before it began, names a status that does not fit its
// error, or comes twice; what is spliced in is what the record says; the arguments that are
// held stay within their limit.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "mcp/replay.h"

namespace {

using namespace sonde;
using namespace std::chrono_literals;

// What the messages are put together from: few enough words that they meet.
constexpr std::array<std::string_view, 12> kIds{
    "0",           "1",   "2", "\"1\"", "\"\"", "null", "-1", "1e3", "{}", "18446744073709551616",
    "\"\\u0031\"", "true"};
constexpr std::array<std::string_view, 16> kMethods{
    "tools/call",           "tools/call",   "tools/call",
    "tools/list",           "initialize",   "resources/read",
    "prompts/get",          "tasks/get",    "tasks/result",
    "tasks/cancel",         "tasks/update", "server/discover",
    "subscriptions/listen", "ping",         "sampling/createMessage",
    "elicitation/create"};
constexpr std::array<std::string_view, 12> kParams{
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
constexpr std::array<std::string_view, 12> kResults{
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
constexpr std::array<std::string_view, 6> kNotifications{
    "notifications/cancelled",          "notifications/progress",    "notifications/tasks/status",
    "notifications/tools/list_changed", "notifications/initialized", "x/y"};

void require(bool holds) {
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

std::string message(Decisions& decide) {
  switch (decide.below(6)) {
    case 0:
    case 1:
      return R"({"jsonrpc":"2.0","id":)" + decide.of(kIds) + R"(,"method":")" +
             decide.of(kMethods) + R"(","params":)" + decide.of(kParams) + "}";
    case 2:
    case 3:
      return R"({"jsonrpc":"2.0","id":)" + decide.of(kIds) + R"(,"result":)" + decide.of(kResults) +
             "}";
    case 4:
      return R"({"jsonrpc":"2.0","id":)" + decide.of(kIds) +
             R"(,"error":{"code":-32001,"message":"timeout"}})";
    default:
      return R"({"jsonrpc":"2.0","method":")" + decide.of(kNotifications) + R"(","params":)" +
             decide.of(kParams) + "}";
  }
}

class Checked {
 public:
  explicit Checked(mcp::TrackerOptions options)
      : held_bytes_max_(options.held_bytes_max), replay_(options) {}

  void step(Decisions& decide) {
    switch (decide.below(12)) {
      case 0:
        replay_.advance(std::chrono::seconds(decide.below(250)) * 5);
        break;
      case 1:
        replay_.end();
        require(replay_.tracker.open_calls() == 0);
        break;
      case 2:
        replay_.tracker.splice_early(replay_.now());
        break;
      case 3:
        replay_.tracker.forwarded(replay_.now().monotonic + 1us);
        break;
      case 4:
        write(decide, "[" + message(decide) + "," + message(decide) + "]\n");
        break;
      default:
        write(decide, message(decide) + "\n");
    }
    check();
  }

  void finish(std::string_view raw) {
    replay_.server(raw);
    replay_.client(raw);
    check();
    const std::size_t before = replay_.calls.size();
    replay_.end();
    check();
    require(replay_.tracker.open_calls() == 0);
    std::uint64_t held = 0;
    for (std::size_t i = before; i < replay_.calls.size(); ++i) {
      held += replay_.calls[i].arguments.bytes.size();
    }
    require(held <= held_bytes_max_);
    for (const std::string& members : replay_.splices) {
      require(spans_.contains(members.substr(51, 16)));
    }
  }

 private:
  void write(Decisions& decide, const std::string& text) {
    if (decide.below(2) == 0) {
      replay_.client(text);
    } else {
      replay_.server(text);
    }
  }

  void check() {
    const std::uint64_t seen = replay_.requests;
    const std::uint64_t joined = replay_.stats.read(Stat::kRequestsJoined);
    require(seen == replay_.calls.size() + replay_.tracker.open_calls() + joined);
    require(replay_.stats.read(Stat::kCallsFinished) == replay_.calls.size());
    for (; checked_ < replay_.calls.size(); ++checked_) check(replay_.calls[checked_].record);
  }

  void check(const CallRecord& record) {
    require(record.duration >= 0ns && record.human_wait <= record.duration);
    require(record.sampling_wait <= record.duration && record.human_wait >= 0ns);
    require(record.span.trace_id.valid() && record.span.span_id.valid());
    require((record.status == CallStatus::kOk) == record.error_type.empty());
    require(!record.session_id.empty() && !record.request_id.empty());
    require(spans_.insert(to_hex(record.span.span_id)).second);
  }

  const std::uint64_t held_bytes_max_;
  mcp::Replay replay_;
  std::size_t checked_ = 0;
  std::set<std::string> spans_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  Decisions decide({reinterpret_cast<const char*>(data), size});
  mcp::TrackerOptions options;
  options.outstanding_max = static_cast<std::uint32_t>(1 + decide.below(8));
  options.parked_max = static_cast<std::uint32_t>(decide.below(4));
  options.tools_max = 1;
  options.held_bytes_max = decide.below(40);
  options.start_lines = decide.below(2) == 0;
  Checked checked(options);
  for (int steps = 0; decide.any() && steps < 200; ++steps) checked.step(decide);
  checked.finish(decide.rest());
  return 0;
}
