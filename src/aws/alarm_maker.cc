// What each default alarm is (design section 9).
#include <array>
#include <utility>

#include "aws/alarm_maker_internal.h"
#include "aws/describe.h"

namespace sonde::aws {
namespace {

using std::chrono::seconds;

constexpr seconds kMinute{60};
constexpr seconds kFiveMinutes{300};
constexpr seconds kTenMinutes{600};
constexpr seconds kQuarter{900};

/// How one alarm judges; what is left out is that of most of them.
struct Judgement {
  std::vector<alarm::MetricQuery> metrics;
  double threshold = 0;
  std::uint32_t periods = 1;
  std::uint32_t of_them = 1;
  alarm::Comparison comparison = alarm::Comparison::kGreater;
  /// Calls and events come when they come: silence is no news.
  alarm::MissingData missing = alarm::MissingData::kNotBreaching;
};

alarm::MetricQuery expression(std::string id, std::string text, std::string label) {
  return {.id = std::move(id), .source = std::move(text), .label = std::move(label)};
}

class Maker {
 public:
  Maker(const Inputs& inputs, const Wording& wording) : inputs_(inputs), wording_(wording) {}

  DefaultAlarms make() {
    calls({}, inputs_.common.alarms);
    of_servers({}, inputs_.common);
    no_gauges();
    for (const std::string& server : inputs_.common.alarms.servers) {
      const Config& config = inputs_.of(server);
      const Subject subject{.server = server, .tool = {}, .log_group = {}};
      calls(subject, config.alarms);
      of_servers(subject, config);
      gauges(subject, config.alarms);
    }
    for (const std::string& pair : inputs_.common.alarms.tools) tool(pair);
    for (const std::string& group : log_groups(inputs_.common)) metric_lines(group);
    page();
    return std::move(out_);
  }

 private:
  std::vector<alarm::Dimension> dimensions(const Subject& subject) const {
    std::vector<alarm::Dimension> out;
    for (const std::string_view name : dimension_names(subject)) {
      out.push_back({.name = std::string(name),
                     .value = name == "ServerName" ? subject.server
                              : name == "ToolName" ? subject.tool
                                                   : wording_.environment});
    }
    return out;
  }

  /// A statistic that an expression computes with; alone it has no id.
  alarm::MetricQuery stat(std::string id, Metric metric, const Subject& subject, seconds period,
                          std::string name) const {
    const bool alone = id.empty();
    return {.id = std::move(id),
            .source = alarm::MetricStat{.metric_namespace =
                                            inputs_.of(subject.server).emf.metric_namespace,
                                        .metric_name = std::string(info(metric).name),
                                        .dimensions = dimensions(subject),
                                        .period = period,
                                        .stat = std::move(name)},
            .label = {},
            .return_data = alone};
  }

  void add(Kind kind, const Subject& subject, std::string_view crossed, Judgement judgement,
           std::vector<Metric> metrics) {
    DefaultAlarm one{.kind = kind, .subject = subject, .alarm = {}, .metrics = std::move(metrics)};
    one.alarm.name = alarm_name(kind, subject, wording_);
    one.alarm.description = describe(kind, subject, crossed, inputs_.common, wording_);
    one.alarm.metrics = std::move(judgement.metrics);
    one.alarm.comparison = judgement.comparison;
    one.alarm.threshold = judgement.threshold;
    one.alarm.evaluation_periods = judgement.periods;
    one.alarm.datapoints_to_alarm = judgement.of_them;
    one.alarm.missing_data = judgement.missing;
    one.alarm.actions = actions("AlertTopic", inputs_.common.aws.alert_actions);
    out_.alarms.push_back(std::move(one));
  }

  /// The topic by its logical id.
  static alarm::Actions actions(std::string topic, const std::vector<std::string>& others) {
    alarm::Actions out;
    out.alarm.push_back(std::move(topic));
    out.alarm.insert(out.alarm.end(), others.begin(), others.end());
    out.ok = out.alarm;
    return out;
  }

