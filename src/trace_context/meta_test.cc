#include "trace_context/meta.h"

#include <map>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "trace_context/environment.h"
#include "trace_context/splice.h"

namespace sonde::trace_context {
namespace {

constexpr std::string_view kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

EnvContext environment(const std::map<std::string, std::string, std::less<>>& variables) {
  return read_environment([&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  });
}

TEST_CASE("a modern request names version, client and log level", "[trace_context][meta]") {
  const MetaContext meta = read_meta(R"({
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"version":"2","name":"in\"spector","icons":[{}]},
    "io.modelcontextprotocol/clientCapabilities": {"roots":{}},
    "io.modelcontextprotocol/logLevel": "debug",
    "io.modelcontextprotocol/related-task": {"taskId":"t-1"}})");

  CHECK(meta.protocol_version == "2026-07-28");
  CHECK(meta.client == Peer{.name = "in\"spector", .version = "2"});
  CHECK(meta.log_level == "debug");
  CHECK(meta.related_task == "t-1");
  CHECK_FALSE(meta.has_traceparent);
}

TEST_CASE("each host's keys are known", "[trace_context][meta]") {
  using Case = std::tuple<std::string, std::string, std::string, std::string>;
  const auto [text, call, conversation, turn] =
      GENERATE(Case{R"({"claudecode/toolUseId":"toolu_1","progressToken":2})", "toolu_1", "", ""},
               Case{R"({"vscode.conversationId":"c","vscode.requestId":"r"})", "", "c", "r"},
               Case{R"({"ai.opencode/sessionID":"s"})", "", "s", ""},
               Case{R"({"sessionId":"s","threadId":"t","callId":"x"})", "x", "t", ""},
               Case{R"({"threadId":"t","sessionId":"s"})", "", "t", ""},
               Case{R"({"x-codex-turn-metadata":{"turn_id":"u"},"threadId":"t"})", "", "t", "u"},
               Case{R"({"x-codex-turn-metadata":"{\"turn_id\":\"u\"}"})", "", "", "u"},
               Case{R"({"antigravity.google/conversation_id":"a"})", "", "a", ""},
               Case{R"({"baggage":"session.id=b"})", "", "b", ""},
               Case{R"({"threadId":"t","baggage":"session.id=b"})", "", "t", ""},
               Case{R"({"thread\u0049d":"t"})", "", "t", ""});
  INFO(text);
  const MetaContext meta = read_meta(text);

  CHECK(meta.tool_call_id == call);
  CHECK(meta.conversation == conversation);
  CHECK(meta.turn == turn);
}

TEST_CASE("an id that cannot stand in a header is left out", "[trace_context][meta]") {
  CHECK(read_meta(R"({"threadId":"a b"})").conversation.empty());
  CHECK(read_meta(R"({"threadId":"a\nb"})").conversation.empty());
  CHECK(read_meta(R"({"threadId":7})").conversation.empty());
  CHECK(read_meta(R"({"threadId":")" + std::string(129, 'x') + "\"}").conversation.empty());
  CHECK(read_meta(R"({"threadId":"a b","sessionId":"s"})").conversation == "s");
}

TEST_CASE("a traceparent is seen even if it is not valid", "[trace_context][meta]") {
  CHECK(read_meta(R"({"traceparent":")" + std::string(kTrace) + "\"}").parent ==
        parse_traceparent(kTrace));
  const MetaContext meta = read_meta(R"({"traceparent":"00-x","tracestate":"a=1"})");
  CHECK(meta.has_traceparent);
  CHECK_FALSE(meta.parent);
  CHECK(meta.has_tracestate);
  CHECK(meta.tracestate == "a=1");
}

TEST_CASE("the progress tokens 1 and \"1\" differ, escapes do not", "[trace_context][meta]") {
  CHECK(read_progress_token("1") != read_progress_token("\"1\""));
  CHECK(read_progress_token(R"("\u00e9")") == read_progress_token("\"\xc3\xa9\""));
  CHECK(read_meta(R"({"progressToken":"1"})").progress_token == read_progress_token("\"1\""));
  CHECK(read_progress_token('"' + std::string(300, 'x') + '"').empty());
}

TEST_CASE("what is no object says nothing", "[trace_context][meta]") {
  const std::string text = GENERATE("", "null", "[]", "7", "\"threadId\"", "{", "{]", "{\"a\"");
  INFO(text);
  const MetaContext meta = read_meta(text);

  CHECK(meta.conversation.empty());
  CHECK_FALSE(meta.has_traceparent);
}

TEST_CASE("a cut object is read as far as it goes", "[trace_context][meta]") {
  const MetaContext meta = read_meta(R"({"threadId":"t","callId":"x","big":[1,2,)");

  CHECK(meta.conversation == "t");
  CHECK(meta.tool_call_id == "x");
}

TEST_CASE("a peer's endless name is cut", "[trace_context][meta]") {
  CHECK(read_peer(R"({"name":")" + std::string(1000, 'n') + "\"}").name.size() == 256);
  CHECK(read_peer("[]") == Peer{});
}

TEST_CASE("the environment names run, trace and correlation", "[trace_context][environment]") {
  const EnvContext context = environment({{"TRACEPARENT", std::string(kTrace)},
                                          {"TRACESTATE", "a=1,,b"},
                                          {"BAGGAGE", "session.id=b"},
                                          {"SONDE_CORRELATION_ID", "ticket-7"}});

  CHECK(context.parent == parse_traceparent(kTrace));
  CHECK(context.tracestate == "a=1");
  CHECK(context.conversation == "b");
  CHECK(context.correlation_id == "ticket-7");
}

TEST_CASE("a host's session variable goes before baggage", "[trace_context][environment]") {
  CHECK(environment({{"CLAUDE_CODE_SESSION_ID", "c"}, {"BAGGAGE", "session.id=b"}}).conversation ==
        "c");
  CHECK(environment({{"GROK_SESSION_ID", "g"}}).conversation == "g");
  CHECK(environment({{"GROK_SESSION_ID", ""}, {"CLAUDE_CODE_SESSION_ID", "a b"}})
            .conversation.empty());
}

TEST_CASE("tracestate without a valid traceparent is nothing", "[trace_context][environment]") {
  const EnvContext context = environment(
      {{"TRACEPARENT", "00-bad"}, {"TRACESTATE", "a=1"}, {"SONDE_CORRELATION_ID", "a b"}});

  CHECK_FALSE(context.parent);
  CHECK(context.tracestate.empty());
  CHECK(context.correlation_id.empty());
}

TEST_CASE("what is spliced in is read back", "[trace_context][splice]") {
  const TraceParent here = *parse_traceparent(kTrace);
  std::string members;
  append_splice_members(members, {.here = here, .tracestate = "a=\"\\", .request_id = "r-1"});

  CHECK(members == R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
                   R"("tracestate":"sonde=b7ad6b7169203331,a=\"\\","sonde/request_id":"r-1")");
  const MetaContext meta = read_meta("{" + members + "}");
  CHECK(meta.parent == here);
  CHECK(meta.request_id == "r-1");
}

TEST_CASE("what _meta has already is not added again", "[trace_context][splice]") {
  std::string members;
  append_splice_members(
      members, {.here = *parse_traceparent(kTrace), .with_tracestate = false, .request_id = ""});

  CHECK(members == R"("traceparent":")" + std::string(kTrace) + '"');
}

}  // namespace
}  // namespace sonde::trace_context
