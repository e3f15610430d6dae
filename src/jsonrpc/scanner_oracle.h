#pragma once

#include <simdjson.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "jsonrpc/scanner.h"

/// For tests and fuzzers: what a whole-document parser says of a message.
namespace sonde::jsonrpc {

namespace oracle {

using simdjson::dom::element;

[[noreturn]] inline void fail(const char* what, std::string_view line) {
  std::fprintf(stderr, "simdjson disagrees: %s\n%.*s\n", what, static_cast<int>(line.size()),
               line.data());
  std::abort();
}

/// The last member of that name, and whether there were several.
struct Member {
  std::optional<element> value;
  int times = 0;
};

inline Member last(element of, std::string_view name) {
  Member found;
  simdjson::dom::object object;
  if (of.get_object().get(object) != simdjson::SUCCESS) return found;
  for (const auto member : object) {
    if (member.key != name) continue;
    found.value = member.value;
    ++found.times;
  }
  return found;
}

inline std::size_t elements_of(element value) {
  simdjson::dom::object object;
  if (value.get_object().get(object) == simdjson::SUCCESS) {
    std::size_t members = 0;
    for ([[maybe_unused]] const auto member : object) ++members;
    return members;
  }
  simdjson::dom::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return 0;
  std::size_t elements = 0;
  for ([[maybe_unused]] const auto one : array) ++elements;
  return elements;
}

struct Place {
  Field field;
  std::string_view object;  ///< Empty: the message itself.
  std::string_view name;
};

inline constexpr Place kPlaces[] = {
    {Field::kJsonrpc, "", "jsonrpc"},
    {Field::kId, "", "id"},
    {Field::kMethod, "", "method"},
    {Field::kParams, "", "params"},
    {Field::kName, "params", "name"},
    {Field::kUri, "params", "uri"},
    {Field::kArguments, "params", "arguments"},
    {Field::kMeta, "params", "_meta"},
    {Field::kResult, "", "result"},
    {Field::kIsError, "result", "isError"},
    {Field::kResultType, "result", "resultType"},
    {Field::kContent, "result", "content"},
    {Field::kStructured, "result", "structuredContent"},
    {Field::kTools, "result", "tools"},
    {Field::kResultMeta, "result", "_meta"},
    {Field::kError, "", "error"},
    {Field::kErrorCode, "error", "code"},
    {Field::kErrorMessage, "error", "message"},
};

inline Kind kind_of(element message) {
  if (!message.is_object()) return Kind::kNotJsonRpc;
  const auto has = [&](std::string_view name) { return last(message, name).times > 0; };
  if (const Member method = last(message, "method"); method.value && method.value->is_string()) {
    return has("id") ? Kind::kRequest : Kind::kNotification;
  }
  const Member error = last(message, "error");
  if (error.value && !(has("result") && error.value->is_null())) {
    return Kind::kError;
  }
  return has("result") ? Kind::kResponse : Kind::kNotJsonRpc;
}

/// Aborts unless `message` says of `line` what its parsed form `document` says.
inline void check_message(const Message& message, element document, std::string_view line) {
  if (message.kind != kind_of(document)) fail("kind", line);
  bool duplicate = false;
  simdjson::dom::parser parser;
  for (const Place& place : kPlaces) {
    Member object{document, 1};
    if (!place.object.empty()) object = last(document, place.object);
    const Member member = object.value ? last(*object.value, place.name) : Member{};
    const Value& value = message[place.field];
    // Twice in the object that counts.
    duplicate |= member.times > 1;
    if (value.present != member.value.has_value()) fail("presence", line);
    if (!value.present) continue;
    element ours;
    if (parser.parse(std::string(value.text)).get(ours) != simdjson::SUCCESS ||
        simdjson::minify(ours) != simdjson::minify(*member.value)) {
      fail("value", line);
    }
    if (value.size != value.text.size() || value.truncated) fail("size", line);
    if (value.elements != elements_of(*member.value)) fail("elements", line);
  }
  // One of them may also lie in an object that was superseded, which simdjson's last
  // member does not show: so this holds in one direction only.
  if (duplicate && !message.duplicate_keys) fail("duplicate", line);
}

}  // namespace oracle

/// Aborts unless the Scanner says of every line of `stream` what simdjson says, as far as
/// that takes the line for JSON.
inline void check_against_simdjson(std::string_view stream) {
  constexpr std::size_t kUnlimited = std::size_t{1} << 30;
  const Limits limits{.id = kUnlimited,
                      .method = kUnlimited,
                      .name = kUnlimited,
                      .uri = kUnlimited,
                      .meta = kUnlimited,
                      .params = kUnlimited,
                      .arguments = kUnlimited,
                      .result = kUnlimited,
                      .content = kUnlimited,
                      .tools = kUnlimited,
                      .error = kUnlimited};
  simdjson::dom::parser parser;
  while (!stream.empty()) {
    const std::string_view line = stream.substr(0, stream.find('\n'));
    stream.remove_prefix(line.size() == stream.size() ? line.size() : line.size() + 1);
    oracle::element document;
    if (parser.parse(std::string(line)).get(document) != simdjson::SUCCESS) continue;
    Scanner scanner(limits);
    const std::string framed = std::string(line) + "\n";
    scanner.feed(framed);
    simdjson::dom::array batch;
    if (document.get_array().get(batch) == simdjson::SUCCESS && batch.size() != 0 &&
        batch.at(0).is_object()) {
      for (const auto element : batch) {
        const Message* message = scanner.next();
        if (message == nullptr || !message->in_batch) oracle::fail("batch", line);
        oracle::check_message(*message, element, line);
      }
    } else {
      const Message* message = scanner.next();
      if (message == nullptr) oracle::fail("missing", line);
      oracle::check_message(*message, document, line);
    }
    if (scanner.next() != nullptr) oracle::fail("one message too many", line);
  }
}

}  // namespace sonde::jsonrpc