  void off(Kind kind, const Subject& subject, std::string reason) {
    out_.off.push_back({.kind = kind, .server = subject.server, .reason = std::move(reason)});
  }

  /// A rate of few calls is noise, so it counts as 0.
  void error_rate(Kind kind, const Subject& subject, double percent, const AlarmsConfig& config) {
    const std::string least = std::to_string(config.calls_min);
    add(kind, subject,
        "more than " + number_text(percent) + " % of at least " + least + " calls in 5 minutes",
        {.metrics = {stat("errors", Metric::kErrorCount, subject, kFiveMinutes, "Sum"),
                     stat("calls", Metric::kCallCount, subject, kFiveMinutes, "Sum"),
                     expression("rate", "IF(calls>=" + least + ",100*errors/calls,0)",
                                "failed calls, percent")},
         .threshold = percent},
        {Metric::kErrorCount, Metric::kCallCount});
  }

  void latency(Kind kind, const Subject& subject, std::string_view percentile,
               std::chrono::milliseconds limit, std::uint32_t periods, const AlarmsConfig& config) {
    const std::string least = std::to_string(config.calls_min);
    const std::string p(percentile);
    add(kind, subject,
        p + " above " + std::to_string(limit.count()) + " ms for " +
            (periods == 1 ? "" : std::to_string(periods) + " times ") + "5 minutes with at least " +
            least + " calls each",
        {.metrics = {stat("samples", Metric::kToolDuration, subject, kFiveMinutes, "SampleCount"),
                     stat("latency", Metric::kToolDuration, subject, kFiveMinutes, p),
                     expression("guarded", "IF(samples>=" + least + ",latency,0)",
                                p + " of ToolDuration, ms")},
         .threshold = static_cast<double>(limit.count()),
         .periods = periods,
         .of_them = periods},
        {Metric::kToolDuration});
  }

  void result_size(const Subject& subject, const AlarmsConfig& config) {
    const double tokens = config.context_limit_tokens * config.result_share / 100;
    add(Kind::kLargeResult, subject,
        "a result of more than " + number_text(tokens) + " tokens, " +
            number_text(config.result_share) + " % of the context",
        {.metrics = {stat({}, Metric::kResultTokens, subject, kFiveMinutes, "Maximum")},
         .threshold = tokens},
        {Metric::kResultTokens});
  }

  /// What calls tell of an environment or a server.
  void calls(const Subject& subject, const AlarmsConfig& config) {
    error_rate(Kind::kElevatedErrorRate, subject, config.error_rate_warn, config);
    error_rate(Kind::kHighErrorRate, subject, config.error_rate_critical, config);
    error_rate(Kind::kMostCallsFail, subject, config.error_rate_page, config);
    if (config.p50_max.count() > 0) {
      latency(Kind::kHighP50, subject, "p50", config.p50_max, 1, config);
    } else {
      off(Kind::kHighP50, subject, "alarms.p50_max is not set");
    }
    latency(Kind::kHighP95, subject, "p95", config.p95_max, 1, config);
    latency(Kind::kHighP99, subject, "p99", config.p99_max, 2, config);
    call_rate(subject, config);
    result_size(subject, config);
  }

  void call_rate(const Subject& subject, const AlarmsConfig& config) {
    if (config.capacity_cps <= 0) {
      off(Kind::kNearCapacity, subject, "alarms.capacity_cps is not set");
      return;
    }
    const double limit = config.capacity_cps * config.near_limit / 100;
    add(Kind::kNearCapacity, subject,
        "more than " + number_text(limit) + " calls a second, " + number_text(config.near_limit) +
            " % of what can be served, in 3 of 5 minutes",
        {.metrics = {stat("calls", Metric::kCallCount, subject, kMinute, "Sum"),
                     expression("rate", "calls/PERIOD(calls)", "calls a second")},
         .threshold = limit,
         .periods = 5,
         .of_them = 3},
        {Metric::kCallCount});
  }

