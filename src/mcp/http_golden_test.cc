#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "mcp/golden_lines_for_test.h"
#include "mcp/http_replay_for_test.h"

// Each folder of tests/golden/http is traffic through a proxy and what is concluded from it.
// capture.jsonl says one thing a line, each with "at_us", and with "x", the exchange:
//   {"post":"/mcp",…}              it begins; or "get", "delete".  With it "session", "version",
//                                  "conversation", "subject", "names_method", "resumes",
//                                  "upstream" (0 or 1)
//   {"client":"…"}, {"server":"…"} a message passes, from there
//   {"status":200,"body":"json"}   the head of the response; or "events"; with it "session"
//   {"endpoint":"/message?s=1"}    HTTP+SSE announces where to POST to
//   {"ended":"complete"}           or "client_gone", … as ExchangeEnded::How
//   {"end":"proxy_stopped"}        the proxy ends
// setup.json is optional: options by name.  The n-th request to the server has the request
// id "r<x>.<n>" and the correlation id "c<x>".  expected.jsonl: as in golden_test.cc.
// SONDE_UPDATE_GOLDEN=1 writes it anew.

namespace sonde::mcp {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using How = ExchangeEnded::How;
using Body = ExchangeResponded::Body;

bool flag_member(std::string_view object, std::string_view key) {
  return find_member(object, key) == "true";
}

How how_of(std::string_view name) {
  static constexpr std::pair<std::string_view, How> kNames[] = {
      {"complete", How::kComplete},
      {"client_gone", How::kClientGone},
      {"upstream_reset", How::kUpstreamReset},
      {"upstream_timeout", How::kUpstreamTimeout},
      {"upstream_unreached", How::kUpstreamUnreached},
      {"denied", How::kDenied},
      {"refused", How::kRefused},
      {"stopped", How::kStopped}};
  const auto* const found =
      std::ranges::find(kNames, name, [](const auto& row) { return row.first; });
  REQUIRE(found != std::end(kNames));
  return found->second;
}

Body body_of(std::string_view name) {
  if (name == "json") return Body::kJson;
  return name == "events" ? Body::kEvents : Body::kNone;
}

HttpSessionsOptions options_of(const std::string& setup) {
  HttpSessionsOptions options;
  options.sessions_max =
      static_cast<std::uint32_t>(number_member(setup, "sessions_max", options.sessions_max));
  options.gauges_every = std::chrono::seconds(number_member(setup, "gauges_every_s", 10));
  options.raw_session_id = flag_member(setup, "raw_session_id");
  options.session_idle_max = std::chrono::seconds(number_member(
      setup, "session_idle_max_s",
      std::chrono::duration_cast<std::chrono::seconds>(options.session_idle_max).count()));
  return options;
}

class Player {
 public:
  Player(const std::string& setup, std::string given)
      : given_(std::move(given)), replay_(options_of(setup)) {}

  void play(std::string_view line) {
    const auto at = microseconds(number_member(line, "at_us", 0));
    replay_.advance(at - played_);
    played_ = at;
    exchange_ = static_cast<std::uint64_t>(number_member(line, "x", 0));
    upstream_ = static_cast<std::uint32_t>(number_member(line, "upstream", 0));
    for (const auto& [key, method] : {std::pair{"post", HttpMethod::kPost},
                                      {"get", HttpMethod::kGet},
                                      {"delete", HttpMethod::kDelete}}) {
      if (find_member(line, key)) begin(method, text_member(line, key), line);
    }
    pass_on(line);
    if (find_member(line, "end")) replay_.end(text_member(line, "end"));
    write();
  }

  std::string said() {
    CHECK(replay_.sessions.open_calls() == 0);
    CHECK(replay_.sessions.open_exchanges() == 0);
    CHECK(asked_ + replay_.stats.read(Stat::kRequestsJoined) == replay_.stamped);
    return said_ + show(replay_.stats);
  }

 private:
  void begin(HttpMethod method, std::string path, std::string_view line) {
    ExchangeBegan began;
    began.at = replay_.now();
    began.method = method;
    began.streamable = true;
    began.resumes = flag_member(line, "resumes");
    began.path = std::move(path);
    began.session_id = text_member(line, "session");
    began.version = text_member(line, "version");
    began.names_method = flag_member(line, "names_method");
    began.conversation = text_member(line, "conversation");
    began.subject = text_member(line, "subject");
    replay_.tell(exchange_, std::move(began), upstream_);
  }

  void pass_on(std::string_view line) {
    if (find_member(line, "client")) {
      replay_.pass(exchange_, Direction::kToServer, text_member(line, "client"), upstream_);
    }
    if (find_member(line, "status")) {
      replay_.tell(exchange_,
                   ExchangeResponded{.at = replay_.now(),
                                     .status = static_cast<int>(number_member(line, "status", 0)),
                                     .body = body_of(text_member(line, "body")),
                                     .session_id = text_member(line, "session")},
                   upstream_);
    }
    if (find_member(line, "endpoint")) {
      replay_.tell(exchange_, ExchangeEndpoint{.path = text_member(line, "endpoint")}, upstream_);
    }
    if (find_member(line, "server")) {
      replay_.pass(exchange_, Direction::kToClient, text_member(line, "server"), upstream_);
    }
    if (find_member(line, "ended")) {
      replay_.tell(exchange_,
                   ExchangeEnded{.at = replay_.now(), .how = how_of(text_member(line, "ended"))},
                   upstream_);
    }
  }

  void write() {
    for (const Event& event : replay_.events) said_ += show(event, given_);
    for (const ObservedCall& call : replay_.calls) {
      said_ += show(call, given_);
      asked_ += call.record.direction == Direction::kToServer ? 1U : 0U;
    }
    replay_.events.clear();
    replay_.calls.clear();
  }

  std::string given_;
  std::string said_;
  microseconds played_{};
  std::uint64_t exchange_ = 0;
  std::uint32_t upstream_ = 0;
  std::uint64_t asked_ = 0;  ///< Records of requests to the server.
  HttpReplay replay_;
};

std::string conclude(const fs::path& folder) {
  const std::string capture = read_file(folder / "capture.jsonl");
  const std::string setup = read_file(folder / "setup.json");
  Player player(setup, capture + setup);
  std::istringstream lines(capture);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) player.play(line);
  }
  return player.said();
}

TEST_CASE("what is concluded from HTTP exchanges is what the golden file says",
          "[mcp][golden][http]") {
  const bool update = std::getenv("SONDE_UPDATE_GOLDEN") != nullptr;
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(SONDE_GOLDEN_HTTP_DIR)) {
    folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  CHECK(folders.size() >= 20);
  for (const fs::path& folder : folders) {
    INFO(folder.filename().string());
    const std::string said = conclude(folder);
    if (update) std::ofstream(folder / "expected.jsonl", std::ios::binary) << said;
    CHECK(said == read_file(folder / "expected.jsonl"));
    // A session's handle gives access to it.
    CHECK((said.find("SECRET") == std::string::npos ||
           read_file(folder / "setup.json").find("raw_") != std::string::npos));
  }
}

}  // namespace
}  // namespace sonde::mcp
