#include "privacy/redactor.h"

#include <algorithm>
#include <array>
#include <utility>

#include "privacy/assignment.h"
#include "privacy/character.h"
#include "privacy/key_blocks.h"
#include "privacy/spoken_secrets.h"

namespace sonde::privacy {
namespace {

// Sorted.
constexpr auto kHarmlessHeaders = std::to_array<std::string_view>({
    "accept",
    "accept-encoding",
    "accept-language",
    "age",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "etag",
    "host",
    "keep-alive",
    "last-event-id",
    "mcp-method",
    "mcp-protocol-version",
    "origin",
    "retry-after",
    "server",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "user-agent",
    "vary",
    "via",
    "x-amzn-trace-id",
    "x-correlation-id",
    "x-request-id",
});
static_assert(std::ranges::is_sorted(kHarmlessHeaders));

bool is_name(std::string_view text) {
  return !text.empty() && run_end(text, 0, kWordDash | kDot) == text.size();
}

}  // namespace

bool harmless_header(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 32;
  if (name.size() > kNameBytesMax) return false;
  std::array<char, kNameBytesMax> small{};
  std::ranges::transform(name, small.begin(), lower);
  return std::ranges::binary_search(kHarmlessHeaders, std::string_view(small.data(), name.size()));
}

std::string_view without_cut_word(std::string_view text) {
  constexpr std::size_t kCutBytesMax = 256;
  std::size_t size = text.size();
  while (size > 0 && text.size() - size < kCutBytesMax && !in(text[size - 1], kSpace)) --size;
  return text.substr(0, size);
}

Result<std::unique_ptr<Redactor>> Redactor::make(const PrivacyConfig& config) {
  auto text = TextRedactor::make(config);
  if (!text) return fail(std::move(text).error());
  auto paths = JsonPaths::make(config.redact_paths);
  if (!paths) return fail(std::move(paths).error());
  return std::unique_ptr<Redactor>(new Redactor(*std::move(text), *std::move(paths)));
}

Redactor::Redactor(TextRedactor text, JsonPaths paths)
    : text_(std::move(text)), paths_(std::move(paths)), json_(text_, paths_) {}

std::string Redactor::redact_text(std::string_view text) { return std::string(text_.redact(text)); }

void Redactor::redact(std::string& text) {
  const std::string_view shown = text_.redact(text);
  if (shown.data() != text.data()) text = shown;
}

void Redactor::redact_name(std::string& name) {
  // Patterns of the configuration may match anything.
  if (!text_.has_patterns() && innocent_id(name)) return;
  if (names_.contains(name)) return;
  const std::string_view shown = text_.redact(name);
  if (shown.data() == name.data()) {
    names_.add(name);
  } else {
    name = shown;
  }
}

std::string Redactor::redact_json(std::string_view json) { return json_.redact(json); }

void Redactor::redact_arguments(std::vector<std::string>& arguments) {
  std::optional<SecretKind> next;
  bool next_is_user = false;
  for (std::string& argument : arguments) {
    if (next_is_user && argument.find(':') != std::string::npos) next = SecretKind::kCredential;
    const bool value =
        next && !argument.starts_with('-') && marker_length(argument) != argument.size();
    // What the argument says of the next one, it says before it is redacted.
    const auto said = value ? std::nullopt : secret_flag(argument, text_.names());
    next_is_user = user_flag(argument);
    if (value) {
      argument.clear();
      append_marker(argument, *next);
      ++replaced_;
    } else {
      redact_argument(argument);
    }
    next = said;
  }
}

void Redactor::redact_argument(std::string& argument) {
  if (argument.starts_with('{') || argument.starts_with('[')) {
    argument = redact_json(argument);
    return;
  }
  if (redact_named(argument)) return;
  redact(argument);
}

/// All of the value, blanks included: `--password=a b`, `-e NAME=a b`, `X-Api-Key: a b`.
bool Redactor::redact_named(std::string& argument) {
  const auto named = [&](std::string_view name, std::size_t value) {
    const auto kind = is_name(name) ? text_.names().find(name) : std::nullopt;
    if (!kind || value >= argument.size()) return false;
    if (marker_length(std::string_view(argument).substr(value)) == argument.size() - value)
      return true;
    argument.resize(value);
    append_marker(argument, *kind);
    ++replaced_;
    return true;
  };
  const std::size_t colon = argument.find(": ");
  if (colon != std::string::npos && named(argument.substr(0, colon), colon + 2)) return true;
  std::size_t begin = 0;
  for (std::size_t end = argument.find('='); end != std::string::npos;
       end = argument.find('=', begin)) {
    const std::string name = argument.substr(begin, end - begin);
    if (!is_name(name)) return false;
    if (named(name, end + 1)) return true;
    begin = end + 1;
  }
  return false;
}

void Redactor::redact_variable(std::string& variable) {
  const std::size_t equals = variable.find('=');
  if (equals == std::string::npos) return redact(variable);
  const std::string_view view = variable;
  const bool folder = working_folder(view.substr(0, equals), view.substr(equals + 1));
  if (!folder && redact_named(variable)) return;
  std::string value = variable.substr(equals + 1);
  redact_argument(value);
  variable = redact_text(std::string_view(variable).substr(0, equals)) + "=" + value;
}

void Redactor::redact_lines(std::vector<std::string>& lines) {
  std::string joined;
  for (const std::string& line : lines) {
    if (&line != &lines.front()) joined.push_back('\n');
    if (key_line(line)) {  // The rest of the key has scrolled away.
      append_marker(joined, SecretKind::kPrivateKey);
      ++replaced_;
    } else {
      joined.append(line);
    }
  }
  if (lines.empty()) return;
  lines.clear();
  std::string_view shown = text_.redact(joined);
  for (std::size_t end = shown.find('\n'); end != std::string_view::npos; end = shown.find('\n')) {
    lines.emplace_back(shown.substr(0, end));
    shown.remove_prefix(end + 1);
  }
  lines.emplace_back(shown);
}

std::string Redactor::redact_uri(std::string_view uri) {
  if (goes_on_with(uri, 0, "data:")) return "data:";
  uri = uri.substr(0, uri.find_first_of("?#"));
  std::string shown(uri);
  if (const std::size_t scheme = uri.find("://"); scheme != std::string_view::npos) {
    const std::size_t begin = scheme + 3;
    const std::size_t end = std::min(uri.find('/', begin), uri.size());
    const std::size_t at = uri.substr(0, end).rfind('@');
    if (at != std::string_view::npos && at >= begin) shown.erase(begin, at + 1 - begin);
  }
  redact(shown);
  return shown;
}

std::string Redactor::redact_header(std::string_view name, std::string_view value) {
  if (harmless_header(name)) return redact_text(value);
  std::string marker;
  append_marker(marker, SecretKind::kHeader);
  return marker;
}

}  // namespace sonde::privacy
