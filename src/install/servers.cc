#include "install/servers.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/printable.h"

namespace sonde::install {
namespace {

std::string quoted(std::string_view name) { return '`' + printable(name, 64) + '`'; }

/// Finds entries and sorts them by what can be done.
class Finder {
 public:
  explicit Finder(const JsoncDocument& document) : document_(document) {}

  Status search(Layout layout) {
    const auto& root = document_.root();
    if (!root) return {};
    if (root->kind != JsoncToken::kBeginObject) {
      return fail(Errc::kInvalidInput, "holds no JSON object");
    }
    SONDE_RETURN_IF_ERROR(
        search_list(*root, layout == Layout::kServers ? "servers" : "mcpServers", ""));
    if (layout == Layout::kProjects) return search_projects(*root);
    return {};
  }

  std::vector<Server> take() { return std::move(found_); }

 private:
  /// The only member of that name, null if there is none.
  Result<const JsoncMember*> only(const std::vector<JsoncMember>& members, std::string_view key,
                                  std::string_view of) const {
    const JsoncMember* found = nullptr;
    for (const JsoncMember& member : members) {
      if (member.key != key) continue;
      if (found != nullptr) return twice(member, of);
      found = &member;
    }
    return found;
  }

  std::unexpected<Error> twice(const JsoncMember& member, std::string_view of) const {
    const std::string whose = of.empty() ? "" : " in " + quoted(of);
    return fail(Errc::kInvalidInput, place_of(document_.text(), member.key_span.begin) +
                                         ": the key " + quoted(member.key) + " is given twice" +
                                         whose);
  }

  Status search_projects(const JsoncValue& root) {
    const std::vector<JsoncMember> members = document_.members(root);
    const auto projects = only(members, "projects", "");
    if (!projects) return fail(projects.error());
    if (*projects == nullptr) return {};
    for (const JsoncMember& project : document_.members((*projects)->value)) {
      SONDE_RETURN_IF_ERROR(search_list(project.value, "mcpServers", project.key));
    }
    return {};
  }

  Status search_list(const JsoncValue& owner, std::string_view key, const std::string& project) {
    const std::vector<JsoncMember> owned = document_.members(owner);
    const auto list = only(owned, key, project);
    if (!list) return fail(list.error());
    if (*list == nullptr || (*list)->value.kind == JsoncToken::kNull) return {};
    if ((*list)->value.kind != JsoncToken::kBeginObject) {
      return fail(Errc::kInvalidInput, place_of(document_.text(), (*list)->value.span.begin) +
                                           ": " + quoted(key) +
                                           " should be an object, one member for each server");
    }
    const std::vector<JsoncMember> members = document_.members((*list)->value);
    SONDE_RETURN_IF_ERROR(check_names(members, project));
    for (const JsoncMember& member : members) SONDE_RETURN_IF_ERROR(add(member, project));
    return {};
  }

  Status check_names(const std::vector<JsoncMember>& members, const std::string& project) const {
    std::set<std::string_view> names;
    for (const JsoncMember& member : members) {
      if (!names.insert(member.key).second) return twice(member, project);
    }
    return {};
  }

  Status add(const JsoncMember& entry, const std::string& project) {
    Server server;
    server.name = entry.key;
    server.project = project;
    server.reason = "its entry is no object";
    if (entry.value.kind == JsoncToken::kBeginObject) {
      SONDE_RETURN_IF_ERROR(read_entry(entry, server));
    }
    found_.push_back(std::move(server));
    return {};
  }

  Status read_entry(const JsoncMember& entry, Server& server) const {
    const std::vector<JsoncMember> members = document_.members(entry.value);
    const auto command = only(members, "command", entry.key);
    if (!command) return fail(command.error());
    const auto args = only(members, "args", entry.key);
    if (!args) return fail(args.error());
    if (*command != nullptr) server.command = **command;
    if (*args != nullptr) {
      server.args = **args;
      server.words = document_.elements((*args)->value);
    }
    server.reason = objection(members, server);
    if (server.reason.empty()) sort(server);
    return {};
  }

  const JsoncMember* find(const std::vector<JsoncMember>& members, std::string_view key) const {
    const auto found = std::ranges::find(members, key, &JsoncMember::key);
    return found == members.end() ? nullptr : &*found;
  }

  /// Why an entry is not ours to change; empty if it is.
  std::string objection(const std::vector<JsoncMember>& members, const Server& server) const {
    const JsoncMember* const type = find(members, "type");
    const std::string word = type ? document_.string(type->value).value_or("") : "";
    if (!word.empty() && word != "stdio") return "its type is " + quoted(word);
    if (word.empty() && find(members, "url")) return "it has a `url`";
    if (server.command.key.empty()) return "it has no `command`";
    const auto command = document_.string(server.command.value);
    if (!command || command->empty()) return "its `command` is no text";
    if (server.args && server.args->value.kind != JsoncToken::kBeginArray) {
      return "its `args` is no list";
    }
    // VS Code then insists that the command itself is node or debugpy's Python.
    const JsoncMember* const dev = find(members, "dev");
    if (dev && find(document_.members(dev->value), "debug")) return "it is set up for debugging";
    return wrapped(*command, server) ? "it runs through sonde already" : "";
  }

  bool wrapped(std::string_view command, const Server& server) const {
    const std::string_view program = command.substr(command.rfind('/') + 1);
    return program == "sonde" && !server.words.empty() &&
           document_.string(server.words.front().value) == "wrap";
  }

  void sort(Server& server) const {
    if (!document_.string(server.command.value).value_or("").ends_with(kLauncherTail)) {
      server.state = ServerState::kPlain;
      return;
    }
    server.state = ServerState::kBroken;
    server.reason = "it starts the launcher, but its `args` do not hold the original command";
    for (std::size_t i = 0; i + 1 < server.words.size(); ++i) {
      const auto word = document_.string(server.words[i].value);
      if (!word || !word->starts_with("--")) return;
      if (*word != "--") continue;
      if (!document_.string(server.words[i + 1].value)) return;
      server.state = ServerState::kInstalled;
      server.reason.clear();
      server.original = i + 1;
      return;
    }
  }

  const JsoncDocument& document_;
  std::vector<Server> found_;
};

}  // namespace

Result<std::vector<Server>> find_servers(const JsoncDocument& document, Layout layout) {
  Finder finder(document);
  SONDE_RETURN_IF_ERROR(finder.search(layout));
  return finder.take();
}

}  // namespace sonde::install
