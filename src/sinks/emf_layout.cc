#include "sinks/emf_layout.h"

#include <algorithm>

#include "base/json_writer.h"

namespace sonde::sinks {
namespace {

constexpr std::string_view kNamespacePunctuation = " ._#:/-";

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool printable(char c) { return c >= 0x20 && c < 0x7f; }

bool blank(std::string_view text) { return text.find_first_not_of(' ') == std::string_view::npos; }

Status check_namespace(std::string_view name) {
  const auto allowed = [](char c) {
    return letter_or_digit(c) || kNamespacePunctuation.find(c) != std::string_view::npos;
  };
  const bool valid = !blank(name) && name.size() <= kEmfNamespaceMax && name.front() != ':' &&
                     std::ranges::all_of(name, allowed);
  if (!valid) {
    return fail(Errc::kInvalidInput,
                "namespace \"" + std::string(name.substr(0, kEmfNamespaceMax)) +
                    "\": 1 to 255 letters, digits and \" ._#:/-\", and no colon first");
  }
  if (name.starts_with("AWS/")) {
    return fail(Errc::kInvalidInput, "namespace \"" + std::string(name) + "\": AWS/ is reserved");
  }
  return {};
}

Status check_name(std::string_view name) {
  const bool valid = !blank(name) && name.size() <= kEmfDimensionNameMax && name.front() != ':' &&
                     std::ranges::all_of(name, printable);
  if (valid) return {};
  return fail(Errc::kInvalidInput, "dimension \"" +
                                       std::string(name.substr(0, kEmfDimensionNameMax)) +
                                       "\": 1 to 250 ASCII characters, and no colon first");
}

void drop_repeated_names(std::vector<std::string>& set) {
  std::vector<std::string> kept;
  for (std::string& name : set) {
    if (std::ranges::find(kept, name) == kept.end()) kept.push_back(std::move(name));
  }
  set = std::move(kept);
}

DimensionSets without_repeated_sets(DimensionSets sets) {
  DimensionSets kept;
  DimensionSets seen;  // Sorted, so that order makes no difference.
  for (std::vector<std::string>& set : sets) {
    std::vector<std::string> sorted = set;
    std::ranges::sort(sorted);
    if (std::ranges::find(seen, sorted) != seen.end()) continue;
    seen.push_back(std::move(sorted));
    kept.push_back(std::move(set));
  }
  return kept;
}

std::string opening_of(std::string_view metric_namespace, const DimensionSets& sets) {
  std::string opening = "\"CloudWatchMetrics\":[";
  JsonWriter json(opening);
  json.begin_object().member("Namespace", metric_namespace).key("Dimensions").begin_array();
  for (const std::vector<std::string>& set : sets) {
    json.begin_array();
    for (const std::string& name : set) json.string(name);
    json.end_array();
  }
  json.end_array().key("Metrics").begin_array();
  return opening;
}

void append_percent(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.push_back('%');
  out.push_back(kDigits[byte >> 4]);
  out.push_back(kDigits[byte & 15U]);
}

}  // namespace

Result<EmfLayout> EmfLayout::make(std::string_view metric_namespace, DimensionSets sets) {
  SONDE_RETURN_IF_ERROR(check_namespace(metric_namespace));
  if (sets.empty()) {
    return fail(Errc::kInvalidInput, "dimensions: at least one set; [[]] is for none");
  }
  for (std::vector<std::string>& set : sets) {
    for (const std::string& name : set) SONDE_RETURN_IF_ERROR(check_name(name));
    drop_repeated_names(set);
    if (set.size() > kEmfDimensionsMax) {
      return fail(Errc::kLimitExceeded, "dimensions: a set of " + std::to_string(set.size()) +
                                            " names, at most " + std::to_string(kEmfDimensionsMax));
    }
  }
  sets = without_repeated_sets(std::move(sets));
  std::string opening = opening_of(metric_namespace, sets);
  return EmfLayout(std::move(opening), std::move(sets));
}

bool EmfLayout::uses(std::string_view dimension) const {
  return std::ranges::any_of(sets_, [dimension](const std::vector<std::string>& set) {
    return std::ranges::find(set, dimension) != set.end();
  });
}

bool append_dimension_value(std::string& out, std::string_view text) {
  if (blank(text)) text = "none";
  // The usual case: nothing to replace.
  if (text.size() <= kEmfDimensionValueMax && std::ranges::all_of(text, printable)) {
    append_json_string(out, text);
    return true;
  }
  std::string value;
  std::size_t used = 0;
  for (; used < text.size(); ++used) {
    const char c = text[used];
    if (value.size() + (printable(c) ? 1U : 3U) > kEmfDimensionValueMax) break;
    if (printable(c)) {
      value.push_back(c);
    } else {
      append_percent(value, c);
    }
  }
  if (blank(value)) value = "none";  // A thousand blanks before the first letter.
  append_json_string(out, value);
  return used == text.size();
}

}  // namespace sonde::sinks
