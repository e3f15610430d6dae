#include "mcp/http_pulse.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "base/json_reader.h"

namespace sonde::mcp {
namespace {

using Kind = PulseResult::Kind;

struct Answer {
  int status = 200;
  std::string body{};
  std::string type = "application/json";
  std::string session{};
};

std::string field(const HttpPulse::Request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

/// The JSON-RPC method of a request, else the HTTP method.
std::string asked(const HttpPulse::Request& request) {
  if (request.body.empty()) return std::string(request.method);
  return *json_string(*find_member(request.body, "method"));
}

std::string id_of(const HttpPulse::Request& request) {
  const auto id = find_member(request.body, "id");
  return id ? std::string(*id) : "";
}

std::string result(const HttpPulse::Request& request, std::string_view value) {
  return R"({"jsonrpc":"2.0","id":)" + id_of(request) + R"(,"result":)" + std::string(value) + "}";
}
std::string error(std::string_view code, std::string_view id = "null") {
  return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"error":{"code":)" +
         std::string(code) + R"(,"message":"no"}})";
}

using Server = std::function<Answer(const HttpPulse::Request&)>;

/// Runs a pulse; `log` gets what was asked, with its path.
PulseResult run(HttpPulse& pulse, const Server& server, std::vector<std::string>* log = nullptr) {
  pulse.begin();
  int requests = 0;
  while (const HttpPulse::Request* request = pulse.request()) {
    REQUIRE(++requests <= static_cast<int>(HttpPulse::kRequestsMax));
    if (log != nullptr) log->push_back(asked(*request) + ' ' + request->path);
    const Answer answer = server(*request);
    pulse.on_head(
        {.status = answer.status, .content_type = answer.type, .session_id = answer.session});
    // Byte by byte: the cut must make no difference.
    for (std::size_t i = 0; i < answer.body.size(); ++i) {
      if (pulse.on_body(std::string_view(answer.body).substr(i, 1))) break;
    }
    pulse.on_end();
  }
  return pulse.result();
}

HttpPulse pulse_at(std::string path, std::vector<std::string> tools = {}) {
  return HttpPulse({.paths = {std::move(path)},
                    .event_path = "/sse",
                    .expected_tools = std::move(tools),
                    .tap_version = "1.2"});
}

constexpr std::string_view kDiscovered =
    R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{}})";
constexpr std::string_view kInitialized =
    R"({"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"s","version":"1"}})";
constexpr std::string_view kTools = R"({"tools":[{"name":"find"},{"name":"read"}]})";

Answer modern(const HttpPulse::Request& request) {
  if (field(request, "MCP-Protocol-Version") != "2026-07-28" ||
      field(request, "Mcp-Method") != asked(request)) {
    return {.status = 400, .body = error("-32020")};
  }
  return {.body = result(request, asked(request) == "tools/list" ? kTools : kDiscovered)};
}

/// A server of the SDK's first version, with sessions.
struct Legacy {
  Answer operator()(const HttpPulse::Request& request) {
    const std::string method = asked(request);
    if (method == "initialize") {
      ++open;
      return {.body = result(request, kInitialized), .session = "abc"};
    }
    if (field(request, "Mcp-Session-Id") != "abc") {
      return {.status = 400, .body = error("-32000")};
    }
    if (field(request, "MCP-Protocol-Version") != "2025-06-18") return {.status = 400};
    if (method == "DELETE") {
      --open;
      return {};
    }
    if (method == "notifications/initialized") return {.status = 202};
    if (method == "tools/list") return {.body = result(request, kTools)};
    return {.body = result(request, "{}")};
  }
  int open = 0;
};

using Log = std::vector<std::string>;

TEST_CASE("a modern server is asked one thing", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  Log log;
  CHECK(run(pulse, modern, &log).kind == Kind::kAnswer);
  CHECK(log == Log{"server/discover /mcp"});
}

TEST_CASE("a legacy server is greeted, pinged, and its session ended", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  Legacy server;
  Log log;
  CHECK(run(pulse, std::ref(server), &log).kind == Kind::kAnswer);
  CHECK(log == Log{"server/discover /mcp", "initialize /mcp", "notifications/initialized /mcp",
                   "ping /mcp", "DELETE /mcp"});
  CHECK(server.open == 0);
  // The era is remembered.
  log.clear();
  run(pulse, std::ref(server), &log);
  CHECK(log.front() == "initialize /mcp");
  CHECK(server.open == 0);
}

