#pragma once

// Sessions that go in circles.

#include "thrash/labelled_work_for_test.h"

namespace sonde::thrash::circles {

using polls::number;
using work::path;

inline void same_call(Agent& agent) {
  const int calls = agent.dice().from(6, 25);
  for (int i = 0; i < calls; ++i) {
    agent.ok("read_file", path(1), "the same text");
    agent.think();
  }
}

inline void after_work(Agent& agent) {
  work::exploring(agent);
  same_call(agent);
}

inline void slow_model(Agent& agent) {
  agent.set_slow();
  same_call(agent);
}

/// "Let me think about it" is a tool, too, and says something new each time.
inline void thinking_aloud(Agent& agent) {
  const int calls = agent.dice().from(8, 24);
  for (int i = 0; i < calls; ++i) {
    agent.ok("sequentialthinking", R"({"thought":)" + number(i) + "}", "noted " + number(i));
    agent.think();
    agent.ok("read_file", path(1), "the same text");
    agent.think();
  }
}

inline void in_turn(Agent& agent, int period) {
  const int rounds = agent.dice().from(5, 14);
  for (int round = 0; round < rounds; ++round) {
    for (int call = 0; call < period; ++call) {
      agent.ok(call % 2 == 0 ? "read_file" : "list_folder", path(call), "text " + number(call));
      agent.think();
    }
  }
}
inline void two_in_turn(Agent& agent) { in_turn(agent, 2); }
inline void three_in_turn(Agent& agent) { in_turn(agent, 3); }
inline void four_in_turn(Agent& agent) { in_turn(agent, 4); }

/// Sets a value one way and the other; what it reads changes each time, and never more.
inline void back_and_forth(Agent& agent) {
  const int rounds = agent.dice().from(4, 10);
  for (int round = 0; round < rounds; ++round) {
    agent.ok("set_color", R"({"to":"red"})", "ok");
    agent.think();
    agent.ok("get_color", "", "red");
    agent.think();
    agent.ok("set_color", R"({"to":"blue"})", "ok");
    agent.think();
    agent.ok("get_color", "", "blue");
    agent.think();
  }
}

inline void edit_fails_read_again(Agent& agent) {
  const int rounds = agent.dice().from(5, 15);
  for (int round = 0; round < rounds; ++round) {
    agent.error("edit_file", R"({"old":"x )" + number(round) + R"("})",
                "text to replace: not found");
    agent.think();
    agent.ok("read_file", path(1), "the same text");
    agent.think();
  }
}

inline void same_failure(Agent& agent) {
  const int calls = agent.dice().from(6, 20);
  for (int i = 0; i < calls; ++i) {
    agent.error("query", R"({"sql":"select"})", "syntax error near <text>");
    agent.think();
  }
}

inline void guessing(Agent& agent) {
  const int calls = agent.dice().from(6, 18);
  for (int i = 0; i < calls; ++i) {
    agent.error("read_file", path(1000 + i), "no such file: <path>");
    agent.think();
  }
}

/// Two mistakes, by turns.
inline void two_failures(Agent& agent) {
  const int calls = agent.dice().from(10, 20);
  for (int i = 0; i < calls; ++i) {
    agent.error("create_ticket", R"({"try":)" + number(i) + "}",
                i % 2 == 0 ? "field <text> is missing" : "field <text> is not allowed");
    agent.think();
  }
}

inline void timeouts(Agent& agent) {
  const int calls = agent.dice().from(6, 12);
  for (int i = 0; i < calls; ++i) {
    agent.timeout("report", R"({"year":2025})", 60);
    agent.think();
  }
}

inline void denied(Agent& agent) {
  const int calls = agent.dice().from(6, 15);
  for (int i = 0; i < calls; ++i) {
    agent.denied("drop_table", R"({"name":"t)" + number(i) + R"("})");
    agent.think();
  }
}

/// Polls as fast as it can think, and nothing changes.
inline void impatient_poll(Agent& agent) {
  const int calls = agent.dice().from(8, 40);
  for (int i = 0; i < calls; ++i) {
    agent.ok("get_pipeline", R"({"id":4711})", R"({"status":"running"})");
    agent.think();
  }
}

/// Polls for an hour what died long ago.
inline void endless_poll(Agent& agent) {
  const int calls = agent.dice().from(25, 60);
  const double interval = agent.dice().from(20, 90);
  for (int i = 0; i < calls; ++i) {
    agent.ok("get_job", R"({"id":"lost"})", R"({"state":"running"})");
    agent.sleep(interval);
  }
}

/// A program, not a model: as fast as the server answers.
inline void tight_loop(Agent& agent) {
  const int calls = agent.dice().from(20, 300);
  for (int i = 0; i < calls; ++i) {
    agent.ok("get_job", R"({"id":"lost"})", R"({"state":"running"})");
    agent.pause(0.01);
  }
}

// What only its author knows to be thrash.

/// The answer carries the time of day, so it is another one each time.
inline void with_a_clock(Agent& agent) {
  const int calls = agent.dice().from(8, 20);
  for (int i = 0; i < calls; ++i) {
    agent.ok("status", "", "running, at 12:00:" + number(i));
    agent.think();
  }
}

inline constexpr Kind kKinds[] = {
    {"thrash/same-call", true, 20, same_call},
    {"thrash/after-work", true, 10, after_work},
    {"thrash/slow-model", true, 8, slow_model},
    {"thrash/thinking-aloud", true, 4, thinking_aloud},
    {"thrash/two-in-turn", true, 12, two_in_turn},
    {"thrash/three-in-turn", true, 10, three_in_turn},
    {"thrash/four-in-turn", true, 10, four_in_turn},
    {"thrash/back-and-forth", true, 8, back_and_forth},
    {"thrash/edit-fails-read-again", true, 10, edit_fails_read_again},
    {"thrash/same-failure", true, 12, same_failure},
    {"thrash/guessing", true, 12, guessing},
    {"thrash/two-failures", true, 6, two_failures},
    {"thrash/timeouts", true, 6, timeouts},
    {"thrash/denied", true, 6, denied},
    {"thrash/impatient-poll", true, 12, impatient_poll},
    {"thrash/endless-poll", true, 8, endless_poll},
    {"thrash/tight-loop", true, 6, tight_loop},
    {"hard/with-a-clock", true, 3, with_a_clock},
};

}  // namespace sonde::thrash::circles
