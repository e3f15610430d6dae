#include "config/load.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "config/yaml.h"

namespace sonde::config {
namespace {

std::unexpected<Error> system_failure(int error) {
  const Errc code = error == ENOENT ? Errc::kUnavailable : Errc::kInternal;
  return fail(code, std::generic_category().message(error));
}

/// The file to read, and whether somebody has named it.
struct Choice {
  std::string path;
  std::string named_by;  ///< "--config" or "SONDE_CONFIG"; empty: found by its place.
};

Choice choose_file(const Sources& sources) {
  if (!sources.config_file.empty()) {
    return {.path = std::string(sources.config_file), .named_by = "--config"};
  }
  if (auto path = variable(sources.lookup, "SONDE_CONFIG")) {
    return {.path = expand_home(*path, home_dir(sources.lookup)), .named_by = "SONDE_CONFIG"};
  }
  ConfigPaths paths = default_config_paths(sources.lookup);
  // Whatever lies there, readable or not, is meant; only absence leads to the next place.
  struct stat info{};
  if (!paths.user.empty() && stat(paths.user.c_str(), &info) == 0) return {paths.user, {}};
  if (!paths.user.empty() && errno != ENOENT && errno != ENOTDIR) return {paths.user, {}};
  return {.path = std::move(paths.system), .named_by = {}};
}

class Loader {
 public:
  explicit Loader(const Sources& sources) : sources_(sources) {
    loaded_.origins.resize(fields().size(), Origin::kDefault);
  }

  Loaded load() {
    const Document document = read_file();
    apply(document.common);
    if (const auto own = document.servers.find(server_name()); own != document.servers.end()) {
      apply(own->second);
    }
    for (const Field& field : fields()) read_environment(field);
    for (const Override& flag : sources_.overrides) set(*flag.field, flag.value, Origin::kFlag);
    resolve(loaded_.config, sources_.command, sources_.lookup, sources_.host);
    return std::move(loaded_);
  }

 private:
  void set(const Field& field, const Value& value, Origin origin) {
    assign(field, value, loaded_.config);
    loaded_.origins[static_cast<std::size_t>(&field - fields().data())] = origin;
  }

  void apply(const std::vector<Assignment>& assignments) {
    for (const Assignment& assignment : assignments) {
      set(*assignment.field, assignment.value, Origin::kFile);
    }
  }

  Document read_file() {
    const Choice choice = choose_file(sources_);
    Result<std::string> text = read_text_file(choice.path, kTextBytesMax);
    if (!text) {
      const bool absent = text.error().code() == Errc::kUnavailable;
      if (absent && choice.named_by.empty()) return {};
      loaded_.file = choice.path;
      loaded_.faults.push_back(
          {.source = choice.path,
           .problem = "cannot be read: " + text.error().message(),
           .advice = choice.named_by.empty() ? "" : choice.named_by + " names this file"});
      return {};
    }
    loaded_.file = choice.path;
    Document document = read_yaml(*text, choice.path);
    loaded_.faults = document.faults.list();
    return document;
  }

  /// The name by which the section `servers` is searched: as resolve() finds it, before
  /// environment and flags are applied.
  std::string server_name() const {
    const Field* name = find_field("name");
    Config strongest = loaded_.config;
    if (const auto text = variable(sources_.lookup, variable_name(*name))) {
      if (const auto value = parse_value(*name, *text)) assign(*name, *value, strongest);
    }
    for (const Override& flag : sources_.overrides) {
      if (flag.field == name) assign(*name, flag.value, strongest);
    }
    if (!strongest.server_name.empty()) return strongest.server_name;
    return server_name_from(sources_.command);
  }

  void read_environment(const Field& field) {
    std::string name = variable_name(field);
    auto text = variable(sources_.lookup, name);
    if (!text && !field.standard_variable.empty()) {
      name = field.standard_variable;
      text = variable(sources_.lookup, name);
    }
    if (!text) return;
    const Result<Value> value = parse_value(field, *text);
    if (value) {
      set(field, *value, Origin::kEnvironment);
      return;
    }
    loaded_.faults.push_back({.source = "environment",
                              .key = std::move(name),
                              .problem = value.error().message(),
                              .advice = "correct or unset the variable"});
  }

  const Sources& sources_;
  Loaded loaded_;
};

}  // namespace

Loaded load(const Sources& sources) { return Loader(sources).load(); }

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
  // Without O_NONBLOCK a named pipe would hold us up here.
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return system_failure(errno);
  struct stat info{};
  if (fstat(file.get(), &info) != 0) return system_failure(errno);
  if (!S_ISREG(info.st_mode)) return fail(Errc::kInvalidInput, "is no regular file");

  std::string text;
  while (text.size() <= bytes_max) {
    const std::size_t size = text.size();
    text.resize(size + 16 * 1024);
    const ssize_t got = read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno != EINTR) return system_failure(errno);
    text.resize(size + static_cast<std::size_t>(got < 0 ? 0 : got));
    if (got == 0) return text;
  }
  return fail(Errc::kLimitExceeded, "is larger than " + show_bytes(bytes_max));
}

}  // namespace sonde::config
