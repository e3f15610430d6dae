#include "trace_context/trace_parent.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::trace_context {
namespace {

constexpr std::string_view kSample = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string again(std::string_view text) {
  const auto parent = parse_traceparent(text);
  std::string out;
  if (parent) append_traceparent(out, *parent);
  return out;
}

std::string with(std::size_t at, char c) {
  std::string text(kSample);
  text[at] = c;
  return text;
}

TEST_CASE("a traceparent is written as it was read", "[trace_context][traceparent]") {
  CHECK(again(kSample) == kSample);
  CHECK(again("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00") ==
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
}

TEST_CASE("the sampled flag is the lowest bit", "[trace_context][traceparent]") {
  CHECK(parse_traceparent(kSample)->sampled());
  CHECK(parse_traceparent(with(54, '3'))->sampled());
  CHECK_FALSE(parse_traceparent(with(54, '2'))->sampled());
}

TEST_CASE("what the recommendation forbids is refused", "[trace_context][traceparent]") {
  const std::string text = GENERATE(
      std::string(), std::string("00"), std::string(kSample) + "0", std::string(kSample) + "-00",
      std::string(kSample.substr(0, 54)), with(2, '_'), with(35, '0'), with(52, '0'), with(3, 'G'),
      with(4, 'A'), with(40, 'F'), with(54, ' '), with(0, 'f').replace(1, 1, "f"),
      std::string("00-00000000000000000000000000000000-b7ad6b7169203331-01"),
      std::string("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"));
  INFO(text);

  CHECK_FALSE(parse_traceparent(text));
}

TEST_CASE("of a version to come the first 55 characters count", "[trace_context][traceparent]") {
  CHECK(again(with(1, '1')) == kSample);
  CHECK(again(with(1, '1') + "-what-the-future-may-bring") == kSample);
  CHECK(again(with(1, '1') + "x").empty());
}

TEST_CASE("each single wrong character is refused", "[trace_context][traceparent]") {
  const std::size_t at = GENERATE(range(std::size_t{0}, kSample.size()));

  CHECK_FALSE(parse_traceparent(with(at, 'Z')));
}

}  // namespace
}  // namespace sonde::trace_context
