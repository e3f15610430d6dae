#pragma once

// Sessions that do the same thing often because that is the work.

#include "thrash/labelled_polls_for_test.h"

namespace sonde::thrash::work {

using polls::number;

inline std::string path(int n) { return R"({"path":"src/file)" + number(n) + R"(.cc"})"; }

inline void pagination(Agent& agent) {
  const int pages = agent.dice().from(8, 60);
  for (int page = 0; page < pages; ++page) {
    agent.ok("list_issues", R"({"cursor":")" + number(page * 977) + R"("})",
             "page " + number(page));
    if (agent.dice().chance(0.5)) agent.think();
  }
}

/// Some of the files of a batch cannot be read, as is usual.
inline void batch(Agent& agent) {
  const int files = agent.dice().from(15, 120);
  for (int file = 0; file < files; ++file) {
    if (agent.dice().chance(0.12)) {
      agent.error("read_file", path(file), "no such file: <path>");
    } else {
      agent.ok("read_file", path(file), "text of " + number(file));
    }
    if (agent.dice().chance(0.4)) agent.think();
  }
}

/// Edits by the same server, and tests that fail until they do not.
inline void edit_and_test(Agent& agent) {
  const int rounds = agent.dice().from(4, 14);
  for (int round = 0; round < rounds; ++round) {
    agent.think();
    agent.ok("edit_file", R"({"path":"a.cc","change":)" + number(round) + "}", "edited");
    agent.think();
    // As often as not the test says nothing new.
    const int failing = agent.dice().chance(0.5) ? 3 : rounds - round;
    agent.error("run_tests", "", number(failing) + " tests failed");
  }
  agent.think();
  agent.ok("edit_file", R"({"path":"a.cc","change":"last"})", "edited");
  agent.ok("run_tests", "", "all passed");
}

/// The host edits with tools of its own, which no tap sees: only the tests are seen.
inline void hidden_edits(Agent& agent) {
  const int rounds = agent.dice().from(4, 12);
  for (int round = 0; round < rounds; ++round) {
    agent.sleep(agent.dice().from(8, 50));
    agent.ok("run_tests", "", number(agent.dice().from(1, 3)) + " failed");
  }
}

/// What says nothing new as long as all is well, after every edit.
inline void lint_between(Agent& agent) {
  const int rounds = agent.dice().from(6, 15);
  for (int round = 0; round < rounds; ++round) {
    agent.think();
    agent.ok("edit_file", R"({"path":"b.cc","change":)" + number(round) + "}", "edited");
    agent.ok("lint", "", "0 problems");
  }
}

inline void retry_that_succeeds(Agent& agent) {
  const int tools = agent.dice().from(2, 6);
  for (int tool = 0; tool < tools; ++tool) {
    const int failures = agent.dice().from(1, 4);
    for (int i = 0; i < failures; ++i) {
      agent.error("fetch", path(tool), "connection reset");
      agent.think();
    }
    agent.ok("fetch", path(tool), "page " + number(tool));
    agent.think();
  }
}

/// A call with many arguments, which the agent gets right step by step.
inline void finding_out(Agent& agent) {
  const int faults = agent.dice().from(3, 7);
  for (int i = 0; i < faults; ++i) {
    agent.error("create_chart", R"({"try":)" + number(i) + "}", "missing field " + number(i));
    agent.think();
  }
  agent.ok("create_chart", R"({"try":"last"})", "created");
}

inline void bursts(Agent& agent) {
  const int rounds = agent.dice().from(2, 8);
  for (int round = 0; round < rounds; ++round) {
    std::vector<Agent::Asked> asked;
    const int width = agent.dice().from(3, 15);
    for (int i = 0; i < width; ++i) {
      const int file = round * 20 + i;
      asked.push_back({"read_file", path(file), "text " + number(file)});
    }
    agent.together(asked);
    agent.think();
  }
}

/// Looks around, comes back to what it has seen two or three times.
inline void exploring(Agent& agent) {
  const int steps = agent.dice().from(20, 60);
  for (int step = 0; step < steps; ++step) {
    const int file = agent.dice().from(0, 25);
    switch (agent.dice().from(0, 2)) {
      case 0:
        agent.ok("search", R"({"text":"w)" + number(step) + R"("})", "found " + number(step));
        break;
      case 1:
        agent.ok("read_file", path(file), "text of " + number(file));
        break;
      default:
        agent.ok("list_folder", R"({"path":"d)" + number(file / 6) + R"("})", "list");
    }
    agent.think();
  }
}

/// The same call a few times, and then something else: just not too often.
inline void few_repeats(Agent& agent) {
  const int repeats = agent.dice().from(2, 5);
  for (int i = 0; i < repeats; ++i) {
    agent.ok("read_file", path(1), "text");
    agent.think();
  }
  agent.ok("write_file", path(2), "written");
}

inline void compare_two(Agent& agent) {
  const int rounds = agent.dice().from(2, 3);
  for (int round = 0; round < rounds; ++round) {
    agent.ok("read_file", path(1), "this");
    agent.think();
    agent.ok("read_file", path(2), "that");
    agent.think();
  }
  agent.ok("diff", path(3), "they differ");
}

/// A browser: the same key again and again, looking at the page in between.
inline void browsing(Agent& agent) {
  const int presses = agent.dice().from(8, 20);
  for (int i = 0; i < presses; ++i) {
    agent.ok("press_key", R"({"key":"ArrowDown"})", "ok");
    agent.ok("snapshot", "", "page at line " + number(i));
    agent.think();
  }
}

// What an honest reader of the log might take for thrash, though its author knows better.

inline void blind_browsing(Agent& agent) {
  const int presses = agent.dice().from(7, 9);
  for (int i = 0; i < presses; ++i) {
    agent.ok("press_key", R"({"key":"Tab"})", "ok");
    agent.think();
  }
  agent.ok("snapshot", "", "the form");
}

inline void folder_is_gone(Agent& agent) {
  const int files = agent.dice().from(7, 12);
  for (int file = 0; file < files; ++file) {
    agent.error("read_file", path(file), "no such file: <path>");
    agent.think();
  }
  agent.ok("list_folder", R"({"path":"src"})", "empty");
}

inline void hidden_edits_no_news(Agent& agent) {
  const int rounds = agent.dice().from(6, 9);
  for (int round = 0; round < rounds; ++round) {
    agent.think();
    agent.ok("run_tests", "", "3 failed");
  }
}

inline constexpr Kind kKinds[] = {
    {"work/pagination", false, 10, pagination},
    {"work/batch", false, 15, batch},
    {"work/edit-and-test", false, 15, edit_and_test},
    {"work/hidden-edits", false, 10, hidden_edits},
    {"work/lint-between", false, 8, lint_between},
    {"work/retry-that-succeeds", false, 12, retry_that_succeeds},
    {"work/finding-out", false, 10, finding_out},
    {"work/bursts", false, 10, bursts},
    {"work/exploring", false, 15, exploring},
    {"work/few-repeats", false, 15, few_repeats},
    {"work/compare-two", false, 10, compare_two},
    {"work/browsing", false, 6, browsing},
    {"hard/blind-browsing", false, 2, blind_browsing},
    {"hard/folder-is-gone", false, 2, folder_is_gone},
    {"hard/hidden-edits-no-news", false, 2, hidden_edits_no_news},
};

}  // namespace sonde::thrash::work
