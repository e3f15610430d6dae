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

#include "mcp/fuzz_words_for_test.h"
#include "mcp/replay.h"

namespace {

using namespace sonde;
using namespace std::chrono_literals;

using namespace sonde::mcp;

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
