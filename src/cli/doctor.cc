#include "cli/doctor.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/printable.h"
#include "cli/checks.h"
#include "cli/place.h"
#include "cli/text.h"
#include "config/value.h"

namespace sonde::cli {
namespace {

struct Section {
  std::string_view title;
  Findings findings;
};

/// Everything that was looked at.
struct Diagnosis {
  config::Loaded loaded;
  RunningTaps running;
  std::vector<Section> sections;

  bool any(Level level) const {
    return std::ranges::any_of(sections, [&](const Section& section) {
      return std::ranges::any_of(section.findings,
                                 [&](const Finding& one) { return one.level == level; });
    });
  }
};

std::string_view word_of(Level level) {
  constexpr std::array<std::string_view, 3> kWords = {"ok", "warn", "red"};
  return kWords[static_cast<std::size_t>(level)];
}

std::string_view word_of(config::Origin origin) {
  constexpr std::array<std::string_view, 4> kWords = {"default", "file", "environment", "flag"};
  return kWords[static_cast<std::size_t>(origin)];
}

/// Whether anything says that metrics or alarms are to be on AWS; else alarms would be noise.
bool means_aws(const config::Loaded& loaded) {
  for (std::size_t i = 0; i < config::fields().size(); ++i) {
    if (loaded.origins[i] == config::Origin::kDefault) continue;
    const std::string_view key = config::fields()[i].key;
    if (key.starts_with("aws.") || key.starts_with("alarms.") || key == "emf.agent_endpoint") {
      return true;
    }
  }
  return false;
}

Diagnosis examine(const Arguments& arguments, const Io& io) {
  Diagnosis out;
  out.loaded = load_config(arguments, io);
  out.running = running_taps(config::control_dir(out.loaded.config));
  out.sections = {{"Configuration", check_configuration(out.loaded, io)},
                  {"Folders", check_folders(out.loaded)},
                  {"Privacy", check_privacy(out.loaded)},
                  {"CloudWatch agent", check_agent(out.loaded)},
                  {"Running taps", check_taps(out.running)}};
  if (io.alarms && means_aws(out.loaded)) {
    out.sections.push_back({"Alarms on AWS", io.alarms(arguments, io)});
  }
  return out;
}

/// Calls `use(field, value, origin)` for each field that is not at its default.
template <class Use>
void each_set_field(const config::Loaded& loaded, Use&& use) {
  for (std::size_t i = 0; i < config::fields().size(); ++i) {
    const config::Field& field = config::fields()[i];
    if (loaded.origins[i] == config::Origin::kDefault) continue;
    use(field, config::show(field, loaded.config), loaded.origins[i]);
  }
}

std::string finding_text(const Finding& finding, const Io& io) {
  constexpr std::array<Colour, 3> kColours = {Colour::kGreen, Colour::kYellow, Colour::kRed};
  const std::string word = padded(word_of(finding.level), 4);
  std::string out =
      "  " + coloured(word, kColours[static_cast<std::size_t>(finding.level)], colours(io)) + "  ";
  if (!finding.where.empty()) out += finding.where + ": ";
  out += finding.what + '\n';
  if (!finding.advice.empty()) out += "        " + finding.advice + '\n';
  return out;
}

std::string as_text(const Diagnosis& diagnosis, const Io& io) {
  std::string out = "sonde " + std::string(version()) + "\n";
  for (const Section& section : diagnosis.sections) {
    if (section.findings.empty()) continue;
    out += '\n' + coloured(section.title, Colour::kBold, colours(io)) + '\n';
    for (const Finding& finding : section.findings) out += finding_text(finding, io);
    if (section.title != "Configuration") continue;
    each_set_field(diagnosis.loaded, [&](const config::Field& field, const std::string& value,
                                         config::Origin origin) {
      out += "        " + std::string(field.key) + ": " + printable(value, 256) + "  (" +
             std::string(word_of(origin)) + ")\n";
    });
  }
  out += diagnosis.any(Level::kRed)    ? "\nSomething does not work: see what is red.\n"
         : diagnosis.any(Level::kWarn) ? "\nEverything works; see the warnings.\n"
                                       : "\nEverything works.\n";
  return out;
}

void write_config(JsonWriter& json, const config::Loaded& loaded) {
  json.key("config").begin_object().member("file", loaded.file).key("set").begin_array();
  each_set_field(loaded,
                 [&](const config::Field& field, const std::string& value, config::Origin origin) {
                   json.begin_object().member("key", field.key).member("value", value);
                   json.member("from", word_of(origin)).end_object();
                 });
  json.end_array().key("faults").begin_array();
  for (const config::Fault& fault : loaded.faults) json.string(to_string(fault));
  json.end_array().end_object();
}

std::string as_json(const Diagnosis& diagnosis) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("version", version());
  json.key("ok").boolean(!diagnosis.any(Level::kRed));
  json.member("state_dir", diagnosis.loaded.config.state_dir);
  write_config(json, diagnosis.loaded);
  json.key("findings").begin_array();
  for (const Section& section : diagnosis.sections) {
    for (const Finding& finding : section.findings) {
      json.begin_object().member("section", section.title).member("level", word_of(finding.level));
      json.member("what", finding.what).member("where", finding.where);
      json.member("advice", finding.advice).end_object();
    }
  }
  json.end_array().key("taps").begin_array();
  for (const Tap& tap : diagnosis.running.taps) json.raw(tap.document);
  json.end_array().end_object();
  return out + '\n';
}

int run_doctor(const Arguments& arguments, Io& io) {
  const Diagnosis diagnosis = examine(arguments, io);
  io.out(arguments.has("json") ? as_json(diagnosis) : as_text(diagnosis, io));
  return diagnosis.any(Level::kRed) ? kProblem : kDone;
}

constexpr std::array<Option, 3> kOptions = {{kJsonOption, kStateOption, kConfigOption}};

constexpr std::array<Example, 2> kExamples = {{
    {"sonde doctor", "What is configured, what runs, and what is wrong."},
    {"sonde doctor --json | jq '.findings[] | select(.level == \"red\")'", "Only what is red."},
}};

constexpr std::array<Example, 3> kExitCodes = {{
    {"0", "Nothing is red."},
    {"1", "Something is red."},
    {"2", "The command line is wrong."},
}};

}  // namespace

const Command kDoctorCommand = {
    .name = "doctor",
    .arguments = {},
    .summary = "Find out what is wrong, and what to do about it.",
    .description =
        "Looks at the configuration, folders, keys, the CloudWatch agent and all "
        "running taps: what they have lost and why. Each problem is told with where "
        "it is and what to do. Files that dead taps have left are removed.",
    .options = kOptions,
    .examples = kExamples,
    .exit_codes = kExitCodes,
    .run = run_doctor,
};

}  // namespace sonde::cli