  void of_servers(const Subject& subject, const Config& config) {
    server_down(subject, config);
    add(Kind::kServerRestarts, subject,
        "more than " + std::to_string(config.alarms.restarts_max) + " restarts in 15 minutes",
        {.metrics = {stat({}, Metric::kServerRestarts, subject, kQuarter, "Sum")},
         .threshold = static_cast<double>(config.alarms.restarts_max)},
        {Metric::kServerRestarts});
    add(Kind::kThrash, subject, "thrash was seen within 5 minutes",
        {.metrics = {stat({}, Metric::kAgentThrash, subject, kFiveMinutes, "Sum")}},
        {Metric::kAgentThrash});
    const double tokens = config.alarms.context_limit_tokens * config.alarms.session_share / 100;
    add(Kind::kSessionContext, subject,
        "more than " + number_text(tokens) + " tokens, " +
            number_text(config.alarms.session_share) + " % of the context",
        {.metrics = {stat({}, Metric::kSessionResultTokens, subject, kFiveMinutes, "Maximum")},
         .threshold = tokens},
        {Metric::kSessionResultTokens});
  }

  /// With a heartbeat, periods without ServerUp are periods without a server: each is long
  /// enough for two beats, and two of three must be bad, because a line may come late.
  /// Without one, ServerUp comes when a server starts or ends, so a single 0 must do.
  void server_down(const Subject& subject, const Config& config) {
    const seconds beat = heartbeat_of(config);
    const bool beats = beat.count() > 0;
    const seconds period =
        beats ? kMinute * ((2 * beat + kMinute - seconds(1)) / kMinute) : kMinute;
    Judgement judgement{.metrics = {stat({}, Metric::kServerUp, subject, period, "Minimum")},
                        .threshold = 1,
                        .comparison = alarm::Comparison::kLess};
    if (beats) {
      judgement.periods = 3;
      judgement.of_them = 2;
      judgement.missing = alarm::MissingData::kBreaching;
    }
    const std::string each = std::to_string(period.count());
    add(Kind::kServerDown, subject,
        beats ? "ServerUp was 0, or nothing was heard, in 2 of 3 times " + each + " seconds"
              : "ServerUp was 0 within " + each + " seconds",
        std::move(judgement), {Metric::kServerUp});
  }

  /// Gauges of several servers do not add up, so there is nothing to watch without one.
  void no_gauges() {
    for (const Kind kind : {Kind::kSessionsNearLimit, Kind::kSessionLeak}) {
      off(kind, {}, "event streams are counted for each server; name servers in alarms.servers");
    }
  }

  void gauges(const Subject& subject, const AlarmsConfig& config) {
    if (config.max_sessions > 0) {
      const double limit = config.max_sessions * config.near_limit / 100;
      add(Kind::kSessionsNearLimit, subject,
          "more than " + number_text(limit) + " streams of one tap, " +
              number_text(config.near_limit) + " % of what there can be, in 2 of 3 minutes",
          {.metrics = {stat({}, Metric::kActiveSseSessions, subject, kMinute, "Maximum")},
           .threshold = limit,
           .periods = 3,
           .of_them = 2},
          {Metric::kActiveSseSessions});
    } else {
      off(Kind::kSessionsNearLimit, subject, "alarms.max_sessions is not set");
    }
    // Both have to rise all the time: by itself each of them rises every morning, and noise
    // rises six times in a row once in 5040 times.  streams/(users+1) would rise with the users
    // of a morning although each of them has as many streams as ever.
    add(Kind::kSessionLeak, subject,
        "event streams, and streams for each user, rose in 6 times 10 minutes",
        {.metrics =
             {stat("streams", Metric::kActiveSseSessions, subject, kTenMinutes, "Average"),
              stat("users", Metric::kActiveUsers, subject, kTenMinutes, "Average"),
              expression(
                  "leak",
                  "IF(DIFF(streams)>0 AND DIFF(IF(users>0,streams/users,streams))>0.001,1,0)",
                  "streams rise and users do not")},
         .periods = 6,
         .of_them = 6},
        {Metric::kActiveSseSessions, Metric::kActiveUsers});
  }

