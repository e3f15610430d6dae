#include "config/schema.h"

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "config/document.h"
#include "config/load.h"
#include "config/value.h"

namespace sonde::config {
namespace {

std::string parsed(std::string_view key, std::string_view text) {
  const Field& field = *find_field(key);
  const Result<Value> value = parse_value(field, text);
  if (!value) return value.error().message();
  Config config;
  assign(field, *value, config);
  return show(field, config);
}

TEST_CASE("every key, flag and variable is named once", "[config][schema]") {
  std::set<std::string> names;
  for (const Field& field : fields()) {
    CHECK(names.insert(std::string(field.key)).second);
    CHECK(names.insert(flag_name(field)).second);
    CHECK(names.insert(variable_name(field)).second);
    if (!field.standard_variable.empty()) {
      CHECK(names.insert(std::string(field.standard_variable)).second);
    }
    CHECK(find_flag(flag_name(field).substr(2)) == &field);
    CHECK(find_field(field.key) == &field);
  }
}

TEST_CASE("every field has a sentence, and a default within its bounds", "[config][schema]") {
  for (const Field& field : fields()) {
    INFO(field.key);
    CHECK(field.help.ends_with('.'));
    const std::string shown = show(field, Config{});
    const bool scalar =
        field.type != Type::kList && field.type != Type::kListOfLists && !shown.starts_with('"');
    if (scalar) CHECK(parsed(field.key, shown) == shown);
  }
}

TEST_CASE("assigning a field changes that field and no other", "[config][schema]") {
  for (const Field& field : fields()) {
    if (field.type != Type::kBoolean) continue;
    Config config;
    const bool before = show(field, config) == "true";
    assign(field, Value(!before), config);
    for (const Field& other : fields()) {
      CHECK((show(other, config) != show(other, Config{})) == (&other == &field));
    }
  }
}

TEST_CASE("a flag is written with dashes only", "[config][schema]") {
  CHECK(find_flag("emf-mode") == find_field("emf.mode"));
  CHECK(find_flag("inject") == find_field("trace.inject"));
  CHECK(find_flag("emf.mode") == nullptr);
  CHECK(find_flag("log_file") == nullptr);
  CHECK(find_flag("") == nullptr);
}

TEST_CASE("sizes and durations are read with and shown with units", "[config][value]") {
  CHECK(parsed("log.file_bytes_max", "65536") == "64KiB");
  CHECK(parsed("log.file_bytes_max", "1.5mib") == "1536KiB");
  CHECK(parsed("log.file_bytes_max", "1 GB") == "1000000000");
  CHECK(parsed("wrap.eof_grace", "0") == "0");
  CHECK(parsed("wrap.eof_grace", "0.5s") == "500ms");
  CHECK(parsed("wrap.eof_grace", "60 m") == "1h");
  CHECK(parsed("log.pending_after", "86400s") == "1d");
}

TEST_CASE("numbers keep to their bounds", "[config][value]") {
  CHECK(parsed("wrap.eof_grace", "61m") == "`61m` is out of bounds; write 0 to 1h");
  CHECK(parsed("wrap.eof_grace", "-1s") == "`-1s` is out of bounds; write 0 to 1h");
  CHECK(parsed("log.files_max", "0") == "`0` is out of bounds; write 1 to 1000");
  CHECK(parsed("log.files_max", "99999999999999999999") ==
        "`99999999999999999999` is no whole number");
  CHECK(parsed("emf.inline_rate_max", "nan") == "`nan` is out of bounds; write 0.1 to 1e+06");
  CHECK(parsed("emf.inline_rate_max", "1x") == "`1x` is no number");
  CHECK(parsed("log.file_bytes_max", "1e300") == "`1e300` is out of bounds; write 64KiB to 4GiB");
  CHECK(parsed("log.file_bytes_max", "inf") == "`inf` is no size; write 512, 64KiB or 16MiB");
}

TEST_CASE("a list is separated by commas, which a backslash protects", "[config][value]") {
  CHECK(parsed("privacy.redact_keys", "a, b ,,c") == R"(["a", "b", "c"])");
  CHECK(parsed("privacy.redact_patterns", R"(x{2\,3},y)") == R"(["x{2,3}", "y"])");
  CHECK(parsed("privacy.redact_patterns", R"(\\d)") == R"(["\\d"])");
  CHECK(parsed("emf.dimensions", "ToolName,Environment;Environment") ==
        R"([["ToolName", "Environment"], ["Environment"]])");
}

TEST_CASE("texts are checked for what they become", "[config][value]") {
  CHECK(parsed("environment", "prod\x1b") == "`prod\xef\xbf\xbd` holds control characters");
  CHECK(parsed("environment", "größe") ==
        "`größe` must be printable ASCII, because it becomes a metric dimension");
  CHECK(parsed("emf.namespace", "AWS/Mine") ==
        "`AWS/Mine` must not begin with AWS/, which belongs to AWS itself");
  CHECK(parsed("emf.namespace", "") == "must not be empty");
  CHECK(parsed("emf.agent_endpoint", "tcp://h:0") == "`tcp://h:0` has no port from 1 to 65535");
  CHECK(parsed("emf.agent_endpoint", "udp://[::1]:25888") == R"("udp://[::1]:25888")");
  CHECK(parsed("privacy.redact_paths", "customer") ==
        "`customer` is no JSON path; it begins with $, as $.customer.name");
  CHECK(
      parsed("name", std::string(129, 'a')).ends_with("is too long; write at most 128 characters"));
}

TEST_CASE("docs/configuration.md is what the table says", "[config][document]") {
  const std::string path = SONDE_SOURCE_DIR "/docs/configuration.md";
  const char* write = std::getenv("SONDE_UPDATE_GOLDEN");  // NOLINT(concurrency-mt-unsafe)
  if (write != nullptr) std::ofstream(path) << render_markdown();
  const auto text = read_text_file(path, 1024 * 1024);
  INFO("run SONDE_UPDATE_GOLDEN=1 config_test [document]");
  REQUIRE(text);
  CHECK(*text == render_markdown());
}

}  // namespace
}  // namespace sonde::config
