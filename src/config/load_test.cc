#include "config/load.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

namespace sonde::config {
namespace {

/// A home folder that is gone when the test ends.
class Home {
 public:
  Home() {
    std::string name = std::filesystem::temp_directory_path() / "sonde-config-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
    variables_["HOME"] = name;
  }
  ~Home() { std::filesystem::remove_all(path_); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  std::string write(const std::string& name, std::string_view text) {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file;
  }
  void set(const std::string& name, const std::string& value) { variables_[name] = value; }
  std::string path() const { return path_; }

  Loaded load(std::vector<std::string_view> flags = {}) {
    flags.insert(flags.end(), {"--", "npx", "weather"});
    const auto parsed = parse_wrap(flags);
    REQUIRE(parsed);
    return config::load({.config_file = parsed->config_file,
                         .overrides = parsed->overrides,
                         .command = parsed->command,
                         .lookup = [this](std::string_view name) { return lookup(name); },
                         .host = "box"});
  }

 private:
  std::optional<std::string> lookup(std::string_view name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
  }

  std::filesystem::path path_;
  std::map<std::string, std::string, std::less<>> variables_;
};

constexpr const char* kUserFile = ".config/sonde/sonde.yaml";

std::string text_of(const std::vector<Fault>& faults) {
  std::string out;
  for (const Fault& fault : faults) out += to_string(fault) + '\n';
  return out;
}

TEST_CASE("with nothing configured everything has a default", "[config][load]") {
  Home home;
  const Loaded loaded = home.load();
  CHECK(loaded.faults.empty());
  CHECK(loaded.config.server_name == "weather");
  CHECK(loaded.config.log.file == home.path() + "/.local/state/sonde/log/weather.jsonl");
}

TEST_CASE("a flag counts more than the environment, that more than the file", "[config][load]") {
  Home home;
  home.write(kUserFile, "environment: file\n");
  CHECK(home.load().config.environment == "file");
  home.set("SONDE_ENVIRONMENT", "variable");
  CHECK(home.load().config.environment == "variable");
  CHECK(home.load({"--environment", "flag"}).config.environment == "flag");
}

TEST_CASE("our variable counts more than the standard one", "[config][load]") {
  Home home;
  home.set("AWS_EMF_NAMESPACE", "Theirs");
  CHECK(home.load().config.emf.metric_namespace == "Theirs");
  home.set("SONDE_EMF_NAMESPACE", "Ours");
  CHECK(home.load().config.emf.metric_namespace == "Ours");
}

TEST_CASE("an empty variable is one that is not set", "[config][load]") {
  Home home;
  home.write(kUserFile, "emf.mode: off\n");
  home.set("SONDE_EMF_MODE", "");
  CHECK(home.load().config.emf.mode == EmfConfig::Mode::kOff);
}

TEST_CASE("each field knows where its value came from", "[config][load]") {
  Home home;
  home.write(kUserFile, "service: a\n");
  home.set("SONDE_INSTANCE", "b");
  const Loaded loaded = home.load({"--name", "c"});
  const auto origin = [&](std::string_view key) {
    return loaded.origins[static_cast<std::size_t>(find_field(key) - fields().data())];
  };
  CHECK(origin("service") == Origin::kFile);
  CHECK(origin("instance") == Origin::kEnvironment);
  CHECK(origin("name") == Origin::kFlag);
  CHECK(origin("environment") == Origin::kDefault);
}

TEST_CASE("the file is looked for in order", "[config][load]") {
  Home home;
  const std::string user = home.write(kUserFile, "");
  CHECK(home.load().file == user);
  const std::string xdg = home.write("xdg/sonde/sonde.yaml", "");
  home.set("XDG_CONFIG_HOME", home.path() + "/xdg");
  CHECK(home.load().file == xdg);
  const std::string named = home.write("named.yaml", "");
  home.set("SONDE_CONFIG", "~/named.yaml");
  CHECK(home.load().file == named);
  const std::string flag = home.write("flag.yaml", "");
  CHECK(home.load({"--config", flag}).file == flag);
}

TEST_CASE("a file that somebody has named must exist", "[config][load]") {
  Home home;
  CHECK(text_of(home.load({"--config", "/nowhere/s.yaml"}).faults) ==
        "/nowhere/s.yaml: cannot be read: No such file or directory; --config names this file\n");
  home.set("SONDE_CONFIG", "/nowhere/s.yaml");
  CHECK(text_of(home.load().faults) ==
        "/nowhere/s.yaml: cannot be read: No such file or directory; SONDE_CONFIG names this "
        "file\n");
}

TEST_CASE("a folder or a pipe is no configuration, and is not waited for", "[config][load]") {
  Home home;
  const std::string pipe = home.path() + "/pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(text_of(home.load({"--config", pipe}).faults).find("is no regular file") !=
        std::string::npos);
  CHECK(text_of(home.load({"--config", home.path()}).faults).find("is no regular file") !=
        std::string::npos);
}

TEST_CASE("a file above the limit is not read", "[config][load]") {
  Home home;
  const std::string file = home.write("large.yaml", std::string(1024 * 1024 + 1, '#'));
  CHECK(text_of(home.load({"--config", file}).faults) ==
        file + ": cannot be read: is larger than 1MiB; --config names this file\n");
}

TEST_CASE("a wrong value counts as not given", "[config][load]") {
  Home home;
  const std::string file = home.write(kUserFile, "emf:\n  mode: x\n  max_series: 7\n");
  home.set("SONDE_LOG_FILES_MAX", "many");
  const Loaded loaded = home.load();
  CHECK(loaded.config.emf.mode == EmfConfig::Mode::kInline);
  CHECK(loaded.config.emf.max_series == 7);
  CHECK(text_of(loaded.faults) ==
        file + ":2:9: emf.mode: `x` is not one of off, inline or aggregate\n" +
            "environment: SONDE_LOG_FILES_MAX: `many` is no whole number; correct or unset the "
            "variable\n");
}

TEST_CASE("a server's part counts more than the rest of the file", "[config][load]") {
  Home home;
  home.write(kUserFile,
             "servers: {weather: {environment: w}, other: {environment: o}}\nenvironment: e\n");
  CHECK(home.load().config.environment == "w");
  CHECK(home.load({"--name", "other"}).config.environment == "o");
  CHECK(home.load({"--name", "third"}).config.environment == "e");
  home.set("SONDE_NAME", "other");
  CHECK(home.load().config.environment == "o");
  CHECK(home.load({"--environment", "f"}).config.environment == "f");
}

}  // namespace
}  // namespace sonde::config
