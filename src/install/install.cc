#include "install/install.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/utf8.h"
#include "install/backup.h"
#include "install/diff.h"
#include "install/launcher.h"
#include "install/masked.h"
#include "install/owned_file.h"
#include "privacy/redactor.h"

namespace sonde::install {
namespace {

/// What is to be done with one file.
struct Plan {
  std::vector<TextEdit> edits;
  std::vector<ServerOutcome> servers;
  bool fresh = true;  ///< No entry runs through the launcher yet.
};

bool asked_for(const Request& request, const Server& server) {
  return !request.server || *request.server == server.name;
}

/// One run over the files of all clients.
class Run {
 public:
  Run(const Request& request, const Place& place, privacy::Redactor& redactor)
      : request_(request),
        place_(place),
        redactor_(redactor),
        launch_{.launcher = place.launcher(), .flags = place.flags} {}

  Result<Outcome> run() {
    outcome_.dry_run = request_.dry_run;
    for (const ClientFile& file : client_files(place_.home, place_.project, place_.lookup)) {
      if (request_.client && *request_.client != file.client) continue;
      if (request_.scope && *request_.scope != file.scope) continue;
      FileOutcome out{.file = file};
      Status done = handle(out);
      if (!done && launcher_failed_) return fail(std::move(done).error());
      if (!done) {
        out.state = FileState::kRefused;
        out.problem = done.error().message();
        out.servers.clear();
      }
      outcome_.files.push_back(std::move(out));
    }
    return std::move(outcome_);
  }

 private:
  Status handle(FileOutcome& out) {
    auto read = read_owned(out.file.path);
    if (!read) return fail(std::move(read).error());
    const OwnedFile& file = *read;
    if (!file.exists) return {};
    const auto document = JsoncDocument::parse(file.text);
    if (!document) return fail(document.error());
    const auto servers = find_servers(*document, out.file.layout);
    if (!servers) return fail(servers.error());

    Plan plan = make_plan(*document, *servers);
    out.servers = std::move(plan.servers);
    out.state = plan.edits.empty() ? FileState::kUnchanged : FileState::kChanged;
    if (runs_through_launcher(out)) SONDE_RETURN_IF_ERROR(provide_launcher());
    if (plan.edits.empty()) return {};
    const std::string text = edited(file.text, plan.edits);
    if (request_.dry_run) return show(*document, *servers, text, plan.edits, out);
    return apply(file, text, plan.fresh, out);
  }

  Plan make_plan(const JsoncDocument& document, const std::vector<Server>& servers) {
    Plan plan;
    for (const Server& server : servers) {
      if (server.state == ServerState::kInstalled) plan.fresh = false;
      if (!asked_for(request_, server)) continue;
      std::vector<TextEdit> edits = edits_of(document, server);
      plan.servers.push_back(outcome_of(document, server, !edits.empty()));
      std::ranges::move(edits, std::back_inserter(plan.edits));
    }
    std::ranges::sort(plan.edits, {}, [](const TextEdit& edit) { return edit.span.begin; });
    return plan;
  }

  std::vector<TextEdit> edits_of(const JsoncDocument& document, const Server& server) const {
    const bool installed = server.state == ServerState::kInstalled;
    if (request_.action == Action::kUninstall) {
      return installed ? uninstall_edits(document, server) : std::vector<TextEdit>();
    }
    const bool ours = installed || server.state == ServerState::kPlain;
    return ours ? install_edits(document, server, launch_) : std::vector<TextEdit>();
  }

  ServerOutcome outcome_of(const JsoncDocument& document, const Server& server, bool edits) {
    ServerOutcome out{.name = server.name, .project = server.project, .detail = server.reason};
    if (server.state == ServerState::kOther || server.state == ServerState::kBroken) return out;
    const bool installed = server.state == ServerState::kInstalled;
    if (request_.action == Action::kUninstall) {
      out.change = installed ? Change::kRestored : Change::kUnchanged;
    } else {
      out.change = !edits ? Change::kUnchanged : installed ? Change::kUpdated : Change::kInstalled;
    }
    out.detail = shown_server(document, server, redactor_);
    return out;
  }

  bool runs_through_launcher(const FileOutcome& out) const {
    return request_.action == Action::kInstall &&
           std::ranges::any_of(out.servers, [](const ServerOutcome& server) {
             return server.change != Change::kLeftAlone;
           });
  }

  /// Once a run, and again if it has the same bytes already: it may have been removed.
  Status provide_launcher() {
    if (!outcome_.launcher.empty()) return {};
    Status written = write_launcher();
    launcher_failed_ = !written;
    if (written) outcome_.launcher = launch_.launcher;
    return written;
  }

  Status write_launcher() const {
    if (!valid_utf8(launch_.launcher) || launch_.launcher.find("${") != std::string::npos) {
      return fail(
          Errc::kInvalidInput,
          "the launcher's path cannot be written into a client's file: " + launch_.launcher);
    }
    const auto program = launcher_program(place_.sonde);
    if (!program) return fail(program.error());
    if (request_.dry_run) return {};
    Status written = write_own(launch_.launcher, *program, 0755);
    if (!written) return fail(std::move(written).error().within(launch_.launcher));
    return {};
  }

  Status show(const JsoncDocument& document, const std::vector<Server>& servers,
              const std::string& text, const std::vector<TextEdit>& edits, FileOutcome& out) {
    const auto after = JsoncDocument::parse(text);
    if (!after)
      return fail(Errc::kInternal, "the edited text is no JSON: " + after.error().message());
    const auto servers_after = find_servers(*after, out.file.layout);
    if (!servers_after) return fail(servers_after.error());
    const std::string shown = masked(document, servers, redactor_);
    const std::string shown_after = masked(*after, *servers_after, redactor_);
    out.diff = unified_diff(out.file.path, {.text = document.text(), .shown = shown},
                            {.text = text, .shown = shown_after}, edits);
    return {};
  }

  Status apply(const OwnedFile& file, const std::string& text, bool fresh, FileOutcome& out) {
    const std::string backup = backup_path(place_.data_dir, file.target);
    if (request_.action == Action::kInstall && fresh) {
      SONDE_RETURN_IF_ERROR(keep_backup(backup, file.text));
    }
    SONDE_RETURN_IF_ERROR(replace_owned(file, text));
    if (request_.action == Action::kUninstall) drop_backup(backup, text);
    if (access(backup.c_str(), F_OK) == 0) out.backup = backup;
    return {};
  }

  const Request& request_;
  const Place& place_;
  privacy::Redactor& redactor_;
  Launch launch_;
  Outcome outcome_;
  bool launcher_failed_ = false;
};

/// Held as long as it lives; none if nothing of sonde is there yet and nothing may be made.
Result<Fd> lock(const Request& request, const Place& place) {
  if (request.dry_run) return Fd();
  SONDE_RETURN_IF_ERROR(make_own_folder(place.data_dir));
  const std::string name = place.data_dir + "/install.lock";
  // Opened, never replaced: everybody must hold the same file.
  Fd fd(open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd || flock(fd.get(), LOCK_EX) != 0) {
    return fail(Errc::kInternal, name + ": " + std::generic_category().message(errno));
  }
  return fd;
}

}  // namespace

Result<Outcome> run(const Request& request, const Place& place) {
  const auto redactor = privacy::Redactor::make({});
  if (!redactor) return fail(redactor.error());
  const auto held = lock(request, place);
  if (!held) return fail(held.error());
  return Run(request, place, **redactor).run();
}

}  // namespace sonde::install
