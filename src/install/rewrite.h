#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "install/servers.h"
#include "install/text_edit.h"

namespace sonde::install {

/// How an entry starts its server through the launcher.
struct Launch {
  std::string launcher;            ///< Its absolute path.
  std::vector<std::string> flags;  ///< Of `sonde wrap` for every server.
};

/// The edits that make an entry run through the launcher; none if it does so already.
///
///     "command": "npx",                  "command": "/home/u/.local/share/sonde/launch",
///     "args": ["-y", "some-server"]      "args": ["--name=key", "--", "npx", "-y", "some-server"]
///
/// The command keeps its spelling, and everything that the original was is still in the
/// entry, so that it can be taken back without any other memory of it.
/// REQUIRES: the server is kPlain or kInstalled.
std::vector<TextEdit> install_edits(const JsoncDocument& document, const Server& server,
                                    const Launch& launch);

/// The edits that take it back.  Whatever else was changed in between stays changed.
/// REQUIRES: the server is kInstalled.
std::vector<TextEdit> uninstall_edits(const JsoncDocument& document, const Server& server);

/// `--name=KEY`, or nothing if `sonde wrap` would refuse the name, or the client would read
/// it as a variable.
std::string name_flag(std::string_view key);

}  // namespace sonde::install
