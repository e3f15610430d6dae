#include <benchmark/benchmark.h>

#include "base/json_writer.h"
#include "privacy/error_template.h"
#include "privacy/redactor.h"
#include "privacy/scrubber.h"
#include "privacy/value_hash.h"

namespace sonde::privacy {
namespace {

/// The arguments of an ordinary call: 426 bytes.
std::string arguments() {
  std::string json =
      R"({"path":"/srv/data/reports/2026/summary.csv","query":"SELECT region, sum(amount) FROM )"
      R"(orders WHERE state = 'open' GROUP BY region ORDER BY 2 DESC","limit":100,"offset":0,)"
      R"("filters":[{"column":"state","op":"=","value":"open"},{"column":"amount","op":">",)"
      R"("value":99.5}],"dry_run":false,"labels":{"team":"finance","purpose":"monthly"},"note":")";
  json.append(424 - json.size(), 'x').append("\"}");
  return json;
}

/// Text as tools return it: prose, paths, ids, some assignments, now and then a secret.
std::string ordinary_text(std::size_t size) {
  constexpr std::string_view kParagraph =
      "2026-11-21T08:07:22.123Z INFO request 018f3c2e-7b1a-7c3d-9e4f-123456789012 handled in "
      "12.7 ms: status=200 path=/srv/data/report.csv bytes=1048576 tokens_used=512\n"
      "The quarterly numbers are in the attached file; see https://example.com/docs?page=2 for "
      "the method. Totals: 1200, 3400, 5600 (error margin: 0.25%).\n"
      "{\"id\": 17, \"name\": \"widget\", \"tags\": [\"a\", \"b\"], \"author\": \"unknown\"}\n";
  std::string text;
  while (text.size() < size) text += kParagraph;
  text.resize(size);
  return text;
}

void set_speed(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void bm_hash_arguments(benchmark::State& state) {
  ValueHasher hasher(HashKey::ephemeral());
  const std::string json = arguments();
  for (auto _ : state) benchmark::DoNotOptimize(hasher.whole(json, kArgumentsCanonicalMax));
  set_speed(state, json.size());
}
BENCHMARK(bm_hash_arguments);

void bm_canonical(benchmark::State& state) {
  CanonicalJson writer;
  const std::string json = arguments();
  for (auto _ : state) benchmark::DoNotOptimize(writer.canonical(json));
  set_speed(state, json.size());
}
BENCHMARK(bm_canonical);

/// A result of 16 KiB: one text, as it stands or full of line ends and quotes.
void bm_canonical_text(benchmark::State& state) {
  CanonicalJson writer;
  std::string json = R"({"content":[{"text":)";
  const bool escapes = state.range(0) == 1;
  append_json_string(json, escapes ? ordinary_text(16'384) : std::string(16'384, 'x'));
  json += R"(,"type":"text"}]})";
  for (auto _ : state) benchmark::DoNotOptimize(writer.canonical(json));
  set_speed(state, json.size());
}
BENCHMARK(bm_canonical_text)->Arg(0)->Arg(1);

void bm_redact_text(benchmark::State& state) {
  const auto redactor = *Redactor::make({});
  const std::string text = ordinary_text(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(redactor->redact_text(text));
  set_speed(state, text.size());
}
BENCHMARK(bm_redact_text)->Arg(16)->Arg(1 << 10)->Arg(1 << 20);

void bm_redact_text_with_a_secret(benchmark::State& state) {
  const auto redactor = *Redactor::make({});
  const std::string text = ordinary_text(1 << 20) + " password=x";
  for (auto _ : state) benchmark::DoNotOptimize(redactor->redact_text(text));
  set_speed(state, text.size());
}
BENCHMARK(bm_redact_text_with_a_secret);

void bm_redact_json(benchmark::State& state) {
  const auto redactor = *Redactor::make({});
  const std::string json = arguments();
  for (auto _ : state) benchmark::DoNotOptimize(redactor->redact_json(json));
  set_speed(state, json.size());
}
BENCHMARK(bm_redact_json);

void bm_error_template(benchmark::State& state) {
  const std::string text =
      "MCP error -32602: Invalid arguments for tool find_documents: column \"owner\" of relation "
      "people does not exist at https://example.com/x, connection to db-3.internal:5432 refused";
  for (auto _ : state) benchmark::DoNotOptimize(error_template(text));
  set_speed(state, text.size());
}
BENCHMARK(bm_error_template);

/// A call as most are: 426 bytes in, 2 KiB out, no error, nothing captured.
void bm_scrub(benchmark::State& state) {
  Stats stats;
  const auto scrubber = *Scrubber::make({}, {}, HashKey::ephemeral(), stats);
  const auto body = [](std::string bytes) {
    Body made;
    made.size = bytes.size();
    made.bytes = std::move(bytes);
    return made;
  };
  ObservedCall call;
  call.record.request_id = call.record.correlation_id = "018f3c2e-7b1a-7c3d-9e4f-123456789012";
  call.record.session_id = call.record.mcp_session_id = "018f3c2e-7b1a-7c3d-9e4f-123456789013";
  call.record.method = "tools/call";
  call.record.tool_name = "find_documents";
  call.record.protocol_version = "2025-11-25";
  call.record.client = std::make_shared<const Peer>(Peer{"claude-code", "2.1.0"});
  call.arguments = body(arguments());
  std::string result = R"({"content":[{"type":"text","text":)";
  append_json_string(result, ordinary_text(2000));
  call.result = body(result + "}]}");
  for (auto _ : state) {
    ObservedCall copy = call;
    benchmark::DoNotOptimize(scrubber->scrub(std::move(copy), {}));
  }
}
BENCHMARK(bm_scrub);

/// What would be quadratic if any look ahead or back were not bounded.
void bm_redact_hostile(benchmark::State& state) {
  constexpr std::array<std::string_view, 12> kUnits = {"sk-",       "eyJ-", "://a:b/",     "a@",
                                                       "password=", "\\\"", "-----BEGIN ", "'",
                                                       "1 ",        "a=a:", "{\"",         "%3D"};
  const auto redactor = *Redactor::make({});
  const std::string_view unit = kUnits[static_cast<std::size_t>(state.range(0))];
  std::string text;
  while (text.size() < 1 << 20) text += unit;
  for (auto _ : state) benchmark::DoNotOptimize(redactor->redact_text(text));
  set_speed(state, text.size());
  state.SetLabel(std::string(unit));
}
BENCHMARK(bm_redact_hostile)->DenseRange(0, 11)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sonde::privacy
