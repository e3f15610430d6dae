#include "privacy/json_paths.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/check.h"

namespace sonde::privacy {

Result<JsonPaths> JsonPaths::make(const std::vector<std::string>& paths) {
  JsonPaths made;
  for (const std::string& text : paths) {
    auto path = parse(text);
    if (!path) return fail(std::move(path).error());
    if (path->size() > kSegmentsMax || made.paths_.size() == kCountMax) {
      return fail(Errc::kInvalidInput, "redaction path \"" + text + "\": more than allowed");
    }
    made.paths_.push_back(*std::move(path));
  }
  return made;
}

Result<JsonPaths::Path> JsonPaths::parse(const std::string& text) {
  const auto refuse = [&text](std::string_view why) {
    return fail(Errc::kInvalidInput, "redaction path \"" + text + "\": " + std::string(why));
  };
  if (!text.starts_with('$')) return refuse("does not begin with $");
  Path path;
  std::string_view rest = std::string_view(text).substr(1);
  while (!rest.empty()) {
    Segment segment;
    segment.anywhere = rest.starts_with("..");
    if (segment.anywhere) rest.remove_prefix(rest.starts_with("..[") ? 2 : 1);
    const std::string_view complaint =
        rest.starts_with('[') ? read_bracket(rest, segment) : read_name(rest, segment);
    if (!complaint.empty()) return refuse(complaint);
    path.push_back(std::move(segment));
  }
  if (path.empty()) return refuse("names nothing");
  return path;
}

std::string_view JsonPaths::read_bracket(std::string_view& rest, Segment& segment) {
  const bool quoted = rest.size() > 1 && (rest[1] == '\'' || rest[1] == '"');
  const std::string close = quoted ? std::string{rest[1], ']'} : "]";
  const std::size_t begin = quoted ? 2 : 1;
  const std::size_t end = rest.find(close, begin);
  if (end == std::string_view::npos) return "a bracket is not closed";
  const std::string_view inside = rest.substr(begin, end - begin);
  rest.remove_prefix(end + close.size());
  if (quoted) {
    segment.type = Segment::Type::kMember;
    segment.key = inside;
  } else if (inside != "*") {
    segment.type = Segment::Type::kElement;
    const auto [stop, error] = std::from_chars(inside.begin(), inside.end(), segment.index);
    if (error != std::errc{} || stop != inside.end()) return "no index between brackets";
  }
  return {};
}

std::string_view JsonPaths::read_name(std::string_view& rest, Segment& segment) {
  if (!rest.starts_with('.')) return "a dot or a bracket is missing";
  const std::size_t end = std::min(rest.find_first_of(".[", 1), rest.size());
  const std::string_view name = rest.substr(1, end - 1);
  rest.remove_prefix(end);
  if (name.empty()) return "a name is empty";
  if (name != "*") {
    segment.type = Segment::Type::kMember;
    segment.key = name;
  }
  return {};
}

void JsonPaths::begin(std::span<State> root) const {
  SONDE_CHECK(root.size() == paths_.size());
  std::ranges::fill(root, State{1});
}

template <class Matches>
bool JsonPaths::enter(std::span<const State> from, std::span<State> to, Matches matches) const {
  bool ended = false;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    State next = 0;
    for (State left = from[i]; left != 0; left &= left - 1) {
      const auto at = static_cast<std::size_t>(std::countr_zero(left));
      if (at >= paths_[i].size()) continue;
      const Segment& segment = paths_[i][at];
      if (segment.anywhere) next |= State{1} << at;
      if (segment.type == Segment::Type::kAny || matches(segment)) next |= State{1} << (at + 1);
    }
    ended = ended || (next >> paths_[i].size() & 1) != 0;
    to[i] = next;
  }
  return ended;
}

bool JsonPaths::enter_member(std::span<const State> from, std::string_view key,
                             std::span<State> to) const {
  return enter(from, to, [key](const Segment& segment) {
    return segment.type == Segment::Type::kMember && segment.key == key;
  });
}

bool JsonPaths::enter_element(std::span<const State> from, std::size_t index,
                              std::span<State> to) const {
  return enter(from, to, [index](const Segment& segment) {
    return segment.type == Segment::Type::kElement && segment.index == index;
  });
}

}  // namespace sonde::privacy
