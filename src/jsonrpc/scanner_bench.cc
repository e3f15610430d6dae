#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "jsonrpc/scanner.h"

namespace sonde::jsonrpc {
namespace {

/// A tools/call as the TypeScript SDK writes it, 426 bytes with its newline.
std::string request() {
  return R"({"method":"tools/call","params":{"name":"search_documents","arguments":)"
         R"({"query":"quarterly revenue by region, 2026","collections":["reports","filings"],)"
         R"("filters":{"language":"en","published_after":"2026-01-01","tags":["finance","emea"]},)"
         R"("limit":25,"include_snippets":true,"sort":{"field":"score","order":"desc"}},)"
         R"("_meta":{"progressToken":17,"claudecode/toolUseId":"toolu_01A09q90qw90lq917835lq9"}},)"
         R"("jsonrpc":"2.0","id":17})"
         "\n";
}

std::string response(std::string_view result) {
  return R"({"result":)" + std::string(result) +
         R"(,"jsonrpc":"2.0","id":17})"
         "\n";
}

/// `bytes` of prose with an escape every line, as tools return files and pages.
std::string text_result(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += R"(The quick brown fox jumps over the lazy dog, and \"why not\" asks nobody at all.\n)";
  }
  return response(R"({"content":[{"type":"text","text":")" + text + R"("}],"isError":false})");
}

/// `bytes` of Base64, as tools return images.
std::string blob_result(std::size_t bytes) {
  std::string data;
  while (data.size() < bytes)
    data += "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk";
  return response(R"({"content":[{"type":"image","mimeType":"image/png","data":")" + data +
                  R"("}],"isError":false})");
}

/// `bytes` of small objects.
std::string structured_result(std::size_t bytes) {
  std::string items;
  for (std::size_t i = 0; items.size() < bytes; ++i) {
    const std::string n = std::to_string(i);
    if (i != 0) items += ",";
    items += R"({"id":)" + n + R"(,"name":"item )" + n + R"(","price":{"amount":)" + n +
             R"(.95,"currency":"EUR"},"tags":["new","sale"],"stock":null,"active":true})";
  }
  return response(R"({"content":[],"structuredContent":{"items":[)" + items +
                  R"(]},"isError":false})");
}

/// `bytes` of numbers.
std::string number_result(std::size_t bytes) {
  std::string numbers;
  for (std::size_t i = 0; numbers.size() < bytes; ++i) {
    if (i != 0) numbers += ",";
    numbers += std::to_string(i * 7919 % 100000) + "." + std::to_string(i % 1000);
  }
  return response(R"({"content":[],"structuredContent":{"series":[)" + numbers +
                  R"(]},"isError":false})");
}

std::string small_result() { return text_result(900); }

using Build = std::string (*)();

/// What both sides must find: the values that describe a call.
struct Found {
  std::string_view jsonrpc;
  std::string_view id;
  std::string_view method;
  std::string_view name;
  std::string_view arguments;
  std::string_view meta;
  std::string_view content;
  std::string_view structured;
  std::string_view is_error;
};

void count_bytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

Found find(const Message& message) {
  return {.jsonrpc = message[Field::kJsonrpc].text,
          .id = message[Field::kId].text,
          .method = message[Field::kMethod].text,
          .name = message[Field::kName].text,
          .arguments = message[Field::kArguments].text,
          .meta = message[Field::kMeta].text,
          .content = message[Field::kContent].text,
          .structured = message[Field::kStructured].text,
          .is_error = message[Field::kIsError].text};
}

void scan(benchmark::State& state, Build build) {
  const std::string line = build();
  const auto chunk_bytes =
      state.range(0) == 0 ? line.size() : static_cast<std::size_t>(state.range(0));
  Scanner scanner;
  for (auto _ : state) {
    for (std::size_t at = 0; at < line.size(); at += chunk_bytes) {
      scanner.feed(std::string_view(line).substr(at, chunk_bytes));
      while (const Message* message = scanner.next()) {
        Found found = find(*message);
        benchmark::DoNotOptimize(found);
      }
    }
  }
  count_bytes(state, line.size());
}

namespace od = simdjson::ondemand;

std::string_view raw(od::value value) {
  std::string_view text;
  switch (value.type()) {
    case od::json_type::object:
      text = value.get_object().value().raw_json();
      break;
    case od::json_type::array:
      text = value.get_array().value().raw_json();
      break;
    default:
      text = value.raw_json_token();
  }
  return text;
}

// In the order of the document, each key looked at once and not unescaped: on-demand's
// fastest way.

void find_in_params(od::object params, Found& found) {
  for (auto member : params) {
    const od::raw_json_string key = member.key();
    if (key == "name") {
      found.name = raw(member.value());
    } else if (key == "arguments") {
      found.arguments = raw(member.value());
    } else if (key == "_meta") {
      found.meta = raw(member.value());
    }
  }
}

void find_in_result(od::object result, Found& found) {
  for (auto member : result) {
    const od::raw_json_string key = member.key();
    if (key == "content") {
      found.content = raw(member.value());
    } else if (key == "structuredContent") {
      found.structured = raw(member.value());
    } else if (key == "isError") {
      found.is_error = raw(member.value());
    }
  }
}

Found find(od::document& document) {
  Found found;
  for (auto member : document.get_object()) {
    const od::raw_json_string key = member.key();
    if (key == "jsonrpc") {
      found.jsonrpc = raw(member.value());
    } else if (key == "id") {
      found.id = raw(member.value());
    } else if (key == "method") {
      found.method = raw(member.value());
    } else if (key == "params") {
      find_in_params(member.value().get_object(), found);
    } else if (key == "result") {
      find_in_result(member.value().get_object(), found);
    }
  }
  return found;
}

void simdjson_on_demand(benchmark::State& state, Build build) {
  const std::string line = build();
  const simdjson::padded_string padded(line);
  od::parser parser;
  for (auto _ : state) {
    od::document document = parser.iterate(padded);
    Found found = find(document);
    benchmark::DoNotOptimize(found);
  }
  count_bytes(state, line.size());
}

std::string text_64k() { return text_result(64 * 1024); }
std::string text_1m() { return text_result(1024 * 1024); }
std::string blob_1m() { return blob_result(1024 * 1024); }
std::string structured_1m() { return structured_result(1024 * 1024); }
std::string numbers_1m() { return number_result(1024 * 1024); }

#define SONDE_COMPARE(build)                           \
  BENCHMARK_CAPTURE(simdjson_on_demand, build, build); \
  BENCHMARK_CAPTURE(scan, build, build)->Arg(0)->ArgName("chunk")

#define SONDE_CHUNKS(build) \
  BENCHMARK_CAPTURE(scan, build, build)->Arg(1)->Arg(512)->Arg(4096)->Arg(65536)->ArgName("chunk")

SONDE_COMPARE(request);
SONDE_COMPARE(small_result);
SONDE_COMPARE(text_64k);
SONDE_COMPARE(text_1m);
SONDE_COMPARE(blob_1m);
SONDE_COMPARE(structured_1m);
SONDE_COMPARE(numbers_1m);
SONDE_CHUNKS(request);
SONDE_CHUNKS(text_1m);
SONDE_CHUNKS(structured_1m);
SONDE_CHUNKS(numbers_1m);

}  // namespace
}  // namespace sonde::jsonrpc
