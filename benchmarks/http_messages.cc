#include "benchmarks/http_messages.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace sonde::bench {
namespace {

constexpr std::string_view kCallBegin =
    R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"search","arguments":{"query":")";
constexpr std::string_view kCallEnd = R"("}},"id":1000000})";
/// Behind `arguments`; a splice goes in front of it.
constexpr std::string_view kAfterArguments = R"(},"id":1000000})";
constexpr std::string_view kResultBegin = R"({"jsonrpc":"2.0","id":1000000,)";
constexpr std::string_view kResultText = R"("result":{"content":[{"type":"text","text":")";
constexpr std::string_view kResultEnd = R"("}]}})";
constexpr std::string_view kEventBegin =
    R"(data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1,"message":")";
constexpr std::string_view kEventEnd = "\"}}\n\n";

// What tools return: words, and now and then a line end or a quotation mark, escaped.
std::string text_of(std::size_t bytes) {
  constexpr std::string_view kSample =
      R"(The quick brown fox jumps over the lazy dog, again and again.\nHe said \"enough\", )";
  std::string text;
  while (text.size() + kSample.size() <= bytes) text += kSample;
  text.append(bytes - text.size(), 'x');
  return text;
}

std::string filled(std::string_view begin, std::string_view end, std::size_t bytes) {
  const std::size_t frame = begin.size() + end.size();
  return std::string(begin) + text_of(std::max(bytes, frame) - frame) + std::string(end);
}

}  // namespace

const std::size_t kResultIdAt = kResultBegin.size() - 1 - kIdDigits;

std::string padded(unsigned long long value, std::size_t digits) {
  std::string text = std::to_string(value);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

std::string make_call(std::size_t bytes) { return filled(kCallBegin, kCallEnd, bytes); }

void set_call_id(std::string& call, unsigned id) {
  call.replace(call.size() - 1 - kIdDigits, kIdDigits, std::to_string(1'000'000 + id % 9'000'000));
}

std::string_view id_of_call(std::string_view body) {
  while (!body.empty() && body.back() != '}') body.remove_suffix(1);
  if (body.size() < kIdDigits + 1) return "0000000";
  return body.substr(body.size() - 1 - kIdDigits, kIdDigits);
}

bool is_call(std::string_view body, std::string_view call) {
  const std::string_view same = call.substr(0, call.size() - kAfterArguments.size());
  while (body.ends_with(' ')) body.remove_suffix(1);
  constexpr std::size_t kIdEnd = kIdDigits + 1;
  const std::size_t tail = kAfterArguments.size() - kIdEnd;  // Up to the id.
  return body.starts_with(same) && body.size() >= call.size() &&
         body.substr(body.size() - kAfterArguments.size(), tail) == kAfterArguments.substr(0, tail);
}

Result make_result(std::size_t bytes) {
  const std::size_t rest = std::max(bytes, kResultBegin.size()) - kResultBegin.size();
  return {std::string(kResultBegin), filled(kResultText, kResultEnd, rest)};
}

std::string make_event(std::size_t bytes) {
  const std::string sent =
      "\"," + std::string(kSentMark) + std::string(kSentDigits, '0') + std::string(kEventEnd);
  return filled(kEventBegin, sent, bytes);
}

void set_sent(std::string& event, long long nanoseconds) {
  event.replace(event.size() - kEventEnd.size() - kSentDigits, kSentDigits,
                padded(static_cast<unsigned long long>(nanoseconds), kSentDigits));
}

long long now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void die(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

}  // namespace sonde::bench
