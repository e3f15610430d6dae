#include "cli/command.h"

#include <algorithm>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "cli/completion.h"
#include "cli/fake_world.h"
#include "cli/help.h"
#include "cli/man.h"

namespace sonde::cli {
namespace {

constexpr std::array<Option, 3> kOptions = {{{.name = "lines", .letter = 'n', .value = "COUNT"},
                                             {.name = "follow", .letter = 'f'},
                                             {.name = "json"}}};
constexpr Command kSample = {.name = "sample",
                             .arguments = "ID",
                             .options = kOptions,
                             .arguments_min = 1,
                             .arguments_max = 2};

Result<Arguments> parse(std::vector<std::string_view> line) {
  static std::vector<std::string_view> kept;  // Arguments are views of it.
  kept = std::move(line);
  return parse_arguments(kSample, kept);
}

std::string fault_of(std::vector<std::string_view> line) {
  const auto parsed = parse(std::move(line));
  REQUIRE_FALSE(parsed);
  return parsed.error().message();
}

TEST_CASE("an option's value is attached or follows", "[cli][command]") {
  CHECK(parse({"x", "--lines", "5"})->value("lines") == "5");
  CHECK(parse({"x", "--lines=5"})->value("lines") == "5");
  CHECK(parse({"x", "-n", "5"})->value("lines") == "5");
  CHECK(parse({"x", "-n5"})->value("lines") == "5");
  CHECK(parse({"x", "-fn5"})->value("lines") == "5");
  CHECK(parse({"x", "-fn5"})->has("follow"));
  CHECK(parse({"x", "-n", "1", "-n", "2"})->value("lines") == "2");
}

TEST_CASE("options and words may be mixed, up to the dashes", "[cli][command]") {
  CHECK(parse({"--json", "x", "-f"})->words() == std::vector<std::string_view>{"x"});
  CHECK(parse({"--", "--json"})->words() == std::vector<std::string_view>{"--json"});
  CHECK_FALSE(parse({"--", "--json"})->has("json"));
  CHECK(parse({"-"})->words() == std::vector<std::string_view>{"-"});
}

TEST_CASE("a wrong option is told with the nearest one", "[cli][command]") {
  CHECK(fault_of({"x", "--jsn"}) ==
        "sample: --jsn is no option; did you mean `--json`?\n"
        "Run `sonde help sample` for its usage.");
  CHECK(fault_of({"x", "-q"}).starts_with("sample: -q is no option"));
  CHECK(fault_of({"x", "-fq"}).starts_with("sample: -q is no option"));
  CHECK(fault_of({"x", "--json=1"}).starts_with("sample: --json takes no value"));
  CHECK(fault_of({"x", "--lines"}).starts_with("sample: --lines needs a value: COUNT"));
  CHECK(fault_of({"x", "-n"}).starts_with("sample: --lines needs a value: COUNT"));
}

TEST_CASE("too few or too many words are told", "[cli][command]") {
  CHECK(fault_of({"--json"}).starts_with("sample: needs ID"));
  CHECK(fault_of({"a", "b", "c"}).starts_with("sample: `c` is one word too many"));
}

TEST_CASE("a wrong command line goes to stderr and exits with 2", "[cli][command]") {
  FakeWorld world;
  const auto [line, complaint] = GENERATE(table<std::string, std::string>({
      {"tial",
       "sonde: `tial` is no command; did you mean `tail`?\n"
       "Run `sonde help` for all commands.\n"},
      {"--hepl",
       "sonde: `--hepl` is no command; did you mean `--help`?\n"
       "Run `sonde help` for all commands.\n"},
      {"help tial", "sonde: help: there is no `tial`; did you mean `tail`?\n"},
      {"completion fihs", "sonde: completion: there is no `fihs`; did you mean `fish`?\n"},
      {"man tails", "sonde: man: there is no `tails`; did you mean `tail`?\n"},
      {"doctor now",
       "sonde: doctor: `now` is one word too many\n"
       "Run `sonde help doctor` for its usage.\n"},
  }));
  CHECK(world.run(line) == kUsage);
  CHECK(world.err == complaint);
  CHECK(world.out.empty());
}

TEST_CASE("without a command the help is a complaint", "[cli][command]") {
  FakeWorld world;
  CHECK(world.run("") == kUsage);
  CHECK(world.err == overview());
}

TEST_CASE("the version is one line", "[cli][command]") {
  FakeWorld world;
  CHECK(world.run("--version") == kDone);
  CHECK(world.out == "sonde " + std::string(version()) + "\n");
}

TEST_CASE("wrap is parsed here and run by main", "[cli][command]") {
  FakeWorld world;
  std::vector<std::string> command;
  world.io.wrap = [&](config::WrapCommand&& wrap) {
    command = std::move(wrap.command);
    return 42;
  };
  CHECK(world.run("wrap --name x -- npx -y server") == 42);
  CHECK(command == std::vector<std::string>{"npx", "-y", "server"});
  CHECK(world.run("wrap --nme x -- true") == kUsage);
  CHECK(world.err.starts_with("sonde: wrap: --nme is no flag; did you mean `--name`?\n"));
}

TEST_CASE("every command's help has usage, examples and exit codes", "[cli][help]") {
  FakeWorld world;
  for (const Command& command : commands()) {
    INFO(command.name);
    CHECK(world.run(std::string(command.name) + " --help") == kDone);
    CHECK(world.out.starts_with("Usage: sonde " + std::string(command.name)));
    CHECK(world.out.find("\nExamples:\n  ") != std::string::npos);
    CHECK(world.out.find("\nExit status:\n  ") != std::string::npos);
    const std::string same = world.out;
    CHECK(world.run("help " + std::string(command.name)) == kDone);
    CHECK(world.out == same);
    for (const Option& option : command.options) {
      CHECK(world.out.find("--" + std::string(option.name)) != std::string::npos);
      CHECK(option.help.ends_with('.'));
    }
  }
}

TEST_CASE("help fits on a terminal of 80 columns", "[cli][help]") {
  for (const Command& command : commands()) {
    std::string line;
    for (const char c : overview() + help_of(command)) {
      if (c != '\n') {
        line += c;
        continue;
      }
      const bool example = line.find("sonde ") != std::string::npos;
      INFO(line);
      CHECK((example || line.size() <= 84));  // Bytes; "…" has three.
      line.clear();
    }
  }
}

TEST_CASE("the help of wrap shows what a switch changes", "[cli][help]") {
  const std::string help = help_of(*find_command("wrap"));
  CHECK(help.find("--no-inject ") != std::string::npos);
  CHECK(help.find("--log-to-stderr ") != std::string::npos);
  CHECK(help.find("--emf-mode WORD") != std::string::npos);
  CHECK(help.find("--config FILE") != std::string::npos);
}

TEST_CASE("there is a man page for every command and the configuration", "[cli][man]") {
  FakeWorld world;
  std::set<std::string> files;
  for (const std::string& page : man_pages()) {
    INFO(page);
    CHECK(world.run("man " + page) == kDone);
    CHECK(world.out.starts_with(".TH "));
    CHECK(world.out.find("\n.SH NAME\n") != std::string::npos);
    CHECK(files.insert(man_file(page)).second);
  }
  CHECK(world.run("man") == kDone);
  CHECK(world.out.find("sonde\\-wrap") != std::string::npos);
  CHECK(world.run("man --list") == kDone);
  CHECK(world.out.find("config sonde.yaml.5\n") != std::string::npos);
}

TEST_CASE("no line of a man page is an accidental request", "[cli][man]") {
  const std::set<std::string> requests = {".TH", ".nh", ".SH", ".TP", ".B",
                                          ".I",  ".nf", ".fi", ".PP", ".BR"};
  for (const std::string& page : man_pages()) {
    const std::string text = man_page(page);
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      if (!line.starts_with('.')) continue;
      INFO(page << ": " << line);
      CHECK(requests.contains(line.substr(0, line.find(' '))));
    }
  }
}

TEST_CASE("a man page is plain ASCII", "[cli][man]") {
  for (const std::string& page : man_pages()) {
    INFO(page);
    CHECK(std::ranges::all_of(man_page(page),
                              [](char c) { return static_cast<signed char>(c) > 0; }));
  }
}

TEST_CASE("a group has commands of its own, and says which", "[cli][command]") {
  FakeWorld world;
  CHECK(world.run("help aws") == kDone);
  CHECK(world.out.find("\n  aws template ") != std::string::npos);
  const std::string same = world.out;
  CHECK(world.run("aws --help") == kDone);
  CHECK(world.out == same);
  CHECK(world.run("aws") == kUsage);
  CHECK(world.err == "sonde: aws needs a command\n" + same);
  CHECK(world.run("aws tempalte") == kUsage);
  CHECK(
      world.err.starts_with("sonde: `aws tempalte` is no command; did you mean `aws template`?\n"));
  CHECK(world.run("help aws tempalte") == kUsage);
  CHECK(world.err == "sonde: help: there is no `aws tempalte`; did you mean `aws template`?\n");
}

TEST_CASE("commands of aws take flags of the configuration", "[cli][command]") {
  FakeWorld world;
  std::string seen;
  world.io.aws = [&](std::string_view command, const Arguments& arguments, Io&) {
    seen = command;
    for (const config::Override& one : arguments.overrides()) {
      seen += ' ' + std::string(one.field->key);
    }
    return 42;
  };
  CHECK(world.run("aws template --environment x --no-alarms-heartbeat --explain "
                  "--emf-namespace=A") == 42);
  CHECK(seen == "template environment alarms.heartbeat emf.namespace");
  CHECK(world.run("aws template --wrap-eof-grace 1s") == kUsage);
  CHECK(world.err.starts_with("sonde: aws template: --wrap-eof-grace is no option"));
  CHECK(world.run("aws template --alarms-calls-min none") == kUsage);
  CHECK(world.err ==
        "sonde: aws template: --alarms-calls-min: `none` is no whole number\n"
        "Run `sonde help aws template` for all flags.\n");
  CHECK(world.run("tail --environment x") == kUsage);
}

TEST_CASE("completions say what each option does", "[cli][completion]") {
  CHECK(completion_for("zsh").find("[]") == std::string::npos);
  CHECK(completion_for("fish").find("-d ''") == std::string::npos);
}

TEST_CASE("completions know every command and option", "[cli][completion]") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_for(shell);
    for (const Command& command : commands()) {
      INFO(shell << ' ' << command.name);
      // Of a group's command each shell writes the words apart, in its own way.
      CHECK(script.find(command.name.substr(command.name.find(' ') + 1)) != std::string::npos);
      for (const Option& option : command.options) {
        CHECK(script.find(option.name) != std::string::npos);
      }
    }
    CHECK(script.find("emf-mode") != std::string::npos);
  }
  CHECK(completion_for("tcsh").empty());
}

}  // namespace
}  // namespace sonde::cli
