#include "mcp/known_tools.h"

#include "base/json_reader.h"

namespace sonde::mcp {
namespace {

// As the scanner keeps of params.name.
constexpr std::size_t kNameBytesMax = 1024;

}  // namespace

void KnownTools::learn(std::string_view tools, bool first_page) {
  if (stale_ && first_page) {
    names_.clear();
    stale_ = false;
  }
  // One pass over what may be a megabyte: the name of a tool is a member at depth 2.
  JsonReader reader(tools);
  if (reader.next() != JsonToken::kBeginArray) return;
  for (JsonToken token = reader.next(); token != JsonToken::kError && token != JsonToken::kEnd;
       token = reader.next()) {
    if (token != JsonToken::kKey || reader.depth() != 2) continue;
    if (!key_equals(reader.raw(), "name")) continue;
    if (reader.next() != JsonToken::kString || names_.size() >= names_max_) continue;
    std::string name;
    append_unescaped(name, reader.raw());
    if (name.size() <= kNameBytesMax) names_.insert(std::move(name));
  }
}

}  // namespace sonde::mcp
