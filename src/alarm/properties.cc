#include <charconv>
#include <cmath>
#include <utility>

#include "alarm/check_internal.h"
#include "alarm/properties_internal.h"
#include "base/json_reader.h"

namespace sonde::alarm {
namespace {

std::unexpected<Error> expected(std::string_view what, std::string_view raw) {
  return fail(Errc::kInvalidInput,
              "expected " + std::string(what) + ", not " + std::string(raw.substr(0, 40)));
}

/// The text of a scalar, in quotes or not.
std::string bare(std::string_view raw) { return json_string(raw).value_or(std::string(raw)); }

}  // namespace

Result<std::string> text_property(std::string_view raw) {
  auto text = json_string(raw);
  if (text) return std::move(*text);
  if (raw.empty() || raw.front() == '{' || raw.front() == '[' || raw == "null") {
    return expected("a text", raw);
  }
  return std::string(raw);
}

Result<double> number_property(std::string_view raw) {
  const std::string text = bare(raw);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value))
    return expected("a number", raw);
  return value;
}

Result<std::uint32_t> count_property(std::string_view raw) {
  const auto number = number_property(raw);
  if (!number || *number < 0 || *number > 1e9 || *number != std::floor(*number)) {
    return expected("a whole number", raw);
  }
  return static_cast<std::uint32_t>(*number);
}

Result<bool> truth_property(std::string_view raw) {
  const std::string text = bare(raw);
  if (text == "true") return true;
  if (text == "false") return false;
  return expected("true or false", raw);
}

Result<std::vector<std::string>> texts_property(std::string_view raw) {
  std::vector<std::string> texts;
  JsonElements elements(raw);
  while (elements.next()) {
    auto text = text_property(elements.value());
    if (!text) return fail(std::move(text).error());
    texts.push_back(std::move(*text));
  }
  if (!elements.ok()) return expected("an array", raw);
  return texts;
}

Status read_properties(std::string_view object, const PropertyReaders& readers) {
  JsonMembers members(object);
  while (members.next()) {
    std::string name;
    append_unescaped(name, members.key());
    const auto reader = readers.find(name);
    if (reader == readers.end()) {
      std::vector<std::string_view> known;
      known.reserve(readers.size());
      for (const auto& [one, ignored] : readers) known.push_back(one);
      return fail(Errc::kInvalidInput, "unknown property " + with_nearest(name, known));
    }
    if (Status read = reader->second(members.value()); !read) {
      return fail(std::move(read).error().within("property `" + name + "`"));
    }
  }
  if (!members.ok()) return expected("an object", object);
  return {};
}

std::function<Status(std::string_view)> unsupported(std::string reason) {
  return [reason = std::move(reason)](std::string_view) -> Status {
    return fail(Errc::kInvalidInput, "not supported here: " + reason);
  };
}

std::function<Status(std::string_view)> ignored() {
  return [](std::string_view) -> Status { return {}; };
}

}  // namespace sonde::alarm
