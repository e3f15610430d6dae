#include "aws/pretty_json.h"

#include <cstddef>

#include "base/json_reader.h"

namespace sonde::aws {
namespace {

constexpr std::size_t kShort = 72;

void append(std::string& out, std::string_view value, std::size_t indent);

void new_line(std::string& out, std::size_t indent) {
  out.push_back('\n');
  out.append(indent, ' ');
}

void append_object(std::string& out, std::string_view value, std::size_t indent) {
  out.push_back('{');
  bool first = true;
  JsonMembers members(value);
  while (members.next()) {
    if (!first) out.push_back(',');
    first = false;
    new_line(out, indent + 2);
    out.append("\"").append(members.key()).append("\": ");
    append(out, members.value(), indent + 2);
  }
  new_line(out, indent);
  out.push_back('}');
}

void append_array(std::string& out, std::string_view value, std::size_t indent) {
  out.push_back('[');
  bool first = true;
  JsonElements elements(value);
  while (elements.next()) {
    if (!first) out.push_back(',');
    first = false;
    new_line(out, indent + 2);
    append(out, elements.value(), indent + 2);
  }
  new_line(out, indent);
  out.push_back(']');
}

/// Recursion: as deep as the value, which we have written ourselves.
void append(std::string& out, std::string_view value, std::size_t indent) {
  const bool is_long = value.size() > kShort;
  if (is_long && value.front() == '{') {
    append_object(out, value, indent);
  } else if (is_long && value.front() == '[') {
    append_array(out, value, indent);
  } else {
    out.append(value);
  }
}

}  // namespace

std::string pretty_json(std::string_view json) {
  std::string out;
  append(out, json, 0);
  out.push_back('\n');
  return out;
}

}  // namespace sonde::aws
