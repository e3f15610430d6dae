// Property: installing and then restoring is the identity (but for entries that were
// installed before), installing twice is installing once, and of the edited text's values
// only those differ that should: the rest is told apart by a model that knows nothing of
// places, spelling or comments.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "install/rewrite_for_test.h"

namespace {

using namespace sonde::install;

void require(bool holds) {
  if (!holds) std::abort();
}

/// A value without its spelling: members in order, scalars as they stand.
std::string model(const JsoncDocument& document, const JsoncValue& value) {
  if (value.kind == JsoncToken::kString) return "s:" + *document.string(value) + '\0';
  if (value.kind == JsoncToken::kBeginArray) {
    std::string out = "[";
    for (const JsoncElement& one : document.elements(value)) out += model(document, one.value);
    return out + "]";
  }
  if (value.kind != JsoncToken::kBeginObject) return std::string(document.raw(value.span)) + '\0';
  std::string out = "{";
  for (const JsoncMember& one : document.members(value)) {
    out += one.key + '\0' + model(document, one.value);
  }
  return out + "}";
}

/// What an entry starts, whether it goes through the launcher or not, and all else it holds.
std::string meaning(const JsoncDocument& document, const Server& server) {
  const bool installed = server.state == ServerState::kInstalled;
  if (!installed && server.state != ServerState::kPlain) return server.reason;
  std::string out;
  if (!installed) out += model(document, server.command.value);
  for (std::size_t i = installed ? server.original : 0; i < server.words.size(); ++i) {
    out += model(document, server.words[i].value);
  }
  return out;
}

/// Every server starts what it started before.
void require_same_meaning(std::string_view before, std::string_view after, Layout layout) {
  const auto old_document = JsoncDocument::parse(before);
  const auto new_document = JsoncDocument::parse(after);
  require(old_document && new_document);
  const auto old_servers = find_servers(*old_document, layout);
  const auto new_servers = find_servers(*new_document, layout);
  require(old_servers && new_servers && old_servers->size() == new_servers->size());
  for (std::size_t i = 0; i < old_servers->size(); ++i) {
    const Server& was = (*old_servers)[i];
    const Server& is = (*new_servers)[i];
    require(was.name == is.name && was.project == is.project);
    require(meaning(*old_document, was) == meaning(*new_document, is));
    require(is.state == (was.state == ServerState::kPlain ? ServerState::kInstalled : was.state));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto layout = static_cast<Layout>(data[0] % 3);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);

  const auto restored = rewritten(text, layout, false);
  const auto installed = rewritten(text, layout, true);
  require(restored.has_value() == installed.has_value());
  if (!installed) return 0;
  require(rewritten(*installed, layout, true) == installed);
  require(rewritten(*installed, layout, false) == restored);
  require_same_meaning(text, *installed, layout);
  const auto document = JsoncDocument::parse(*restored);
  require(document.has_value());
  // With nothing installed before, restoring changes nothing: the round trip is the identity.
  if (text.find("sonde/launch") == std::string_view::npos &&
      text.find('\\') == std::string_view::npos) {
    require(*restored == text);
  }
  return 0;
}
