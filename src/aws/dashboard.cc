// The dashboard: the five views of design section 10.
#include <array>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "aws/emitted.h"
#include "aws/saved_queries.h"
#include "aws/template_parts_internal.h"
#include "aws/wording.h"

namespace sonde::aws {
namespace {

using Names = std::vector<std::string_view>;

constexpr int kColumns = 24;
constexpr int kHeight = 6;

/// One line of a graph.
struct Line {
  std::string id;  ///< Empty: shown, and no other line computes with it.
  std::optional<Metric> metric;
  std::string expression;  ///< Instead of a metric.
  std::string label;
  std::string stat;
};

std::string quoted_namespace(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/';
  };
  if (std::ranges::all_of(name, plain)) return std::string(name);
  return '"' + std::string(name) + '"';
}

class Dashboard {
 public:
  explicit Dashboard(const Config& config) : config_(config) {
    json_.begin_object().member("start", "-PT6H").key("widgets").begin_array();
  }

  std::string finish() && {
    json_.end_array().end_object();
    return std::move(body_);
  }

  void text(int height, std::string_view markdown) {
    begin("text", kColumns, height);
    json_.member("markdown", markdown);
    end();
  }

  void alarms(const DefaultAlarms& alarms) {
    begin("alarm", kColumns, 3);
    json_.member("title", "Alarms of ${Environment}").key("alarms").begin_array();
    json_.string("${" + logical_id(Kind::kPage, {}) + ".Arn}");
    for (const DefaultAlarm& one : alarms.alarms) {
      // 100 are shown at most, so those of servers and tools stay in the list of alarms.
      const bool of_environment = one.subject.server.empty();
      if (of_environment) json_.string("${" + logical_id(one.kind, one.subject) + ".Arn}");
    }
    json_.end_array();
    end();
  }

  /// What is known of the environment as a whole.
  void lines(int width, std::string_view title, std::span<const Line> lines) {
    begin_metric(width, title);
    for (const Line& line : lines) append(line);
    end_metric();
  }

  /// One line for each combination of dimensions, by the first of `sets` that the taps emit.
  void each(int width, std::string_view title, std::span<const std::pair<Metric, std::string>> what,
            const std::vector<Names>& sets) {
    begin_metric(width, title);
    int number = 0;
    for (const auto& [metric, stat] : what) {
      json_.begin_array().begin_object();
      json_.member("expression", search(metric, stat, sets));
      json_.member("id", "e" + std::to_string(++number));
      json_.member("label", what.size() == 1 ? "" : std::string(info(metric).name) + ' ' + stat);
      json_.end_object().end_array();
    }
    end_metric();
  }

  void query(int width, std::string_view title, std::string_view query) {
    begin("log", width, kHeight);
    json_.member("region", "${AWS::Region}").member("title", title).member("view", "table");
    json_.member("query", "SOURCE '" +
                              template_wording().group(log_groups(config_).front(), config_) +
                              "' | " + std::string(query));
    end();
  }

 private:
  void begin(std::string_view type, int width, int height) {
    if (x_ + width > kColumns) {
      x_ = 0;
      y_ += row_height_;
      row_height_ = 0;
    }
    json_.begin_object().member("type", type).key("x").number(x_).key("y").number(y_);
    json_.key("width").number(width).key("height").number(height);
    json_.key("properties").begin_object();
    x_ += width;
    row_height_ = std::max(row_height_, height);
  }

  void end() { json_.end_object().end_object(); }

  void begin_metric(int width, std::string_view title) {
    begin("metric", width, kHeight);
    json_.member("title", title).member("region", "${AWS::Region}").member("view", "timeSeries");
    json_.key("period").number(60).key("metrics").begin_array();
  }

  void end_metric() {
    json_.end_array();
    end();
  }

  void append(const Line& line) {
    json_.begin_array();
    if (line.metric) {
      json_.string(config_.emf.metric_namespace);
      json_.string(info(*line.metric).name).string("Environment").string("${Environment}");
    }
    json_.begin_object();
    if (!line.metric) json_.member("expression", line.expression);
    if (!line.id.empty()) json_.member("id", line.id);
    if (!line.label.empty()) json_.member("label", line.label);
    if (!line.stat.empty()) json_.member("stat", line.stat);
    if (line.metric && !line.id.empty()) json_.key("visible").boolean(false);
    json_.end_object().end_array();
  }

  std::string search(Metric metric, std::string_view stat, const std::vector<Names>& sets) const {
    Names set = {"Environment"};  // That of the alarms, so it is there.
    for (const Names& one : sets) {
      if (!emits(config_, metric, one)) continue;
      set = one;
      break;
    }
    std::string schema = quoted_namespace(config_.emf.metric_namespace);
    for (const std::string_view name : set) schema += ',' + std::string(name);
    return "SEARCH('{" + schema + "} MetricName=\"" + std::string(info(metric).name) +
           "\" Environment=\"${Environment}\"', '" + std::string(stat) + "', 60)";
  }

