#include "alarm/suppression.h"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

#include "alarm/vectors_for_test.h"
#include "alarm/words.h"

namespace sonde::alarm {
namespace {

using std::chrono::minutes;

using Actions = std::vector<std::pair<std::int64_t, State>>;

/// What runs within 15 minutes, by minute; wait 2, extension 3.
Actions play(std::string_view events) {
  Suppression suppression({.wait = minutes(2), .extension = minutes(3)});
  Actions actions;
  for (std::int64_t minute = 0; minute < 15; ++minute) {
    if (const auto state = suppression.advance(minutes(minute)))
      actions.emplace_back(minute, *state);
    for (const std::string_view event : elements(events)) {
      if (integer_member(event, "minute") != minute) continue;
      const State state = parse_state(text_member(event, "state")).value();
      if (text_member(event, "alarm") == "composite") {
        suppression.composite_changed(state, minutes(minute));
      } else {
        suppression.suppressor_changed(state, minutes(minute));
      }
    }
  }
  return actions;
}

TEST_CASE("every time line of the guide holds", "[alarm][suppression]") {
  const std::string text = test_data("aws/composite_suppression.json");
  const auto timelines = elements(member(text, "timelines"));
  REQUIRE(timelines.size() == 6);
  for (const std::string_view timeline : timelines) {
    Actions expected;
    for (const std::string_view action : elements(member(timeline, "actions"))) {
      expected.emplace_back(integer_member(action, "minute"),
                            parse_state(text_member(action, "state")).value());
    }
    CAPTURE(timeline);
    CHECK(play(member(timeline, "events")) == expected);
  }
}

TEST_CASE("what holds an action back has CloudWatch's name", "[alarm][suppression]") {
  Suppression suppression({.wait = minutes(2), .extension = minutes(3)});
  CHECK(to_string(suppression.suppressed_by()).empty());
  CHECK_FALSE(suppression.next());

  suppression.composite_changed(State::kAlarm, minutes(0));
  CHECK(to_string(suppression.suppressed_by()) == "WaitPeriod");
  CHECK(suppression.next() == minutes(2));

  suppression.suppressor_changed(State::kAlarm, minutes(1));
  CHECK(to_string(suppression.suppressed_by()) == "Alarm");
  CHECK_FALSE(suppression.next());

  suppression.suppressor_changed(State::kOk, minutes(4));
  CHECK(to_string(suppression.suppressed_by()) == "ExtensionPeriod");
  CHECK_FALSE(suppression.advance(minutes(6)));
  CHECK(suppression.advance(minutes(7)) == State::kAlarm);
  CHECK(to_string(suppression.suppressed_by()).empty());
  CHECK_FALSE(suppression.advance(minutes(8)));
}

TEST_CASE("a suppressor that leaves and returns to ALARM goes on suppressing",
          "[alarm][suppression]") {
  Suppression suppression({.wait = minutes(2), .extension = minutes(3)});
  suppression.suppressor_changed(State::kAlarm, minutes(0));
  suppression.composite_changed(State::kAlarm, minutes(1));
  suppression.suppressor_changed(State::kOk, minutes(2));
  suppression.suppressor_changed(State::kAlarm, minutes(4));

  CHECK_FALSE(suppression.advance(minutes(60)));
}

}  // namespace
}  // namespace sonde::alarm
