#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sonde::bench {

/// Where the id of a call or result stands: seven digits, whatever the id.
inline constexpr std::size_t kIdDigits = 7;

/// A `tools/call` of exactly `bytes` bytes, its id at the end; id_of() finds it there, whatever
/// was spliced in before it and however it was padded behind.
std::string make_call(std::size_t bytes);
void set_call_id(std::string& call, unsigned id);
std::string_view id_of_call(std::string_view body);
/// Whether `body` is `call` but for its id and for what a proxy may splice in behind `arguments`.
bool is_call(std::string_view body, std::string_view call);

/// The result of such a call in two pieces, so that many connections share the large one.
struct Result {
  std::string begin;  ///< With the id at kResultIdAt.
  std::string rest;
};
Result make_result(std::size_t bytes);
extern const std::size_t kResultIdAt;

/// The end of every event of a stream: when it was sent, in nanoseconds of the monotonic clock.
inline constexpr std::string_view kSentMark = R"("sent":")";
inline constexpr std::size_t kSentDigits = 19;
std::string make_event(std::size_t bytes);
void set_sent(std::string& event, long long nanoseconds);

long long now_ns();
std::string padded(unsigned long long value, std::size_t digits);

[[noreturn]] void die(const char* what);

}  // namespace sonde::bench