  const Config& config_;
  std::string body_;
  JsonWriter json_{body_};
  int x_ = 0;
  int y_ = 0;
  int row_height_ = 0;
};

const std::vector<Names>& by_server() {
  static const std::vector<Names> sets = {{"ServerName", "Environment"},
                                          {"ServerName", "ToolName", "Environment"}};
  return sets;
}

const std::vector<Names>& by_tool() {
  static const std::vector<Names> sets = {{"ServerName", "ToolName", "Environment"},
                                          {"ToolName", "Environment"},
                                          {"ServerName", "Environment"}};
  return sets;
}

std::string_view saved(std::string_view id) {
  return std::ranges::find(kSavedQueries, id, &SavedQuery::id)->text;
}

Line hidden(std::string id, Metric metric, std::string stat) {
  return {.id = std::move(id),
          .metric = metric,
          .expression = {},
          .label = {},
          .stat = std::move(stat)};
}

Line shown(Metric metric, std::string stat, std::string label) {
  return {.id = {},
          .metric = metric,
          .expression = {},
          .label = std::move(label),
          .stat = std::move(stat)};
}

Line computed(std::string id, std::string expression, std::string label) {
  return {.id = std::move(id),
          .metric = {},
          .expression = std::move(expression),
          .label = std::move(label),
          .stat = {}};
}

using What = std::array<std::pair<Metric, std::string>, 1>;

void health(Dashboard& board) {
  board.text(1, "## 1. Servers: health and rate");
  board.each(8, "Up, by server", What{{{Metric::kServerUp, "Minimum"}}}, by_server());
  board.each(8, "Calls a minute, by server", What{{{Metric::kCallCount, "Sum"}}}, by_server());
  const std::array rate = {hidden("errors", Metric::kErrorCount, "Sum"),
                           hidden("calls", Metric::kCallCount, "Sum"),
                           computed("rate", "100*errors/calls", "failed, percent")};
  board.lines(8, "Failed calls, percent", rate);
  const std::array trouble = {std::pair{Metric::kServerRestarts, std::string("Sum")},
                              std::pair{Metric::kConnectionFailures, std::string("Sum")}};
  board.each(12, "Restarts and failed connections, by server", trouble, by_server());
  board.each(12, "Answer to a pulse, ms, by server", What{{{Metric::kPulseDuration, "p95"}}},
             by_server());
}

void errors(Dashboard& board) {
  board.text(1, "## 2. Tools with the most errors");
  board.each(12, "Failed calls, by server and tool", What{{{Metric::kErrorCount, "Sum"}}},
             by_tool());
  board.query(12, "Failing tools", saved("FailingTools"));
}

void latency(Dashboard& board) {
  board.text(1, "## 3. Latency by server and tool");
  for (const std::string_view percentile : {"p50", "p95", "p99"}) {
    board.each(8, std::string(percentile) + ", ms",
               What{{{Metric::kToolDuration, std::string(percentile)}}}, by_tool());
  }
}

void sessions(Dashboard& board) {
  board.text(1, "## 4. Shape of sessions");
  board.query(12, "Tools in a session", saved("Sessions"));
  const std::array turns = {shown(Metric::kIterationsPerTurn, "p50", "p50"),
                            shown(Metric::kIterationsPerTurn, "p95", "p95"),
                            shown(Metric::kIterationsPerTurn, "Maximum", "most")};
  board.lines(6, "Iterations in a turn", turns);
  const std::array denied = {hidden("denied", Metric::kToolDenied, "Sum"),
                             hidden("calls", Metric::kCallCount, "Sum"),
                             computed("rate", "100*denied/calls", "denied, percent")};
  board.lines(6, "Denied calls, percent", denied);
  const std::array streams = {std::pair{Metric::kActiveSseSessions, std::string("Maximum")},
                              std::pair{Metric::kActiveUsers, std::string("Maximum")}};
  board.each(8, "Event streams and users, by server", streams, by_server());
  const std::array mcp = {std::pair{Metric::kMcpSessions, std::string("Maximum")},
                          std::pair{Metric::kIdleMcpSessions, std::string("Maximum")}};
  board.each(8, "MCP sessions, and idle ones, by server", mcp, by_server());
  board.each(8, "Agents in circles, by server", What{{{Metric::kAgentThrash, "Sum"}}}, by_server());
}

void cost(Dashboard& board, const Config& config) {
  board.text(
      2,
      "## 5. Cost\nTokens are estimates from the size of results: what MCP adds to a model's "
      "input. What the model itself costs is in the spans of agents, not in these metrics.");
  std::vector<Line> tokens = {hidden("tokens", Metric::kResultTokens, "Sum"),
                              hidden("calls", Metric::kCallCount, "Sum"),
                              computed("each", "tokens/calls", "tokens for each call")};
  if (config.aws.token_price > 0) {
    tokens.push_back(computed("dollars",
                              "tokens/calls*" + number_text(config.aws.token_price) + "/1000000",
                              "dollars for each call"));
  }
  board.lines(8, "MCP cost of a call", tokens);
  const std::array context = {shown(Metric::kResultTokens, "Maximum", "largest result"),
                              shown(Metric::kSessionResultTokens, "Maximum", "largest session")};
  board.lines(8,
              "Tokens against the context of " + std::to_string(config.alarms.context_limit_tokens),
              context);
  const std::array sizes = {shown(Metric::kResultSize, "p50", "bytes, p50"),
                            shown(Metric::kResultSize, "p99", "bytes, p99"),
                            shown(Metric::kEmptyResults, "Sum", "empty results")};
  board.lines(8, "Size of results", sizes);
  board.query(kColumns, "Tokens by tool", saved("Tokens"));
}

}  // namespace

Resources dashboard_resources(const Inputs& inputs, const DefaultAlarms& alarms) {
  const Config& config = inputs.common;
  Dashboard board(config);
  board.text(1, "# MCP in ${Environment}");
  board.alarms(alarms);
  health(board);
  errors(board);
  latency(board);
  sessions(board);
  cost(board, config);

  std::string text;
  JsonWriter json(text);
  json.begin_object().member("Type", "AWS::CloudWatch::Dashboard").key("Properties");
  json.begin_object();
  append_text(json.key("DashboardName"), dashboard_name(template_wording()));
  append_text(json.key("DashboardBody"), std::move(board).finish());
  json.end_object().end_object();
  return {{.id = "Dashboard", .json = std::move(text)}};
}

}  // namespace sonde::aws
