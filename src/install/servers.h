#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "install/jsonc_document.h"

namespace sonde::install {

/// Where a client's file keeps its servers.
enum class Layout : std::uint8_t {
  kMcpServers,  ///< `mcpServers`
  kProjects,    ///< `mcpServers`, and the same below `projects` → folder
  kServers,     ///< `servers`
};

/// What can be done with one entry.
enum class ServerState : std::uint8_t {
  kPlain,      ///< A program that can be made to run through the launcher.
  kInstalled,  ///< It does.
  kOther,      ///< Not ours to change; `reason` says why.
  kBroken,     ///< It starts the launcher, but what it started before is not told.
};

/// One entry of a file.
///
/// Lifetime.  Places are those of the document that it was found in.
struct Server {
  std::string name;
  std::string project;  ///< The key below `projects`; empty: for all of them.
  ServerState state = ServerState::kOther;
  std::string reason;
  JsoncMember command;
  std::optional<JsoncMember> args;
  std::vector<JsoncElement> words;  ///< Of args.

  /// Of kInstalled: the index of the original command among the words, behind `--`.
  std::size_t original = 0;
};

/// The end of every launcher's path, by which an installed entry is known.
inline constexpr std::string_view kLauncherTail = "/sonde/launch";
/// The word by which the entry remembers that it had no `args`.
inline constexpr std::string_view kArgsAdded = "--args-added";

/// All entries of a file, in its order.
///
/// Failure.  kInvalidInput where something else stands where servers should, or where a key
/// that matters is given twice: which of them counts is the client's business.
Result<std::vector<Server>> find_servers(const JsoncDocument& document, Layout layout);

}  // namespace sonde::install