TEST_CASE("a server without sessions has none ended", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  Log log;
  const Server stateless = [](const HttpPulse::Request& request) -> Answer {
    if (asked(request) == "server/discover") return {.body = error("-32601", id_of(request))};
    if (asked(request) == "initialize") return {.body = result(request, kInitialized)};
    return {.body = result(request, "{}")};
  };
  CHECK(run(pulse, stateless, &log).kind == Kind::kAnswer);
  CHECK(log.back() == "ping /mcp");
}

TEST_CASE("expected tools that are listed are not missed, in either era", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp", {"read", "write"});
  Legacy legacy;
  CHECK(run(pulse, std::ref(legacy)).missing_tools == Log{"write"});
  HttpPulse other = pulse_at("/mcp", {"read", "write"});
  CHECK(run(other, modern).missing_tools == Log{"write"});
  HttpPulse content = pulse_at("/mcp", {"read"});
  CHECK(run(content, modern).missing_tools.empty());
}

TEST_CASE("a list of tools is read page by page", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp", {"last"});
  int pages = 0;
  const Server paged = [&](const HttpPulse::Request& request) -> Answer {
    if (asked(request) != "tools/list") return modern(request);
    const auto params = find_member(request.body, "params");
    CHECK(find_member(*params, "cursor").has_value() == (pages > 0));
    ++pages;
    const bool end = pages == 3;
    return {.body = result(request, end ? R"({"tools":[{"name":"last"}]})"
                                        : R"({"tools":[{"name":"a"}],"nextCursor":"x\"y"})")};
  };
  CHECK(run(pulse, paged).missing_tools.empty());
  CHECK(pages == 3);
}

TEST_CASE("pages without end are given up", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp", {"last"});
  const Server endless = [](const HttpPulse::Request& request) -> Answer {
    if (asked(request) != "tools/list") return modern(request);
    return {.body = result(request, R"({"tools":[],"nextCursor":"1"})")};
  };
  CHECK(run(pulse, endless).kind == Kind::kBadAnswer);
}

TEST_CASE("a server that will not list tools lacks all of them", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp", {"a", "b"});
  const Server silent = [](const HttpPulse::Request& request) -> Answer {
    if (asked(request) != "tools/list") return modern(request);
    return {.status = 404, .body = error("-32601", id_of(request))};
  };
  const PulseResult got = run(pulse, silent);
  CHECK(got.kind == Kind::kAnswer);
  CHECK(got.missing_tools == Log{"a", "b"});
}

TEST_CASE("answers may come as events, among others", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  const Server events = [](const HttpPulse::Request& request) -> Answer {
    return {.body =
                ": hello\n\nid: 1\ndata:\n\n"
                "event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}\n\n"
                "event: message\ndata: " +
                result(request, kDiscovered) + "\n\n: never read",
            .type = "text/event-stream; charset=utf-8"};
  };
  CHECK(run(pulse, events).kind == Kind::kAnswer);
}

TEST_CASE("a document laid out over lines is an answer, too", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  const Server pretty = [](const HttpPulse::Request& request) -> Answer {
    return {.body = "{\n  \"jsonrpc\": \"2.0\",\n  \"id\": " + id_of(request) +
                    ",\n  \"result\": {}\n}\n"};
  };
  CHECK(run(pulse, pretty).kind == Kind::kAnswer);
}

TEST_CASE("whoever asks for credentials is alive, and is not asked further", "[mcp][pulse]") {
  const int status = GENERATE(401, 403, 429, 302);
  HttpPulse pulse = pulse_at("/mcp");
  Log log;
  const PulseResult got =
      run(pulse, [&](const HttpPulse::Request&) -> Answer { return {.status = status}; }, &log);
  CHECK(got.kind == Kind::kStatus);
  CHECK(got.http_status == status);
  CHECK(log.size() == 1);
}

TEST_CASE("where nothing is known of MCP the first status counts", "[mcp][pulse]") {
  const int status = GENERATE(404, 405, 400);
  HttpPulse pulse = pulse_at("/mcp");
  Log log;
  const PulseResult got =
      run(pulse, [&](const HttpPulse::Request&) -> Answer { return {.status = status}; }, &log);
  CHECK(got.kind == Kind::kStatus);
  CHECK(got.http_status == status);
  CHECK(log == Log{"server/discover /mcp", "initialize /mcp", "GET /sse"});
  if (status == 404) CHECK(got.detail == "nothing at /mcp; see pulse.path");
}

TEST_CASE("a broken server is told as such", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  const PulseResult got =
      run(pulse, [](const HttpPulse::Request&) -> Answer { return {.status = 500}; });
  CHECK(got.kind == Kind::kStatus);
  CHECK(got.http_status == 500);
}

