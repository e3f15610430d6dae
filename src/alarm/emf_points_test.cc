#include "alarm/emf_points.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>
#include <vector>

namespace sonde::alarm {
namespace {

using Catch::Matchers::ContainsSubstring;

struct Read {
  EmfReading reading;
  std::vector<std::string> points;  ///< "Namespace/Name{a=b,c=d} 1 2 3"
};

Read read(std::string_view line) {
  Read result;
  result.reading = read_emf(line, [&](const EmfPoints& points) {
    std::string text = points.metric.metric_namespace + "/" + points.metric.name + "{";
    for (const Dimension& one : points.metric.dimensions) {
      text += (text.back() == '{' ? "" : ",") + one.name + "=" + one.value;
    }
    text += "}";
    for (const double value : points.values) text += " " + std::to_string(static_cast<int>(value));
    result.points.push_back(text);
  });
  return result;
}

/// A line with this text in `_aws` behind the timestamp, and these members.
std::string line(const std::string& directives, const std::string& members) {
  return R"({"event":"tool.success","_aws":{"Timestamp":1795176000123,"CloudWatchMetrics":[)" +
         directives + "]}," + members + "}";
}

std::string directive(const std::string& sets, const std::string& metrics) {
  return R"({"Namespace":"N","Dimensions":)" + sets + R"(,"Metrics":)" + metrics + "}";
}

using Points = std::vector<std::string>;

TEST_CASE("every dimension set of every directive makes a metric", "[alarm][emf]") {
  const Read result =
      read(line(directive(R"([["S","T"],["T"],[]])", R"([{"Name":"D","Unit":"Milliseconds"}])") +
                    "," + directive(R"([["S"]])", R"([{"Name":"C"},{"Name":"E"}])"),
                R"("S":"s","T":"t","D":[1,2.5,3],"C":1,"E":0)"));

  CHECK(result.reading.fault == EmfFault::kNone);
  CHECK(result.reading.metrics);
  CHECK(result.reading.at == std::chrono::milliseconds(1795176000123));
  CHECK(result.points ==
        Points{"N/D{} 1 2 3", "N/D{S=s,T=t} 1 2 3", "N/D{T=t} 1 2 3", "N/C{S=s} 1", "N/E{S=s} 0"});
}

TEST_CASE("sets that differ in order only are one", "[alarm][emf]") {
  const Read result =
      read(line(directive(R"([["S","T"],["T","S"],["T","T","S"]])", R"([{"Name":"C"}])"),
                R"("S":"s","T":"t","C":1)"));

  CHECK(result.points == Points{"N/C{S=s,T=t} 1"});
}

TEST_CASE("a line without _aws is just a log line", "[alarm][emf]") {
  const std::string text = GENERATE("plain text", R"({"event":"tap.start"})", "{broken",
                                    R"({"arguments":{"_aws":{}}})", "");

  const Read result = read(text);

  CHECK(result.reading.fault == EmfFault::kNone);
  CHECK_FALSE(result.reading.metrics);
  CHECK(result.points.empty());
}

TEST_CASE("what is not of the format is a parsing error", "[alarm][emf]") {
  const std::string sets = R"([["S"]])";
  const std::string metrics = R"([{"Name":"C"}])";
  const std::string members = R"("S":"s","C":1)";
  const std::string text = GENERATE_COPY(
      std::string(R"({"_aws":)"), std::string(R"({"_aws":5})"),
      std::string(R"({"_aws":{"Timestamp":1.5,"CloudWatchMetrics":[]}})"),
      std::string(R"({"_aws":{"Timestamp":"1795176000123","CloudWatchMetrics":[]}})"),
      std::string(R"({"_aws":{"Timestamp":1795176000123}})"),
      line(R"({"Dimensions":[["S"]],"Metrics":[{"Name":"C"}]})", members),
      line(R"({"Namespace":":N","Dimensions":[["S"]],"Metrics":[{"Name":"C"}]})", members),
      line(directive(R"(["S"])", metrics), members), line(directive("[]", metrics), members),
      line(directive("[[5]]", metrics), members), line(directive(sets, "[]"), members),
      line(directive(sets, R"([{"Name":""}])"), members),
      line(directive(sets, R"([{"Name":"C","Unit":"ms"}])"), members));
  CAPTURE(text);

  const Read result = read(text);

  CHECK(result.reading.fault == EmfFault::kParsing);
  CHECK_FALSE(result.reading.problem.empty());
  CHECK(result.points.empty());
}

TEST_CASE("a target that is missing or wrong is a validation error", "[alarm][emf]") {
  const std::string one = directive(R"([["S"]])", R"([{"Name":"C"}])");
  std::string values = "1";
  for (int i = 0; i < 100; ++i) values += ",1";
  const std::string members = GENERATE_COPY(
      std::string(R"("S":"s")"), std::string(R"("C":1)"), std::string(R"("S":5,"C":1)"),
      std::string(R"("S":" ","C":1)"), std::string(R"("S":"é","C":1)"),
      std::string(R"("S":"s","C":"1")"), std::string(R"("S":"s","C":[])"),
      std::string(R"("S":"s","C":1e200)"), std::string(R"("S":"s","C":null)"),
      R"("S":"s","C":[)" + values + "]", R"("C":1,"S":")" + std::string(1025, 's') + "\"");

  const Read result = read(line(one, members));

  CHECK(result.reading.fault == EmfFault::kValidation);
  CHECK(result.points.empty());
}

TEST_CASE("a directive with a fault does not take the others with it", "[alarm][emf]") {
  const Read result = read(line(directive(R"([["S"]])", R"([{"Name":"gone"}])") + "," +
                                    directive(R"([["S"]])", R"([{"Name":"C"}])"),
                                R"("S":"s","C":7)"));

  CHECK(result.reading.fault == EmfFault::kValidation);
  CHECK_THAT(result.reading.problem, ContainsSubstring("`gone`"));
  CHECK(result.points == Points{"N/C{S=s} 7"});
}

TEST_CASE("a name is a key of the root, escapes and all", "[alarm][emf]") {
  const Read result = read(line(directive(R"([["a.b"]])", R"([{"Name":"C"}])"),
                                R"("a.b":"x","a":{"b":"y"},"\u0043":3)"));

  CHECK(result.points == Points{"N/C{a.b=x} 3"});
}

TEST_CASE("a line has at most ten thousand metrics and one mebibyte", "[alarm][emf]") {
  std::string metrics;
  std::string members = R"("S0":"s")";
  for (int i = 0; i < 100; ++i) {
    metrics += (i == 0 ? "" : ",") + (R"({"Name":"m)" + std::to_string(i) + "\"}");
    members += ",\"m" + std::to_string(i) + "\":1";
  }
  std::string sets = "[]";
  for (int i = 0; i < 100; ++i) {
    sets += ",[\"S" + std::to_string(i) + "\"]";
    if (i > 0) members += ",\"S" + std::to_string(i) + "\":\"s\"";
  }
  const Read many = read(line(directive("[" + sets + "]", "[" + metrics + "]"), members));
  CHECK(many.reading.fault == EmfFault::kValidation);
  CHECK(many.points.empty());

  const Read longer = read(line("", "\"x\":\"" + std::string(kEmfLineBytesMax, 'x') + "\""));
  CHECK(longer.reading.fault == EmfFault::kParsing);
}

TEST_CASE("the log group of a line for the agent is known", "[alarm][emf]") {
  CHECK(read(R"({"_aws":{"Timestamp":1,"LogGroupName":"g","CloudWatchMetrics":[]}})")
            .reading.log_group == "g");
}

}  // namespace
}  // namespace sonde::alarm
