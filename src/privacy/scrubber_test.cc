#include "privacy/scrubber.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/json_writer.h"
#include "privacy/canaries_for_test.h"
#include "privacy/value_hash.h"

namespace sonde::privacy {
namespace {

constexpr Capture kOff{};
constexpr Capture kOn{.on = true};

HashKey key() { return *HashKey::from_secret("0123456789abcdef0123456789abcdef"); }

struct Bench {
  explicit Bench(const PrivacyConfig& config = {}, const CaptureConfig& capture = {})
      : scrubber(*Scrubber::make(config, capture, key(), stats)) {}

  CallRecord scrub(ObservedCall call, Capture capture = kOff) {
    return scrubber->scrub(std::move(call), capture);
  }
  Event scrub(Event event) {
    scrubber->scrub(event);
    return event;
  }

  Stats stats;
  std::unique_ptr<Scrubber> scrubber;
};

Body body(std::string bytes) {
  Body made;
  made.size = bytes.size();
  made.bytes = std::move(bytes);
  return made;
}

Body cut_off(std::string bytes, std::uint64_t size, std::uint64_t stream = 0) {
  Body made = body(std::move(bytes));
  made.size = size;
  made.truncated = true;
  made.hash_stream = stream;
  return made;
}

ObservedCall call(std::string arguments, std::string result = {}, std::string error = {}) {
  ObservedCall made;
  made.arguments = body(std::move(arguments));
  made.result = body(std::move(result));
  made.error_text = std::move(error);
  if (!made.error_text.empty()) made.record.status = CallStatus::kError;
  return made;
}

std::string quoted(std::string_view raw) {
  std::string out;
  append_json_string(out, raw);
  return out;
}

/// Every text of a record, so that a field that is added is looked at too.
std::string all_texts(const CallRecord& record) {
  std::string all;
  const auto add = [&all](std::string_view text) { all.append(text).push_back('\n'); };
  for (const auto& peer : {record.client, record.server}) {
    if (peer) add(peer->name + " " + peer->version);
  }
  for (const std::string& text : {record.request_id,
                                  record.wire_id.text,
                                  record.tool_call_id,
                                  record.correlation_id,
                                  record.session_id,
                                  record.mcp_session_id,
                                  record.turn_id,
                                  record.user_id,
                                  record.method,
                                  record.tool_name,
                                  record.resource_uri,
                                  record.protocol_version,
                                  record.args_hash,
                                  record.hash_key_id,
                                  record.result_hash,
                                  record.result_summary,
                                  record.error_type,
                                  record.error_message,
                                  record.captured_arguments,
                                  record.captured_result}) {
    add(text);
  }
  for (const std::string& text : record.args_keys) add(text);
  return all;
}

std::string all_texts(const Event& event) {
  std::string all;
  const auto add = [&all](std::string_view text) { all.append(text).push_back('\n'); };
  for (const std::string& text : {event.session_id, event.mcp_session_id, event.correlation_id,
                                  event.request_id, event.method, event.tool_name, event.message}) {
    add(text);
  }
  for (const auto* list : {&event.command, &event.environment, &event.last_stderr}) {
    for (const std::string& text : *list) add(text);
  }
  return all;
}

/// A call that carries the canary wherever content goes.
ObservedCall call_with(const Canary& canary) {
  const std::string text = quoted(canary.text);
  const std::string nested = quoted("{\"deep\":" + text + "}");
  const std::string arguments = "{\"note\":" + text + ",\"list\":[{\"payload\":" + nested + "}]}";
  const std::string result =
      R"({"content":[{"type":"text","text":)" + text + R"(}],"structuredContent":)" + nested + "}";
  return call(arguments, result, "cannot handle " + canary.text + " here");
}

/// … and wherever it is wrongly put by a client: in names.
void put_in_names(CallRecord& record, const Canary& canary) {
  record.tool_name = record.method = record.wire_id.text = record.tool_call_id = canary.text;
  record.session_id = record.user_id = canary.text;
  record.resource_uri = "https://example.com/" + canary.text;
  record.client = std::make_shared<const Peer>(Peer{canary.text, canary.text});
}

TEST_CASE("no canary is in any field while capture is off", "[privacy][scrub][canary]") {
  Bench bench;
  for (const Canary& canary : canaries()) {
    const std::string shown = all_texts(bench.scrub(call_with(canary)));
    INFO(canary.kind << ":\n" << shown);
    CHECK(shown.find(canary.value) == std::string::npos);
  }
}

TEST_CASE("no secret is in any field while capture is on", "[privacy][scrub][canary]") {
  PrivacyConfig config;
  config.result_summary = true;
  Bench bench(config);
  for (const Canary& canary : canaries()) {
    if (!canary.goes_in("stderr")) continue;
    const CallRecord record = bench.scrub(call_with(canary), kOn);
    INFO(canary.kind << ":\n" << all_texts(record));
    CHECK(all_texts(record).find(canary.value) == std::string::npos);
    CHECK_FALSE(record.captured_arguments.empty());
    CHECK(find_member(record.captured_arguments, "note"));
    CHECK(find_member(record.captured_result, "content"));
  }
}

/// Nobody can tell such a value from the name of a tool.
bool named_like_a_tool(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    return std::string_view(" @,()").find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

TEST_CASE("no canary is in the place of a resource or the name of a tool",
          "[privacy][scrub][canary]") {
  Bench bench;
  for (const Canary& canary : canaries()) {
    ObservedCall named = call("{}");
    named.record.resource_uri = "note://store/" + canary.text + "?token=" + canary.text;
    if (!named_like_a_tool(canary.value)) named.record.tool_name = canary.text;
    const std::string shown = all_texts(bench.scrub(std::move(named)));
    INFO(canary.kind << ":\n" << shown);
    CHECK(shown.find(canary.value) == std::string::npos);
  }
}

TEST_CASE("no recognisable canary is in a name", "[privacy][scrub][canary]") {
  Bench bench;
  for (const Canary& canary : canaries()) {
    if (!canary.goes_in("stderr")) continue;
    ObservedCall named = call("{" + quoted(canary.text) + ":1}");
    put_in_names(named.record, canary);
    const std::string shown = all_texts(bench.scrub(std::move(named)));
    INFO(canary.kind << ":\n" << shown);
    CHECK(shown.find(canary.value) == std::string::npos);
  }
}

TEST_CASE("no canary is in an event", "[privacy][scrub][canary]") {
  Bench bench;
  for (const Canary& canary : canaries()) {
    Event event;
    event.command = {"npx", "server", canary.text, "--note=" + canary.text,
                     "{\"a\":" + quoted(canary.text) + "}"};
    event.environment = {"API_KEY=" + canary.value};
    event.last_stderr = {"starting", canary.text, "fatal: " + canary.text};
    if (canary.goes_in("stderr")) {  // Our own sentences, and our own variables.
      event.environment.push_back("SETTING=" + canary.text);
      event.message = "server says: " + canary.text;
    }
    const std::string shown = all_texts(bench.scrub(event));
    INFO(canary.kind << ":\n" << shown);
    CHECK(shown.find(canary.value) == std::string::npos);
  }
}

TEST_CASE("a key that spans lines of stderr is gone from all of them", "[privacy][scrub]") {
  Bench bench;
  Event event;
  const std::string line = "MIIEpAIBAAKCAQEAZq3Xv9Kp2Lm7Rt5Wb8Nc4Hd6Jf1Gs0TyUaEo2Pi8Zq3Xv9Kp";
  event.last_stderr = {"before", "-----BEGIN PRIVATE KEY-----", line,
                       line,     "-----END PRIVATE KEY-----",   "after"};
  CHECK(bench.scrub(event).last_stderr == std::vector<std::string>{"before", "<secret>", "after"});
  event.last_stderr = {line, line, "-----END PRIVATE KEY-----", "after"};
  CHECK(all_texts(bench.scrub(event)).find("MIIE") == std::string::npos);
  event.last_stderr = {line, line};
  CHECK(all_texts(bench.scrub(event)).find("MIIE") == std::string::npos);
}

TEST_CASE("arguments that mean the same have the same hash", "[privacy][scrub]") {
  Bench bench;
  const CallRecord a = bench.scrub(call(R"({"b":1,"a":[true]})"));
  const CallRecord b = bench.scrub(call(R"({ "a" : [true], "b" : 1.0 })"));
  CHECK(a.args_hash == b.args_hash);
  CHECK(a.args_hash == hash_value(R"({"b":1,"a":[true]})", key()));
  CHECK(a.hash_key_id == key().id());
  CHECK(a.args_size_bytes == 18);
  CHECK(a.args_keys == std::vector<std::string>{"b", "a"});
}

TEST_CASE("a call without arguments has no hash of them", "[privacy][scrub]") {
  Bench bench;
  const CallRecord record = bench.scrub(call(""));
  CHECK(record.args_hash.empty());
  CHECK(record.result_hash.empty());
  CHECK(bench.stats.read(Stat::kHashesSkipped) == 0);
}

TEST_CASE("a result above the limit is hashed raw", "[privacy][scrub]") {
  Bench bench;
  const std::string large = "[" + std::string(kResultCanonicalMax, ' ') + "1]";
  const CallRecord record = bench.scrub(call("{}", large));
  CHECK(record.result_hash == hash_value(large, key(), kResultCanonicalMax));
  CHECK(record.result_hash.starts_with("r1:"));
  CHECK(record.result_tokens_est == (large.size() + 3) / 4);
}

void feed(Scrubber& scrubber, std::uint64_t stream, std::string_view value, std::size_t piece) {
  for (std::size_t at = 0; at < value.size(); at += piece) {
    scrubber.hash_piece(stream, value.substr(at, piece));
  }
}

TEST_CASE("a value that came in pieces has the hash of the whole", "[privacy][scrub]") {
  const std::string value = "[" + std::string(GENERATE(10U, 70'000U, 2'000'000U), ' ') + "1]";
  const std::size_t piece = GENERATE(7'001U, 65'536U, 1'500'000U);
  Bench bench;
  feed(*bench.scrubber, 7, value, piece);
  ObservedCall observed = call("{}");
  observed.result = cut_off(value.substr(0, 5), value.size(), 7);
  const CallRecord record = bench.scrub(std::move(observed));
  CHECK(record.result_hash == hash_value(value, key(), kResultCanonicalMax));
}

TEST_CASE("a value of which the end was not seen is hashed by its first part", "[privacy][scrub]") {
  const std::string value(2'000'000, 'x');
  const std::size_t piece = GENERATE(7'001U, 65'536U, 1'500'000U);
  Bench bench;
  feed(*bench.scrubber, 7, value, piece);
  ObservedCall observed = call("{}");
  observed.result = cut_off("xxx", 3'000'000, 7);
  KeyedHash prefix = ValueHasher(key()).begin();
  prefix.update(std::string_view(value).substr(0, kPrefixBytes));
  const CallRecord record = bench.scrub(std::move(observed));
  CHECK(record.result_hash == ValueHasher::prefix(prefix, 3'000'000));
  CHECK(bench.stats.read(Stat::kHashesTruncated) == 1);
}

TEST_CASE("a value of which too little was seen has no hash", "[privacy][scrub]") {
  Bench bench;
  feed(*bench.scrubber, 7, std::string(kPrefixBytes - 1, 'x'), 65'536);
  ObservedCall observed = call("{}");
  observed.result = cut_off("xxx", 3'000'000, GENERATE(0U, 7U, 8U));
  const CallRecord record = bench.scrub(std::move(observed));
  CHECK(record.result_hash.empty());
  CHECK(bench.stats.read(Stat::kHashesSkipped) == 1);
}

TEST_CASE("streams that no call takes are forgotten", "[privacy][scrub]") {
  Bench bench;
  for (std::uint64_t stream = 1; stream <= 65; ++stream) bench.scrubber->hash_piece(stream, "[]");
  ObservedCall first = call("{}");
  first.result = cut_off("[", 2, 1);
  const CallRecord shown_first = bench.scrub(std::move(first));
  CHECK(shown_first.result_hash.empty());
  ObservedCall last = call("{}");
  last.result = cut_off("[", 2, 65);
  const CallRecord shown_last = bench.scrub(std::move(last));
  CHECK(shown_last.result_hash == hash_value("[]", key()));
}

TEST_CASE("an error is a template unless content is captured", "[privacy][scrub]") {
  Bench bench;
  const std::string error = "no row for Erika Musterfrau with password=hunter2";
  CHECK(bench.scrub(call("{}", "", error)).error_message == "no row for <w> with password=<id>");
  CHECK(bench.scrub(call("{}", "", error), kOn).error_message ==
        "no row for Erika Musterfrau with password=[redacted:password]");
}

TEST_CASE("only failed calls are captured where so asked", "[privacy][scrub]") {
  Bench bench;
  constexpr Capture kErrors{.on = true, .errors_only = true};
  CHECK(bench.scrub(call(R"({"a":1})"), kErrors).captured_arguments.empty());
  CHECK(bench.scrub(call(R"({"a":1})", "", "x"), kErrors).captured_arguments == R"({"a":1})");
}

TEST_CASE("content is kept only while capture is on, and cut", "[privacy][scrub]") {
  CaptureConfig capture;
  capture.bytes_max = 10;
  Bench bench({}, capture);
  CHECK(bench.scrub(call(R"({"a":1})", "[1]")).captured_arguments.empty());
  const CallRecord record = bench.scrub(call(R"({"a":"éééééé"})", "[1]"), kOn);
  CHECK(record.captured_arguments == R"({"a":"éé)");
  CHECK(record.captured_result == "[1]");
  CHECK(bench.stats.read(Stat::kFieldsTruncated) == 1);
}

TEST_CASE("a body that was cut off does not show the beginning of a secret", "[privacy][scrub]") {
  Bench bench;
  ObservedCall observed = call("");
  observed.arguments = cut_off(R"({"note":"uses ghp_Zq3Xv9)", 500);
  const CallRecord record = bench.scrub(std::move(observed), kOn);
  CHECK(record.captured_arguments == R"({"note":"uses )");
}

TEST_CASE("keys are shown only if they are names", "[privacy][scrub]") {
  Bench bench;
  const CallRecord record = bench.scrub(call(
      R"({"path":1,"a b":{"inner":1},"erika@example.com":2,"$ref":3,"x.y":4,"1a":5,"\u0061z":6,)"
      R"("ghp_Zq3Xv9Kp2Lm7Rt5Wb8Nc4Hd6Jf1Gs0TyUaEo":7,"":8})"));
  CHECK(record.args_keys == std::vector<std::string>{"path", "<key>", "<key>", "$ref", "x.y",
                                                     "<key>", "az", "[redacted:github_token]",
                                                     "<key>"});
}

TEST_CASE("at most 32 keys are shown, also of a body that was cut off", "[privacy][scrub]") {
  Bench bench;
  std::string json = "{\"k0\":0";
  for (int i = 1; i < 40; ++i)
    json += ",\"k" + std::to_string(i) + "\":[" + std::to_string(i) + "]";
  CHECK(bench.scrub(call(json + "}")).args_keys.size() == 32);
  ObservedCall observed = call("");
  observed.arguments = cut_off(R"({"a":1,"b":{"c":"xx)", 500);
  const CallRecord record = bench.scrub(std::move(observed));
  CHECK(record.args_keys == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the name of a tool that no server has shown must be written like one",
          "[privacy][scrub]") {
  Bench bench;
  for (const bool known : {false, true}) {
    ObservedCall observed = call("{}");
    observed.record.tool_name = "Erika Musterfrau";
    observed.record.tool_known = known;
    const CallRecord record = bench.scrub(std::move(observed));
    CHECK(record.tool_name == (known ? "Erika Musterfrau" : "<w>"));
  }
}

TEST_CASE("names are cut and URIs lose what is not their place", "[privacy][scrub]") {
  Bench bench;
  ObservedCall observed = call("{}");
  observed.record.tool_name = std::string(500, 'x');
  observed.record.resource_uri = "https://bob:pw@example.com/a/b?token=1#top";
  const CallRecord record = bench.scrub(std::move(observed));
  CHECK(record.tool_name.size() == 128);
  CHECK(record.resource_uri.starts_with("https:r1:"));
  CHECK(record.resource_uri.size() == std::string_view("https:r1:").size() + 16);
}

TEST_CASE("the content of a data URI is not shown", "[privacy][scrub]") {
  Bench bench;
  ObservedCall observed = call("{}");
  observed.record.resource_uri = "data:text/plain;base64,RXJpa2E=";
  const CallRecord record = bench.scrub(std::move(observed));
  CHECK(record.resource_uri.starts_with("data:r1:"));
}

TEST_CASE("a summary is made only where it is switched on", "[privacy][scrub]") {
  const std::string result =
      R"({"content":[{"type":"text","text":"found\n  3 rows for erika@example.com"}]})";
  CHECK(Bench().scrub(call("{}", result)).result_summary.empty());
  PrivacyConfig config;
  config.result_summary = true;
  CHECK(Bench(config).scrub(call("{}", result)).result_summary ==
        "found 3 rows for [redacted:email]");
  CHECK(Bench(config).scrub(call("{}", R"({"rows":[1,2]})")).result_summary == R"({"rows":[1,2]})");
  CHECK(
      Bench(config).scrub(call("{}", "\"" + std::string(900, 'x') + "\"")).result_summary.size() ==
      200);
}

TEST_CASE("peers that need no change stay shared", "[privacy][scrub]") {
  Bench bench;
  const auto peer = std::make_shared<const Peer>(Peer{"claude-code", "2.1"});
  const auto odd = std::make_shared<const Peer>(Peer{"erika@example.com", "1"});
  for (int i = 0; i < 2; ++i) {
    ObservedCall observed = call("{}");
    observed.record.client = peer;
    observed.record.server = odd;
    const CallRecord record = bench.scrub(std::move(observed));
    CHECK(record.client == peer);
    CHECK(record.server->name == "[redacted:email]");
  }
}

TEST_CASE("the flags of a command hide their values", "[privacy][scrub]") {
  Bench bench;
  Event event;
  event.command = {"server",    "--token", "a b c", "--port",          "80",       "--api-key=x y",
                   "-u",        "bob:pw",  "-e",    "DB_PASSWORD=x y", "--header", "X-Api-Key: x y",
                   "--no-auth", "80"};
  event.environment = {"PWD=/home", "PATH=/bin", "DB_PASSWORD=x y", "EMPTY_TOKEN="};
  const Event shown = bench.scrub(event);
  CHECK(shown.command == std::vector<std::string>{"server", "--token", "[redacted:token]", "--port",
                                                  "<arg>", "--api-key=[redacted:api_key]", "-u",
                                                  "[redacted:credential]", "-e", "<arg>",
                                                  "--header", "<arg>", "--no-auth", "<arg>"});
  CHECK(shown.environment == std::vector<std::string>{"PWD=/home", "PATH=/bin",
                                                      "DB_PASSWORD=[redacted:password]",
                                                      "EMPTY_TOKEN="});
  CHECK(bench.stats.read(Stat::kSecretsRedacted) == 6);
}

TEST_CASE("a pattern that cannot be used stops the making", "[privacy][scrub]") {
  Stats stats;
  PrivacyConfig config;
  config.redact_patterns = {"["};
  CHECK_FALSE(Scrubber::make(config, {}, key(), stats));
}

}  // namespace
}  // namespace sonde::privacy
