#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"

namespace sonde::privacy {

/// A secret or something personal that must not be found where it has no business.
struct Canary {
  std::string kind;
  bool secret = false;  ///< A credential: must vanish even while content is captured.
  std::string value;    ///< What must not be found.
  std::string text;     ///< What is planted: holds the value.
  std::vector<std::string> in;

  bool goes_in(std::string_view where) const { return std::ranges::find(in, where) != in.end(); }
};

inline std::string joined(std::string_view parts) {
  std::string text;
  for (JsonElements part(parts); part.next();) text += json_string(part.value()).value_or("");
  return text;
}

/// tests/canary/canaries.json.  Values are in parts there, so that no scanner of
/// repositories takes them for real.
inline std::vector<Canary> canaries() {
  std::ifstream file(SONDE_CANARIES);
  const std::string json((std::istreambuf_iterator<char>(file)), {});
  std::vector<Canary> all;
  for (JsonElements element(json); element.next();) {
    const std::string_view object = element.value();
    Canary canary;
    canary.kind = json_string(*find_member(object, "kind")).value();
    canary.secret = *find_member(object, "secret") == "true";
    canary.value = joined(*find_member(object, "value_parts"));
    canary.text = joined(find_member(object, "text_parts").value_or(R"(["{}"])"));
    canary.text.replace(canary.text.find("{}"), 2, canary.value);
    for (JsonElements where(*find_member(object, "in")); where.next();) {
      canary.in.push_back(*json_string(where.value()));
    }
    all.push_back(std::move(canary));
  }
  return all;
}

}  // namespace sonde::privacy
