#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace sonde::proxy {

/// A body of HTTP is one text whatever newlines are in it, but a Scanner takes a newline for the
/// end of a message.  `body` with blanks in their place: a view of it, or of `copy` if there are
/// any.  (Within a JSON string there can be none.)
inline std::string_view blank_newlines(std::string_view body, std::string& copy) {
  if (!body.contains('\n')) return body;
  copy.assign(body);
  std::ranges::replace(copy, '\n', ' ');
  return copy;
}

}  // namespace sonde::proxy
