#include "config/document.h"

#include "config/value.h"

namespace sonde::config {
namespace {

std::string_view section_of(const Field& field) {
  const std::size_t dot = field.key.find('.');
  return dot == std::string_view::npos ? std::string_view() : field.key.substr(0, dot);
}

std::string_view leaf_of(const Field& field) {
  return field.key.substr(section_of(field).empty() ? 0 : section_of(field).size() + 1);
}

constexpr std::string_view kIntroduction = R"(# Configuration

<!-- Made from src/config/schema.cc by the tests of module config; do not edit. -->

Nothing has to be configured. What is can be set in four places; the first that says
something counts:

1. a flag of the command line, `--emf-mode off` or `--emf-mode=off`. A switch is
   `--trace-inject`, `--no-trace-inject` or `--trace-inject=false`; the flag of a list may be
   given again, which adds to it;
2. the environment, `SONDE_EMF_MODE=off`, then for some keys a standard variable. An empty
   variable counts as not set. A list is written `a,b`, a list of lists `a,b;c`; a comma,
   semicolon or backslash that belongs to a text stands behind a backslash;
3. the file: `--config FILE`, else `$SONDE_CONFIG`, else `~/.config/sonde/sonde.yaml`
   (`$XDG_CONFIG_HOME/sonde/sonde.yaml`), else `/etc/sonde/sonde.yaml`. One file is read, not
   several. A key may be written dotted, `emf.mode: off`, or below its section;
4. the default.

What differs for one server goes under its name, and counts more than the rest of the file:

```yaml
servers:
  github:
    environment: staging
    emf:
      mode: aggregate
```

A running tap keeps what it read when it started.

An unknown key, a wrong value or the same key twice is a fault, told with its line and the
nearest valid name. A faulty file never stops `sonde wrap`: it forwards without observing,
says so in one line on stderr, and `sonde doctor` shows every fault. A wrong flag does stop
it, with exit status 2.

Durations are written `500ms`, `30s`, `5m`, `2h` or `7d`, sizes `512`, `64KiB` or `16MiB`.

)";

constexpr std::string_view kStandardVariables = R"(## Standard variables

These mean what they mean elsewhere:

| variable | use |
|---|---|
| `OTEL_SERVICE_NAME`, `AWS_EMF_SERVICE_NAME` | `service`, when that is not set |
| `OTEL_RESOURCE_ATTRIBUTES` | `deployment.environment.name` (or `deployment.environment`) for `environment`; `service.instance.id`, `k8s.pod.name` or `host.name` for `instance` |
| `AWS_EMF_ENVIRONMENT` | `environment`, unless it is one of that library's transports: Local, Lambda, Agent, EC2, ECS |
| `AWS_EMF_NAMESPACE`, `AWS_EMF_AGENT_ENDPOINT`, `AWS_EMF_LOG_GROUP_NAME`, `AWS_EMF_LOG_STREAM_NAME` | the `emf` keys of the same meaning |
| `XDG_CONFIG_HOME`, `XDG_STATE_HOME`, `HOME` | where the file and the state folder are |
| `NO_COLOR` | not empty: no colours on a terminal |

## A file with every default

```yaml
)";

void append_field(std::string& out, const Field& field) {
  out += "### `" + std::string(field.key) + "`\n\n";
  out += std::string(field.help) + ' ' + default_of(field) + "\n\n";
  out += "Flag `" + flag_name(field) + '`';
  if (!field.short_flag.empty()) out += " or `--" + std::string(field.short_flag) + '`';
  out += ", environment " + variables_of(field) + '.';
  if (field.never_in_file) out += " Not in the file: it must be known before that is read.";
  out += "\n\n";
}

}  // namespace

std::string variables_of(const Field& field) {
  std::string out = '`' + variable_name(field) + '`';
  if (!field.standard_variable.empty()) {
    out += ", else `" + std::string(field.standard_variable) + '`';
  }
  return out;
}

std::string default_of(const Field& field) {
  const std::string value = show(field, Config{});
  const std::string bounds = describe_bounds(field);
  if (!field.fallback.empty()) return "When empty: " + std::string(field.fallback) + '.';
  if (value == "[]") return "Default: none; " + bounds + '.';
  return "Default `" + value + "`; " + bounds + '.';
}

std::string render_markdown() {
  std::string out(kIntroduction);
  out += "## Keys\n\n";
  for (const Field& field : fields()) append_field(out, field);
  out += kStandardVariables;
  out += render_example();
  return out + "```\n";
}

std::string render_example() {
  std::string out;
  std::string_view section;
  for (const Field& field : fields()) {
    if (field.never_in_file) continue;
    if (section_of(field) != section) {
      section = section_of(field);
      out += "\n" + std::string(section) + ":\n";
    }
    const std::string indent(section.empty() ? 0 : 2, ' ');
    out += indent + "# " + std::string(field.help) + '\n';
    out += indent + std::string(leaf_of(field)) + ": " + show(field, Config{}) + '\n';
  }
  return out;
}

}  // namespace sonde::config
