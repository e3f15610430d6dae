#include "cli/log_entry.h"

#include <chrono>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "cli/fake_world.h"
#include "cli/row.h"

namespace sonde::cli {
namespace {

std::string one(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

LogEntry entry_of(const std::string& line) {
  const auto entry = parse_log_entry(one(line));
  REQUIRE(entry.has_value());
  return entry.value_or(LogEntry{});
}

std::string row(const std::string& line) {
  const FakeWorld world;
  return row_of(entry_of(line), RowWidths{}, world.io);
}

TEST_CASE("a call's line is read", "[cli][entry]") {
  const LogEntry entry = entry_of(
      log_line({.status = "error", .more = R"(,"args_size_bytes":48,"error_message":"no \"x\"")"}));
  CHECK(entry.at == std::chrono::seconds(1'795'176'000));
  CHECK(entry.server == "search");
  CHECK(entry.tool == "find");
  CHECK(entry.is_call());
  CHECK(entry.is_error());
  CHECK(entry.duration_ms == 12.5);
  CHECK(entry.args_bytes == 48);
  CHECK_FALSE(entry.has_result_size);
  CHECK(entry.detail == "no \"x\"");
}

TEST_CASE("other methods show themselves and their prompt", "[cli][entry]") {
  CHECK(entry_of(R"({"timestamp":"2026-11-20T12:00:00Z","event":"mcp.prompts/get",)"
                 R"("method":"prompts/get","prompt_name":"sum","status":"ok"})")
            .tool == "prompts/get sum");
}

TEST_CASE("what is no line of ours is not read", "[cli][entry]") {
  const auto* line = GENERATE("", "hello", "{}", "[]", "{\"event\":\"x\"}",
                              "{\"timestamp\":\"2026-11-20T12:00:00Z\"}",
                              "{\"timestamp\":\"yesterday\",\"event\":\"x\"}",
                              "{\"timestamp\":\"2026-11-20T12:00:00Z\",\"event\":\"x\"",
                              "{\"timestamp\":\"2026-11-20T12:00:00Z\",\"event\":\"x\"} x");
  INFO(line);
  CHECK_FALSE(parse_log_entry(line));
}

TEST_CASE("a row shows a call in columns", "[cli][row]") {
  CHECK(row(log_line({.more = R"(,"args_hash":"c1:0f1e2d3c4b5a","args_size_bytes":48,)"
                              R"("result_size_bytes":2048)"})) ==
        "11-20 12:00:00.000 search   find             ok          12.5ms    48B   2.0K 0f1e2d3c\n");
  CHECK(row(log_line({.tool = "write_file",
                      .status = "error",
                      .duration = "1234.5",
                      .more = R"(,"error_message":"no such file: <path>")"})) ==
        "11-20 12:00:00.000 search   write_file       error        1.23s                        "
        "no such file: <path>\n");
}

TEST_CASE("a row shows what happened to a server", "[cli][row]") {
  CHECK(row(R"({"timestamp":"2026-11-20T12:00:00Z","level":"error","event":"server.exit",)"
            R"("server_name":"search","signal":11})") ==
        "11-20 12:00:00.000 search   server.exit      error                                     "
        "signal 11\n");
}

TEST_CASE("nothing in a line acts on the terminal", "[cli][row]") {
  const std::string shown =
      row(log_line({.server = R"(\u001b[31m)",
                    .tool = R"(a\nb\u009b)",
                    .status = R"(\u001b]0;)",
                    .more = R"(,"error_message":"x\u001b[2J\r","args_hash":"c1:\u001b[31m")"}));
  CHECK(shown.find('\x1b') == std::string::npos);
  CHECK(shown.find('\n') == shown.size() - 1);
  CHECK(shown.find("\xc2\x9b") == std::string::npos);
}

TEST_CASE("a terminal gets colours and columns cut at its edge", "[cli][row]") {
  FakeWorld world;
  world.io.terminal = true;
  world.io.columns = 110;
  const LogEntry entry = entry_of(
      log_line({.server = "a-rather-long-server-name",
                .status = "error",
                .more = R"(,"error_message":"a message that is too long for what is left")"}));
  const std::string shown = row_of(entry, RowWidths{}, world.io);
  CHECK(
      shown ==
      "11-20 12:00:00.000 a-rathe… find             \x1b[31merror    \x1b[0m   12.5ms             "
      "           a message that is too …\n");
  world.variables["NO_COLOR"] = "1";
  CHECK(row_of(entry, RowWidths{}, world.io).find('\x1b') == std::string::npos);
}

TEST_CASE("no colours on a dumb terminal, and an empty NO_COLOR is none", "[cli][row]") {
  FakeWorld world;
  world.io.terminal = true;
  const LogEntry entry = entry_of(log_line());
  const auto coloured = [&] {
    return row_of(entry, RowWidths{}, world.io).find('\x1b') != std::string::npos;
  };
  CHECK(coloured());
  world.variables["NO_COLOR"] = "";
  CHECK(coloured());
  world.variables["TERM"] = "dumb";
  CHECK_FALSE(coloured());
}

TEST_CASE("times are local", "[cli][row]") {
  FakeWorld world;
  world.io.utc_offset = [](std::chrono::seconds) { return std::chrono::hours(14); };
  CHECK(row_of(entry_of(log_line()), RowWidths{}, world.io).starts_with("11-21 02:00:00.000"));
}

}  // namespace
}  // namespace sonde::cli
