#include "install/text_edit.h"

#include "base/check.h"

namespace sonde::install {

std::string edited(std::string_view text, std::span<const TextEdit> edits) {
  std::string out;
  std::size_t at = 0;
  for (const TextEdit& edit : edits) {
    SONDE_CHECK(edit.span.begin >= at && edit.span.end <= text.size());
    out.append(text, at, edit.span.begin - at);
    out.append(edit.text);
    at = edit.span.end;
  }
  out.append(text.substr(at));
  return out;
}

}  // namespace sonde::install
