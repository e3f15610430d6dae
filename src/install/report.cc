#include "install/report.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "base/nearest.h"
#include "base/printable.h"
#include "config/fault.h"

namespace sonde::install {
namespace {

constexpr std::array<std::string_view, 5> kChanges = {"installed", "updated", "unchanged",
                                                      "restored", "left alone"};
constexpr std::array<std::string_view, 4> kStates = {"absent", "unchanged", "changed", "refused"};
constexpr std::size_t kDetailMax = 100;

std::string_view word_of(Change change) { return kChanges[static_cast<std::size_t>(change)]; }
std::string_view word_of(FileState state) { return kStates[static_cast<std::size_t>(state)]; }

bool changes(const ServerOutcome& server) {
  return server.change != Change::kUnchanged && server.change != Change::kLeftAlone;
}

std::string head_of(const FileOutcome& out) {
  return std::string(name_of(out.file.client)) + " (" + std::string(name_of(out.file.scope)) +
         ")  " + printable(out.file.path);
}

std::string line_of(const ServerOutcome& server, bool dry_run) {
  std::string word(word_of(server.change));
  if (dry_run && changes(server)) word = "would be " + word;
  word.resize(std::max<std::size_t>(word.size(), dry_run ? 18 : 10), ' ');
  std::string name = printable(server.name, 64);
  name.resize(std::max<std::size_t>(name.size(), 16), ' ');
  std::string out = "  " + word + "  " + name + "  " + printable(server.detail, kDetailMax);
  if (!server.project.empty()) out += "  (project " + printable(server.project) + ')';
  return out + '\n';
}

std::string file_text(const FileOutcome& out, const Outcome& outcome, const Request& request) {
  if (out.state == FileState::kAbsent) return {};
  if (out.state == FileState::kRefused) {
    return head_of(out) + "\n  not changed: " + printable(out.problem, 300) + '\n';
  }
  if (out.servers.empty()) {
    return request.server ? std::string() : head_of(out) + "\n  no servers\n";
  }
  std::string text = head_of(out) + '\n';
  for (const ServerOutcome& server : out.servers) text += line_of(server, outcome.dry_run);
  if (!out.backup.empty()) text += "  as it was before: " + printable(out.backup) + '\n';
  return text + out.diff;
}

std::vector<std::string_view> names(const Outcome& outcome) {
  std::vector<std::string_view> all;
  for (const FileOutcome& file : outcome.files) {
    for (const ServerOutcome& server : file.servers) all.push_back(server.name);
  }
  return all;
}

bool any(const Outcome& outcome, auto&& of) {
  return std::ranges::any_of(outcome.files, [&](const FileOutcome& file) {
    return std::ranges::any_of(file.servers,
                               [&](const ServerOutcome& server) { return of(file, server); });
  });
}

/// What a person should do now.
std::string advice(const Outcome& outcome, const Request& request) {
  const bool install = request.action == Action::kInstall;
  std::string text;
  const bool changed =
      any(outcome, [](const auto&, const auto& server) { return changes(server); });
  if (outcome.dry_run) return changed ? "Nothing was changed: this was a dry run.\n" : text;
  if (changed) text += "Restart the client, or its servers, to use this.\n";
  if (install && any(outcome, [](const auto& file, const auto& server) {
        return file.file.scope == Scope::kProject && changes(server);
      })) {
    text +=
        "A project's file now names your home folder: do not commit it, or run `sonde uninstall "
        "--scope project` before.\n";
  }
  return text;
}

}  // namespace

std::string as_text(const Outcome& outcome, const Request& request) {
  std::string text;
  for (const FileOutcome& file : outcome.files) text += file_text(file, outcome, request);
  if (request.server && names(outcome).empty()) {
    return text + "No file has a server `" + printable(*request.server, 64) + "`.\n";
  }
  if (text.empty()) return "No client's file was found.\n";
  return text + advice(outcome, request);
}

std::string as_json(const Outcome& outcome, const Request& request) {
  std::string text;
  for (const FileOutcome& file : outcome.files) {
    JsonWriter json(text);
    json.begin_object();
    json.member("action", request.action == Action::kInstall ? "install" : "uninstall");
    json.key("dry_run").boolean(outcome.dry_run);
    json.member("client", name_of(file.file.client)).member("scope", name_of(file.file.scope));
    json.member("file", file.file.path).member("state", word_of(file.state));
    if (!file.problem.empty()) json.member("problem", file.problem);
    if (!file.backup.empty()) json.member("backup", file.backup);
    if (!outcome.launcher.empty()) json.member("launcher", outcome.launcher);
    json.key("servers").begin_array();
    for (const ServerOutcome& server : file.servers) {
      json.begin_object().member("name", server.name);
      if (!server.project.empty()) json.member("project", server.project);
      json.member("change", word_of(server.change)).member("detail", server.detail).end_object();
    }
    json.end_array();
    if (!file.diff.empty()) json.member("diff", file.diff);
    json.end_object();
    text += '\n';
  }
  return text;
}

bool succeeded(const Outcome& outcome, const Request& request) {
  if (request.server && names(outcome).empty()) return false;
  return std::ranges::none_of(
      outcome.files, [](const FileOutcome& file) { return file.state == FileState::kRefused; });
}

}  // namespace sonde::install