  void tool(const std::string& pair) {
    const std::size_t slash = pair.find('/');
    const Subject subject{
        .server = pair.substr(0, slash), .tool = pair.substr(slash + 1), .log_group = {}};
    const AlarmsConfig& config = inputs_.of(subject.server).alarms;
    error_rate(Kind::kElevatedErrorRate, subject, config.error_rate_warn, config);
    error_rate(Kind::kHighErrorRate, subject, config.error_rate_critical, config);
    latency(Kind::kHighP95, subject, "p95", config.p95_max, 1, config);
    latency(Kind::kHighP99, subject, "p99", config.p99_max, 2, config);
    result_size(subject, config);
  }

  /// CloudWatch drops what it cannot read and keeps quiet, except for these.
  void metric_lines(const std::string& group) {
    constexpr std::array<std::pair<Kind, std::string_view>, 3> kCounters = {
        {{Kind::kEmfParsing, "EMFParsingErrors"},
         {Kind::kEmfValidation, "EMFValidationErrors"},
         {Kind::kEmfDisabled, "EMFDisabledErrors"}}};
    // The alarms of the first group need no name behind theirs.
    const bool first = group == log_groups(inputs_.common).front();
    const Subject subject{.server = {}, .tool = {}, .log_group = first ? "" : group};
    for (const auto& [kind, counter] : kCounters) {
      alarm::MetricStat lost{
          .metric_namespace = "AWS/Logs",
          .metric_name = std::string(counter),
          .dimensions = {{.name = "LogGroupName", .value = wording_.group(group, inputs_.common)}},
          .period = kFiveMinutes,
          .stat = "Sum"};
      add(kind, subject, std::string(counter) + " within 5 minutes",
          {.metrics = {{.id = {}, .source = std::move(lost), .label = {}}}}, {});
    }
  }

  void page() {
    out_.page.name = alarm_name(Kind::kPage, {}, wording_);
    const bool plain = inputs_.common.alarms.page == "plain-and";
    out_.page.description =
        describe(Kind::kPage, {},
                 plain ? "many errors and a high p99 at once"
                       : "many errors and a high p99 at once, or a server down, or most calls fail",
                 inputs_.common, wording_);
    out_.page.rule = page_rule(inputs_, wording_, alarm_name);
    out_.page.actions = actions("PageTopic", inputs_.common.aws.page_actions);
  }

  const Inputs& inputs_;
  const Wording& wording_;
  DefaultAlarms out_;
};

}  // namespace

std::span<const std::string_view> dimension_names(const Subject& subject) {
  static constexpr std::array<std::string_view, 3> kTool = {"ServerName", "ToolName",
                                                            "Environment"};
  static constexpr std::array<std::string_view, 2> kServer = {"ServerName", "Environment"};
  static constexpr std::array<std::string_view, 1> kEnvironment = {"Environment"};
  static constexpr std::array<std::string_view, 1> kLogGroup = {"LogGroupName"};
  if (!subject.tool.empty()) return kTool;
  if (!subject.server.empty()) return kServer;
  if (!subject.log_group.empty()) return kLogGroup;
  return kEnvironment;
}

DefaultAlarms make_alarms(const Inputs& inputs, const Wording& wording) {
  return Maker(inputs, wording).make();
}

std::string page_rule(const Inputs& inputs, const Wording& wording, NameOf name) {
  const bool plain = inputs.common.alarms.page == "plain-and";
  std::string rule;
  const auto add = [&](const Subject& subject) {
    const auto in_alarm = [&](Kind kind) {
      return "ALARM(\"" + name(kind, subject, wording) + "\")";
    };
    if (!rule.empty()) rule += " OR ";
    rule += '(' + in_alarm(Kind::kHighErrorRate) + " AND " + in_alarm(Kind::kHighP99) + ')';
    if (plain) return;
    rule += " OR " + in_alarm(Kind::kServerDown) + " OR " + in_alarm(Kind::kMostCallsFail);
  };
  add({});
  for (const std::string& server : inputs.common.alarms.servers) {
    add({.server = server, .tool = {}, .log_group = {}});
  }
  return rule;
}

}  // namespace sonde::aws
