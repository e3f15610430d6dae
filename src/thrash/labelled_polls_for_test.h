#pragma once

// Sessions that poll, and have every reason to.

#include "thrash/agent_for_test.h"

namespace sonde::thrash {

/// Writes a session of one kind.
struct Kind {
  std::string_view name;
  bool thrash = false;
  int sessions = 0;
  void (*write)(Agent& agent);
};

namespace polls {

inline std::string number(int n) { return std::to_string(n); }

/// A long job that says how far it is.
inline void percent(Agent& agent) {
  agent.ok("start_export", R"({"table":"orders"})", R"({"job":"j-77"})");
  int done = 0;
  while (done < 100) {
    agent.sleep(agent.dice().from(3, 20));
    done = std::min(100, done + agent.dice().from(2, 11));
    agent.ok("export_status", R"({"job":"j-77"})", R"({"percent":)" + number(done) + "}");
  }
  agent.think();
  agent.ok("download_export", R"({"job":"j-77"})", "https://files.example/77");
}

/// A pipeline that is only "queued", "running", "passed", for minutes each.
inline void words(Agent& agent) {
  Dice& dice = agent.dice();
  agent.ok("trigger_pipeline", R"({"ref":"main"})", R"({"id":4711})");
  const double interval = dice.from(15, 60);
  const auto look = [&](std::string_view state, int polls) {
    for (int i = 0; i < polls; ++i) {
      agent.sleep(interval);
      agent.ok("get_pipeline", R"({"id":4711})", state);
    }
  };
  look(R"({"status":"queued"})", dice.from(1, 5));
  look(R"({"status":"running"})", dice.from(3, 14));
  look(R"({"status":"passed"})", 1);
}

/// The end of a log that grows, read as fast as the model can.
inline void log_tail(Agent& agent) {
  std::string log;
  const int polls = agent.dice().from(8, 40);
  for (int i = 0; i < polls; ++i) {
    for (int line = agent.dice().from(1, 6); line > 0; --line) log += "compiled unit\n";
    agent.ok("read_log", R"({"lines":200})", log + number(i));
    agent.think();
  }
}

/// A server that waits for us and tells of progress meanwhile: asked again at once.
inline void long_wait(Agent& agent) {
  const int polls = agent.dice().from(6, 25);
  for (int i = 0; i < polls; ++i) {
    agent.ok("wait_for_job", R"({"job":"j-1","seconds":30})", R"({"state":"running"})");
    agent.with_progress(static_cast<std::uint32_t>(agent.dice().from(2, 30)));
    agent.pause(28);
    agent.think();
  }
  agent.ok("wait_for_job", R"({"job":"j-1","seconds":30})", R"({"state":"done"})");
}

/// A task of the protocol itself, asked for at the interval that the server has named.
inline void protocol_task(Agent& agent) {
  agent.ok("render_video", R"({"clip":9})", R"({"task":"t-9"})");
  const int polls = agent.dice().from(10, 80);
  const double interval = agent.dice().from(1, 5);
  for (int i = 0; i < polls; ++i) {
    agent.pause(interval);
    agent.ok("", "", R"({"status":"working"})");
    agent.with_method("tasks/get");
  }
}

/// Somebody waits for mail; there is none for a while.
inline void inbox(Agent& agent) {
  const int empty = agent.dice().from(3, 16);
  for (int i = 0; i < empty; ++i) {
    agent.ok("list_messages", R"({"unread":true})", "[]");
    agent.sleep(agent.dice().from(30, 120));
  }
  agent.ok("list_messages", R"({"unread":true})", R"([{"from":"ann"}])");
  agent.think();
  agent.ok("read_message", R"({"id":1})", "hello");
}

/// Several jobs at once, all looked at after each pause.
inline void several_jobs(Agent& agent) {
  Dice& dice = agent.dice();
  const int jobs = dice.from(2, 4);
  const int rounds = dice.from(4, 10);
  const int done_after = dice.from(1, rounds - 1);
  for (int round = 0; round < rounds; ++round) {
    std::vector<Agent::Asked> asked;
    for (int job = 0; job < jobs; ++job) {
      const bool done = round >= done_after + job;
      asked.push_back({"job_status", R"({"job":)" + number(job) + "}", done ? "done" : "running"});
    }
    agent.together(asked);
    agent.sleep(dice.from(20, 60));
  }
}

/// A deployment that answers with an error until it is up.
inline void health_check(Agent& agent) {
  agent.ok("deploy", R"({"version":"1.4"})", "started");
  const int down = agent.dice().from(2, 10);
  for (int i = 0; i < down; ++i) {
    agent.sleep(agent.dice().from(12, 30));
    agent.error("http_get", R"({"url":"/healthz"})", "503 Service Unavailable");
  }
  agent.sleep(15);
  agent.ok("http_get", R"({"url":"/healthz"})", "ok");
}

/// A price, a clock, a queue's length: something else each time.
inline void ticker(Agent& agent) {
  const int polls = agent.dice().from(10, 60);
  for (int i = 0; i < polls; ++i) {
    agent.ok("queue_length", "", number(agent.dice().from(0, 1000) * 100 + i));
    agent.pause(agent.dice().from(1, 5));
  }
}

/// Waits that double.
inline void back_off(Agent& agent) {
  const int polls = agent.dice().from(4, 8);
  double wait = 2;
  for (int i = 0; i < polls; ++i) {
    agent.ok("get_certificate", R"({"name":"www"})", R"({"state":"pending"})");
    agent.sleep(wait);
    wait *= 2;
  }
  agent.ok("get_certificate", R"({"name":"www"})", R"({"state":"issued"})");
}

inline constexpr Kind kKinds[] = {
    {"poll/percent", false, 10, percent},
    {"poll/words", false, 10, words},
    {"poll/log-tail", false, 10, log_tail},
    {"poll/long-wait", false, 10, long_wait},
    {"poll/protocol-task", false, 10, protocol_task},
    {"poll/inbox", false, 10, inbox},
    {"poll/several-jobs", false, 10, several_jobs},
    {"poll/health-check", false, 10, health_check},
    {"poll/ticker", false, 10, ticker},
    {"poll/back-off", false, 10, back_off},
};

}  // namespace polls
}  // namespace sonde::thrash
