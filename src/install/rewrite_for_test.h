#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "install/rewrite.h"
#include "install/servers.h"

// For the tests and the fuzzer of this module.

namespace sonde::install {

inline Launch launch_for_test() {
  return {.launcher = "/home/u/.local/share/sonde/launch", .flags = {}};
}

/// The text with all its servers installed, or restored; nothing if it is refused.
inline std::optional<std::string> rewritten(std::string_view text, Layout layout, bool install,
                                            const Launch& launch = launch_for_test()) {
  const auto document = JsoncDocument::parse(text);
  if (!document) return std::nullopt;
  const auto servers = find_servers(*document, layout);
  if (!servers) return std::nullopt;
  std::vector<TextEdit> edits;
  for (const Server& server : *servers) {
    const bool installed = server.state == ServerState::kInstalled;
    std::vector<TextEdit> more;
    if (install && (installed || server.state == ServerState::kPlain)) {
      more = install_edits(*document, server, launch);
    } else if (!install && installed) {
      more = uninstall_edits(*document, server);
    }
    edits.insert(edits.end(), more.begin(), more.end());
  }
  std::ranges::sort(edits, {}, [](const TextEdit& edit) { return edit.span.begin; });
  return edited(text, edits);
}

}  // namespace sonde::install
