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

/// The member `key` of a canary as it stands in the file.
inline std::string_view member(std::string_view object, std::string_view key,
                               std::string_view otherwise) {
  return find_member(object, key).value_or(otherwise);
}

inline std::vector<std::string> strings(std::string_view array) {
  std::vector<std::string> all;
  for (JsonElements part(array); part.next();) {
    all.push_back(json_string(part.value()).value_or(""));
  }
  return all;
}

inline std::string joined(std::string_view parts) {
  std::string text;
  for (const std::string& part : strings(parts)) text += part;
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
    canary.kind = json_string(member(object, "kind", "\"?\"")).value_or("?");
    canary.secret = member(object, "secret", "true") == "true";
    canary.value = joined(member(object, "value_parts", "[]"));
    canary.text = joined(member(object, "text_parts", R"(["{}"])"));
    canary.text.replace(canary.text.find("{}"), 2, canary.value);
    canary.in = strings(member(object, "in", "[]"));
    all.push_back(std::move(canary));
  }
  return all;
}

}  // namespace sonde::privacy
