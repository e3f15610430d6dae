#include "recorder/control_request.h"

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;

std::string refusal(std::string_view line) {
  const auto request = parse_control_request(line);
  return request ? "accepted" : request.error().message();
}

TEST_CASE("a request says what it wants", "[recorder][control]") {
  const auto [line, request] = GENERATE(table<std::string, ControlRequest>({
      {R"({"command":"stats"})", StatsRequest{}},
      {R"({"command":"capture","on":true})", CaptureRequest{.on = true}},
      {R"({"command":"capture","on":false})", CaptureRequest{.on = false}},
      {R"({ "on" : true, "for_s" : 60, "command" : "capture", "errors_only" : true })",
       CaptureRequest{.on = true, .duration = 60s, .errors_only = true}},
      {R"({"\u0063ommand":"capture","on":true,"for_s":86400})",
       CaptureRequest{.on = true, .duration = 24h}},
  }));
  INFO(line);
  const auto parsed = parse_control_request(line);
  REQUIRE(parsed);
  CHECK(*parsed == request);
}

TEST_CASE("a capture without a duration ends after a quarter of an hour", "[recorder][control]") {
  const auto request = parse_control_request(R"({"command":"capture","on":true})");
  CHECK(std::get<CaptureRequest>(*request).duration == 15min);
}

TEST_CASE("what is not understood is refused, with the nearest that would be",
          "[recorder][control]") {
  CHECK(refusal(R"({"command":"captur","on":true})") ==
        R"(unknown command "captur"; did you mean "capture"?)");
  CHECK(refusal(R"({"command":"stop"})") == R"(unknown command "stop")");
  CHECK(refusal(R"({"command":"capture","on":true,"error_only":true})") ==
        R"(unknown key "error_only"; did you mean "errors_only"?)");
  CHECK(refusal(R"({"command":"stats","on":true})") == R"(unknown key "on")");
}

TEST_CASE("a value out of bounds is refused", "[recorder][control]") {
  const std::string value =
      GENERATE("0", "-1", "86401", "1.5", "\"60\"", "null", "99999999999999999999");
  INFO(value);
  CHECK(refusal(R"({"command":"capture","on":true,"for_s":)" + value + "}") ==
        "\"for_s\" must be a whole number from 1 to 86400");
}

TEST_CASE("a switch is neither guessed nor read from a text", "[recorder][control]") {
  CHECK(refusal(R"({"command":"capture"})") == "\"on\" is missing: true or false");
  CHECK(refusal(R"({"command":"capture","on":"true"})") == "\"on\" must be true or false");
  CHECK(refusal(R"({"command":"capture","on":1})") == "\"on\" must be true or false");
  CHECK(refusal(R"({"command":"capture","on":true,"errors_only":0})") ==
        "\"errors_only\" must be true or false");
}

TEST_CASE("what is no JSON object is refused", "[recorder][control]") {
  const std::string line =
      GENERATE("", "stats", "[]", "{", R"({"command":"stats"} x)", R"({"command":"stats",})");
  INFO(line);
  CHECK(refusal(line) == "not a JSON object on one line");
}

TEST_CASE("a command that is no text is refused", "[recorder][control]") {
  const std::string line = GENERATE("{}", R"({"command":1})", R"({"on":true})");
  CHECK(refusal(line) == R"("command" is missing: "capture" or "stats")");
}

TEST_CASE("an unknown name is shown in part only", "[recorder][control]") {
  const std::string message = refusal(R"({"command":")" + std::string(4000, 'x') + R"("})");
  CHECK(message.size() < 100);
}

}  // namespace
}  // namespace sonde::recorder