TEST_CASE("garbage is no answer", "[mcp][pulse]") {
  const std::string body = GENERATE("", "<html>", "[1,2]", "{\"jsonrpc\"", "null",
                                    R"({"jsonrpc":"2.0","id":999,"result":{}})");
  HttpPulse pulse = pulse_at("/mcp");
  const PulseResult got =
      run(pulse, [&](const HttpPulse::Request&) -> Answer { return {.body = body}; });
  CHECK(got.kind == Kind::kBadAnswer);
}

TEST_CASE("a server of 2024 is known by its event stream", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  const Server old = [](const HttpPulse::Request& request) -> Answer {
    if (asked(request) == "GET" && request.path == "/sse") {
      return {.body = "event: endpoint\ndata: /message?sessionId=1\n\n",
              .type = "text/event-stream"};
    }
    return {.status = 404};
  };
  Log log;
  CHECK(run(pulse, old, &log).kind == Kind::kAnswer);
  log.clear();
  CHECK(run(pulse, old, &log).kind == Kind::kAnswer);
  CHECK(log == Log{"GET /sse"});
}

TEST_CASE("a server that has changed its era is found again in the same pulse", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  Legacy legacy;
  run(pulse, std::ref(legacy));
  const Server strict = [](const HttpPulse::Request& request) { return modern(request); };
  CHECK(run(pulse, strict).kind == Kind::kAnswer);
  Log log;
  run(pulse, strict, &log);
  CHECK(log == Log{"server/discover /mcp"});
  CHECK(run(pulse, std::ref(legacy)).kind == Kind::kAnswer);
  log.clear();
  run(pulse, std::ref(legacy), &log);
  CHECK(log.front() == "initialize /mcp");
}

TEST_CASE("of several paths the one that answers is remembered", "[mcp][pulse]") {
  HttpPulse pulse(
      {.paths = {"/mcp", "/"}, .event_path = "/sse", .expected_tools = {}, .tap_version = "1"});
  const Server at_root = [](const HttpPulse::Request& request) -> Answer {
    return request.path == "/" ? modern(request) : Answer{.status = 404};
  };
  Log log;
  CHECK(run(pulse, at_root, &log).kind == Kind::kAnswer);
  CHECK(log.back() == "server/discover /");
  log.clear();
  run(pulse, at_root, &log);
  CHECK(log == Log{"server/discover /"});
}

TEST_CASE("a server that knows other modern versions only is alive", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  const PulseResult got = run(pulse, [](const HttpPulse::Request&) -> Answer {
    return {.status = 400, .body = error("-32022")};
  });
  CHECK(got.kind == Kind::kAnswer);
  CHECK(got.detail == "it speaks another modern version");
}

TEST_CASE("a failure is the result, unless it only hinders tidying up", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  pulse.begin();
  pulse.fail(Kind::kRefused, "connection refused");
  CHECK(pulse.request() == nullptr);
  CHECK(pulse.result().kind == Kind::kRefused);
  CHECK(pulse.result().detail == "connection refused");

  Legacy legacy;
  pulse.begin();
  while (const HttpPulse::Request* request = pulse.request()) {
    if (asked(*request) == "DELETE") {
      CHECK(pulse.decided());
      pulse.fail(Kind::kTimeout, "");
      break;
    }
    const Answer answer = legacy(*request);
    pulse.on_head(
        {.status = answer.status, .content_type = answer.type, .session_id = answer.session});
    pulse.on_body(answer.body);
    pulse.on_end();
  }
  CHECK(pulse.request() == nullptr);
  CHECK(pulse.result().kind == Kind::kAnswer);
}

TEST_CASE("a session id that cannot stand in a header is none", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  const Server odd = [](const HttpPulse::Request& request) -> Answer {
    CHECK(field(request, "Mcp-Session-Id").empty());
    if (asked(request) == "server/discover") return {.status = 404};
    return {.body = result(request, kInitialized), .session = "a b"};
  };
  CHECK(run(pulse, odd).kind == Kind::kAnswer);
}

TEST_CASE("an answer without end is cut off", "[mcp][pulse]") {
  HttpPulse pulse = pulse_at("/mcp");
  pulse.begin();
  pulse.on_head({.status = 200, .content_type = "application/json", .session_id = {}});
  const std::string much(std::size_t{1} << 20, ' ');
  int fed = 0;
  while (!pulse.on_body(much)) REQUIRE(++fed < 8);
  pulse.on_end();
  CHECK(pulse.result().kind == Kind::kBadAnswer);
}

}  // namespace
}  // namespace sonde::mcp
