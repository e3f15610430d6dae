#include "jsonrpc/splice.h"

#include "base/json_reader.h"

namespace sonde::jsonrpc {
namespace {

constexpr std::string_view kTraceparent = "traceparent";

std::string join(std::string_view before, std::string_view members, std::string_view behind) {
  std::string text;
  text.reserve(before.size() + members.size() + behind.size());
  return text.append(before).append(members).append(behind);
}

}  // namespace

std::string splice_text(const SpliceSite& site, std::string_view members) {
  if (members.empty()) return {};
  switch (site.form) {
    case SpliceSite::Form::kAfterMetaOpen:
      return join("", members, site.empty ? "" : ",");
    case SpliceSite::Form::kBeforeParamsEnd:
      return join(site.empty ? R"("_meta":{)" : R"(,"_meta":{)", members, "}");
    case SpliceSite::Form::kBeforeMessageEnd:
      return join(R"(,"params":{"_meta":{)", members, "}}");
  }
  return {};
}

bool has_traceparent(std::string_view meta) {
  // The usual answer is no, and without an escape a search is enough for that.
  if (!meta.contains(kTraceparent) && !meta.contains('\\')) return false;
  return find_member(meta, kTraceparent).has_value();
}

}  // namespace sonde::jsonrpc
