#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "install/clients.h"
#include "install/rewrite.h"

namespace sonde::install {

enum class Action : std::uint8_t { kInstall, kUninstall };

/// What is asked for.  Empty optionals: all of them.
struct Request {
  Action action = Action::kInstall;
  std::optional<Client> client{};
  std::optional<Scope> scope{};
  std::optional<std::string> server{};
  bool dry_run = false;
};

/// Where things are.
struct Place {
  std::string home;
  std::string project;             ///< The folder whose project files are meant.
  std::string data_dir;            ///< Of sonde: launcher and backups.
  std::string sonde;               ///< The program that the launcher starts.
  std::vector<std::string> flags;  ///< That every `sonde wrap` needs here.
  config::Lookup lookup;

  std::string launcher() const { return data_dir + "/launch"; }
};

enum class Change : std::uint8_t { kInstalled, kUpdated, kUnchanged, kRestored, kLeftAlone };

struct ServerOutcome {
  std::string name;
  std::string project;
  Change change = Change::kLeftAlone;
  std::string detail;  ///< Its command as it may be shown, or why it was left alone.
};

enum class FileState : std::uint8_t { kAbsent, kUnchanged, kChanged, kRefused };

struct FileOutcome {
  ClientFile file;
  FileState state = FileState::kAbsent;
  std::string problem{};  ///< Of kRefused.
  std::string backup{};   ///< The copy of the file as it was before the first change.
  std::string diff{};     ///< Of a dry run.
  std::vector<ServerOutcome> servers{};
};

struct Outcome {
  bool dry_run = false;
  std::string launcher;  ///< Its path, if any server runs through it now.
  std::vector<FileOutcome> files;
};

/// Makes servers run through sonde, or takes it back, in the files of all clients asked for.
///
/// Each file is changed at once or not at all; one that cannot be read or written does not
/// keep the others from being done.  The launcher is written before the first file that
/// names it; it stays when servers are restored, because other projects may start theirs
/// by it.  Before the first change of a file a copy of it goes to `<data_dir>/backups`;
/// it goes away when the file is again what the copy is.
///
/// Failure.  Of the whole only if the launcher cannot be made; of one file: kRefused.
/// Threads, processes.  Two at a time wait for each other.
Result<Outcome> run(const Request& request, const Place& place);

}  // namespace sonde::install
