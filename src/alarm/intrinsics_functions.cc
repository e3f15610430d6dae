// The intrinsic functions that need more than a name, and those of conditions.
#include <algorithm>
#include <charconv>
#include <utility>

#include "alarm/check_internal.h"
#include "alarm/intrinsics_internal.h"
#include "alarm/intrinsics_parts_internal.h"
#include "base/json_reader.h"

namespace sonde::alarm {

Result<std::string> Intrinsics::choose(std::string_view argument) {
  const auto list = arguments(argument, 3, 3);
  if (!list) return fail(list.error());
  const auto name = json_string(list->at(0));
  if (!name) return invalid("Fn::If takes the name of a condition");
  const auto holds = condition(*name);
  if (!holds) return fail(holds.error());
  return value(list->at(*holds ? 1 : 2));
}

Result<std::string> Intrinsics::join(std::string_view argument) {
  const auto list = arguments(argument, 2, 2);
  if (!list) return fail(list.error());
  auto separator = text(list->at(0));
  if (!separator) return separator;
  auto parts = value(list->at(1));
  if (!parts) return parts;
  std::string joined;
  JsonElements elements(*parts);
  bool first = true;
  while (elements.next()) {
    auto part = text(elements.value());
    if (!part) return part;
    joined.append(std::exchange(first, false) ? "" : *separator).append(*part);
    if (joined.size() > kTemplateTextMax) return invalid("Fn::Join makes more than 64 KiB");
  }
  if (!elements.ok()) return invalid("Fn::Join takes an array of texts");
  SONDE_RETURN_IF_ERROR(spend(joined.size()));
  return quoted(joined);
}

Result<std::string> Intrinsics::select(std::string_view argument) {
  const auto list = arguments(argument, 2, 2);
  if (!list) return fail(list.error());
  auto index = text(list->at(0));
  if (!index) return index;
  std::size_t wanted = 0;
  const char* const end = index->data() + index->size();
  if (std::from_chars(index->data(), end, wanted).ptr != end || index->empty()) {
    return invalid("Fn::Select takes a number first");
  }
  auto values = value(list->at(1));
  if (!values) return values;
  JsonElements elements(*values);
  for (std::size_t i = 0; elements.next(); ++i) {
    if (i == wanted) return std::string(elements.value());
  }
  return invalid("Fn::Select finds no element " + *index);
}

/// "text" or ["text", {"Name": value}]
Result<std::string> Intrinsics::substitute(std::string_view argument) {
  std::map<std::string, std::string> values;
  auto pattern = json_string(argument);
  if (!pattern) {
    const auto list = arguments(argument, 2, 2);
    if (!list) return fail(list.error());
    pattern = json_string(list->at(0));
    JsonMembers members(list->at(1));
    while (members.next()) {
      auto one = text(members.value());
      if (!one) return one;
      values[unescaped(members.key())] = std::move(*one);
    }
    if (!pattern || !members.ok()) return invalid("Fn::Sub takes a text, and values for its names");
  }
  auto result = substitute_text(*pattern, values);
  if (!result) return result;
  SONDE_RETURN_IF_ERROR(spend(result->size()));
  return quoted(*result);
}

Result<std::string> Intrinsics::substitute_text(std::string_view pattern,
                                                const std::map<std::string, std::string>& values) {
  std::string out;
  while (!pattern.empty()) {
    const std::size_t begin = std::min(pattern.find("${"), pattern.size());
    out.append(pattern.substr(0, begin));
    if (out.size() > kTemplateTextMax) return invalid("Fn::Sub makes more than 64 KiB");
    pattern.remove_prefix(begin);
    if (pattern.empty()) break;
    const std::size_t end = pattern.find('}');
    if (end == std::string_view::npos) return invalid("Fn::Sub has a ${ without its }");
    const std::string name(pattern.substr(2, end - 2));
    pattern.remove_prefix(end + 1);
    if (name.starts_with('!')) {
      out.append("${").append(name.substr(1)).append("}");
      continue;
    }
    if (const auto given = values.find(name); given != values.end()) {
      out.append(given->second);
      continue;
    }
    const std::size_t dot = name.find('.');
    const auto found = dot == std::string::npos
                           ? reference_text(name)
                           : attribute_of(name.substr(0, dot), name.substr(dot + 1));
    if (!found) return found;
    out.append(*found);
  }
  return out;
}

Result<bool> Intrinsics::condition(std::string_view name) {
  if (const auto known = tested_.find(name); known != tested_.end()) return known->second;
  const auto found = conditions_.find(name);
  if (found == conditions_.end()) {
    return invalid("no condition " + with_nearest(name, keys_of(conditions_)));
  }
  const std::string mark = "condition " + found->first;
  if (!open_.insert(mark).second) return invalid("condition `" + found->first + "` needs itself");
  const auto holds = test(found->second);
  open_.erase(mark);
  if (holds) tested_[found->first] = *holds;
  return holds;
}

Result<bool> Intrinsics::test(std::string_view raw) {
  if (depth_ >= kDepthMax) return invalid("conditions nest too deeply");
  const Level level(depth_);
  SONDE_RETURN_IF_ERROR(spend(1));
  JsonMembers members(raw);
  if (!members.next()) return invalid("a condition is a function of conditions");
  return test_call(unescaped(members.key()), members.value());
}

Result<bool> Intrinsics::test_call(std::string_view function, std::string_view argument) {
  if (function == "Condition") {
    const auto name = json_string(argument);
    if (!name) return invalid("Condition takes a name");
    return condition(*name);
  }
  if (function == "Fn::Equals") return equals(argument);
  const bool all = function == "Fn::And";
  const bool negated = function == "Fn::Not";
  if (!all && !negated && function != "Fn::Or") {
    return invalid(
        std::string(function) +
        " is no condition; there are Fn::And, Fn::Equals, Fn::Not, Fn::Or and Condition");
  }
  const auto list = arguments(argument, 1, negated ? 1 : 10);
  if (!list) return fail(list.error());
  bool result = all;
  for (const std::string& one : *list) {
    const auto holds = test(one);
    if (!holds) return holds;
    result = all ? result && *holds : result || *holds;
  }
  return result != negated;
}

Result<bool> Intrinsics::equals(std::string_view argument) {
  const auto list = arguments(argument, 2, 2);
  if (!list) return fail(list.error());
  const auto left = text(list->at(0));
  if (!left) return fail(left.error());
  const auto right = text(list->at(1));
  if (!right) return fail(right.error());
  return *left == *right;
}

}  // namespace sonde::alarm
