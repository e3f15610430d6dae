#include "proxy/deny_gate.h"

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "mcp/shown_id.h"
#include "proxy/request_body.h"
#include "proxy/tap_kit_for_test.h"

namespace sonde::proxy {
namespace {

using std::chrono::seconds;

const privacy::HashKey& test_key() {
  static const auto key =
      *privacy::HashKey::from_secret("a key that every test of this file shares");
  return key;
}

std::string call_text(std::string_view tool, std::string_view arguments,
                      std::string_view more = "") {
  return R"({"jsonrpc":"2.0","id":"q-1","method":"tools/call","params":{"name":")" +
         std::string(tool) + R"(","arguments":)" + std::string(arguments) + std::string(more) +
         "}}";
}

/// Denies `read` with {"path":"a"} to a session, as the recorder does.
struct Kit : TapKit {
  explicit Kit(std::uint64_t session) {
    reports.denied = std::make_shared<recorder::Denials>(test_key());
    privacy::ValueHasher hasher(test_key());
    const std::string args = hasher.whole(R"({"path":"a"})", privacy::kArgumentsCanonicalMax);
    reports.denied->table.deny(session, thrash::call_key(thrash::hash_of("up"), "read", args),
                               {.calls = 6, .until = now.monotonic + seconds(60)}, now.monotonic);
  }
  ExchangeTap::Objection objection(std::string_view body, RequestFacts facts) {
    restart();
    tap->begin(std::move(facts), "/mcp", now);
    tap->on_request_body(body, now);
    return tap->objection();
  }
};

std::uint64_t session_of_handle(std::string_view handle) {
  privacy::KeyedHash hash(test_key().secret());
  return thrash::session_key(mcp::shown_id(hash, 's', handle));
}

RequestFacts facts_with_session(std::string_view handle) {
  RequestFacts facts = post_facts();
  facts.session_id = handle;
  return facts;
}

using enum ExchangeTap::Objection;

TEST_CASE("a call that is denied is objected to, however its arguments are written",
          "[proxy][deny]") {
  Kit kit(session_of_handle("h-1"));
  for (const std::string_view arguments : {R"({"path":"a"})", R"({ "path" : "\u0061" })"}) {
    CHECK(kit.objection(call_text("read", arguments), facts_with_session("h-1")) == kCircling);
    CHECK(kit.tap->refused_id() == R"("q-1")");
    CHECK(kit.tap->denial().calls == 6);
  }
}

TEST_CASE("other calls, other sessions and other times are let through", "[proxy][deny]") {
  Kit kit(session_of_handle("h-1"));
  CHECK(kit.objection(call_text("read", R"({"path":"b"})"), facts_with_session("h-1")) == kNone);
  CHECK(kit.objection(call_text("write", R"({"path":"a"})"), facts_with_session("h-1")) == kNone);
  CHECK(kit.objection(call_text("read", R"({"path":"a"})"), facts_with_session("h-2")) == kNone);
  CHECK(kit.objection(call_text("read", R"({"path":"a"})"), post_facts()) == kNone);
  kit.now.monotonic += seconds(60);
  CHECK(kit.objection(call_text("read", R"({"path":"a"})"), facts_with_session("h-1")) == kNone);
}

TEST_CASE("a conversation counts before the session of the protocol", "[proxy][deny]") {
  Kit kit(thrash::session_key("talk-7"));
  const std::string call = call_text("read", R"({"path":"a"})");
  RequestFacts facts = facts_with_session("h-1");
  CHECK(kit.objection(call, facts) == kNone);
  facts.conversation = "talk-7";
  CHECK(kit.objection(call, facts) == kCircling);
  const std::string in_meta =
      call_text("read", R"({"path":"a"})", R"(,"_meta":{"vscode.conversationId":"talk-7"})");
  CHECK(kit.objection(in_meta, facts_with_session("h-1")) == kCircling);
}

TEST_CASE("a session that was inferred is known by its connection, but not behind a relay",
          "[proxy][deny]") {
  Kit kit(thrash::session_key(std::uint64_t{7}));
  RequestFacts facts = post_facts();
  facts.connection = 7;
  CHECK(kit.objection(call_text("read", R"({"path":"a"})"), facts) == kCircling);
  facts.relayed = true;
  CHECK(kit.objection(call_text("read", R"({"path":"a"})"), facts) == kNone);
}

TEST_CASE("where our answer might not be read, the call goes on", "[proxy][deny]") {
  Kit kit(session_of_handle("h-1"));
  const std::string call = call_text("read", R"({"path":"a"})");
  CHECK(kit.objection("[" + call + "]", facts_with_session("h-1")) == kNone);
  RequestFacts event_stream_only = facts_with_session("h-1");
  event_stream_only.streamable = false;  // HTTP+SSE: the answer is expected on another stream.
  CHECK(kit.objection(call, event_stream_only) == kNone);
}

TEST_CASE("a body that is held for a denial goes on when it is too large", "[proxy][deny]") {
  Kit kit(session_of_handle("h-1"));
  kit.rules.inject = false;
  const std::string body = call_text("read", R"({"path":")" + std::string(300'000, 'x') + "\"}");
  for (const std::size_t held : {std::size_t{200'000}, std::size_t{1'000'000}}) {
    kit.restart();
    kit.tap->begin(facts_with_session("h-1"), "/mcp", kit.now);
    RequestBody::Buffers buffers;
    RequestBody request(*kit.tap, {.held_bytes_max = held, .hold = true}, false, buffers);
    http::Head head;
    head.framing = http::Framing::kLength;
    head.content_length = body.size();
    request.begin(head, true, false);
    std::size_t taken = 0;
    std::string sent;
    while (taken < body.size()) {
      taken += request.take(std::string_view(body).substr(taken, 50'000), kit.now);
      const bool waits = request.state() == RequestBody::State::kCollecting;
      CHECK(waits == (taken <= held && taken < body.size()));
      std::size_t bytes = 0;
      for (const iovec& piece : request.ready()) {
        sent.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
        bytes += piece.iov_len;
      }
      request.written(bytes);
    }
    CHECK(request.state() == RequestBody::State::kComplete);
    CHECK(sent == body);
  }
}

}  // namespace
}  // namespace sonde::proxy
