#include "privacy/json_redactor.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "privacy/character.h"
#include "privacy/spoken_secrets.h"

namespace sonde::privacy {
namespace {

constexpr std::size_t kNowhere = std::string::npos;

bool one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// Keys whose string value may name what stands beside it.
bool naming_key(std::string_view key) {
  constexpr auto kKeys = std::to_array<std::string_view>(
      {"name", "key", "header", "field", "param", "parameter", "variable", "var", "flag", "option",
       "env", "Name", "Key", "ParameterKey"});
  return one_of(key, kKeys);
}

bool value_key(std::string_view key) {
  constexpr auto kKeys = std::to_array<std::string_view>(
      {"value", "val", "values", "Value", "ParameterValue", "secretValue"});
  return one_of(key, kKeys);
}

/// The name without its markers, which would say what was secret in it and not what it names.
std::string_view last_part(std::string_view name) {
  const std::size_t bracket = name.rfind(']');
  return bracket == std::string_view::npos ? name : name.substr(bracket + 1);
}

/// May the string be JSON of its own?
bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return false;
  const char last = text[text.find_last_not_of(" \t\r\n")];
  return last == (text[first] == '{' ? '}' : ']');
}

}  // namespace

/// One document on its way from its text to the redacted one.
class JsonRedactor::Document {
 public:
  Document(JsonRedactor& redactor, std::string& out, std::string_view json, int nesting)
      : redactor_(redactor), out_(out), json_(json), reader_(json), nesting_(nesting) {}

  /// False if it was no JSON; what could be read is redacted, the rest not yet copied.
  bool run(std::span<const JsonPaths::State> root);
  /// Redacts as text what could not be read.
  void append_rest();

 private:
  /// An object or array that is open.
  struct Level {
    bool object = false;
    std::optional<SecretKind> secret;    ///< All in it is.
    std::optional<SecretKind> next;      ///< The next value is: by its key, or the flag before.
    bool next_is_user = false;           ///< The next value may be `user:password`.
    bool naming = false;                 ///< The next value names the one beside it.
    std::optional<SecretKind> named;     ///< What it has named.
    bool recording = false;              ///< The next value is the one beside it.
    std::size_t value_begin = kNowhere;  ///< Where that went in out_.
    std::size_t value_end = kNowhere;
    std::size_t index = 0;  ///< Of the next element.
  };

  bool take(JsonToken token);
  void begin_value(std::size_t begin);
  void end_value(std::size_t end);
  std::optional<SecretKind> kind_of_value() const;
  void open(bool object);
  void close();
  void key();
  void string();
  void number();
  void literal(bool null);
  bool redact_string(std::string_view text, std::size_t begin, std::size_t end);
  bool redact_nested(std::string_view text);
  void note(std::string_view text, bool naming);
  void replace_recorded(Level& level);

  std::string_view plain(std::string_view raw);
  void copy_to(std::size_t position);
  void replace(std::size_t begin, std::size_t end, SecretKind kind);
  void replace(std::size_t begin, std::size_t end, std::string_view text);
  std::size_t offset(std::string_view raw) const {
    return static_cast<std::size_t>(raw.data() - json_.data());
  }
  /// Of the value at `depth` on the way from the root to where we are.
  std::span<JsonPaths::State> states(std::size_t depth);

  JsonRedactor& redactor_;
  std::string& out_;
  const std::string_view json_;
  JsonReader reader_;
  const int nesting_;
  std::size_t copied_ = 0;       ///< How far json_ is in out_.
  std::size_t token_begin_ = 0;  ///< With the blanks and the comma before it.
  std::vector<Level> levels_;
  States states_;
  bool by_path_ = false;  ///< A path ends at the current value.
  std::string plain_;
  std::string nested_;
};

std::span<JsonPaths::State> JsonRedactor::Document::states(std::size_t depth) {
  const std::size_t count = redactor_.paths_.count();
  if (states_.size() < (depth + 1) * count) states_.resize((depth + 1) * count);
  return std::span(states_).subspan(depth * count, count);
}

bool JsonRedactor::Document::run(std::span<const JsonPaths::State> root) {
  std::ranges::copy(root, states(0).begin());
  for (;;) {
    token_begin_ = reader_.position();
    const JsonToken token = reader_.next();
    if (token == JsonToken::kError) return false;
    if (!take(token)) break;
  }
  copy_to(json_.size());
  return true;
}

bool JsonRedactor::Document::take(JsonToken token) {
  switch (token) {
    case JsonToken::kBeginObject:
    case JsonToken::kBeginArray:
      open(token == JsonToken::kBeginObject);
      return true;
    case JsonToken::kEndObject:
    case JsonToken::kEndArray:
      close();
      return true;
    case JsonToken::kKey:
      key();
      return true;
    case JsonToken::kString:
      string();
      return true;
    case JsonToken::kNumber:
      number();
      return true;
    case JsonToken::kTrue:
    case JsonToken::kFalse:
    case JsonToken::kNull:
      literal(token == JsonToken::kNull);
      return true;
    default:
      return false;
  }
}

void JsonRedactor::Document::begin_value(std::size_t begin) {
  if (levels_.empty()) return;
  Level& level = levels_.back();
  if (!level.object) {
    const auto to = states(levels_.size());  // First: it may move the others.
    by_path_ = redactor_.paths_.enter_element(states(levels_.size() - 1), level.index, to);
    level.recording = level.index == 1 && level.named;
  }
  if (level.recording) {
    copy_to(begin);
    level.value_begin = out_.size();
  }
}

void JsonRedactor::Document::end_value(std::size_t end) {
  by_path_ = false;
  if (levels_.empty()) return;
  Level& level = levels_.back();
  ++level.index;
  level.next.reset();
  level.next_is_user = false;
  level.naming = false;
  if (!level.recording) return;
  level.recording = false;
  copy_to(end);
  level.value_end = out_.size();
}

std::optional<SecretKind> JsonRedactor::Document::kind_of_value() const {
  if (by_path_) return SecretKind::kConfigured;
  if (levels_.empty()) return std::nullopt;
  return levels_.back().secret ? levels_.back().secret : levels_.back().next;
}

void JsonRedactor::Document::open(bool object) {
  begin_value(offset(reader_.raw()));
  // A flag is followed by its value, not by a list.
  const bool list_element = !levels_.empty() && !levels_.back().object;
  auto kind = kind_of_value();
  if (list_element && !by_path_) kind = levels_.back().secret;
  by_path_ = false;
  Level& level = levels_.emplace_back();
  level.object = object;
  level.secret = kind;
}

void JsonRedactor::Document::close() {
  Level& level = levels_.back();
  // ["Authorization", "…"]
  if (!level.object && level.named && level.index == 2) replace_recorded(level);
  levels_.pop_back();
  end_value(reader_.position());
}

void JsonRedactor::Document::key() {
  const std::string_view raw = reader_.raw();
  const std::string_view text = plain(raw);
  const std::string_view shown = redactor_.text_.redact(text);
  if (shown.data() != text.data()) {
    replace(offset(raw) - 1, offset(raw) + raw.size() + 1, shown);
  }
  Level& level = levels_.back();
  const std::string_view name = last_part(shown);
  level.next = redactor_.text_.names().find(name);
  level.naming = naming_key(name);
  level.recording = value_key(name) && level.value_begin == kNowhere;
  if (value_key(name) && level.named) level.next = level.named;
  const auto to = states(levels_.size());  // First: it may move the others.
  by_path_ = redactor_.paths_.enter_member(states(levels_.size() - 1), text, to);
}

void JsonRedactor::Document::string() {
  const std::string_view raw = reader_.raw();
  const std::size_t begin = offset(raw) - 1;
  const std::size_t end = begin + raw.size() + 2;
  begin_value(begin);
  const bool naming = !levels_.empty() && levels_.back().naming;
  const std::string_view text = plain(raw);
  const bool noted = redact_string(text, begin, end);
  end_value(end);
  if (noted) note(text, naming);
}

/// True if what remains of the text may say something of the next value.
bool JsonRedactor::Document::redact_string(std::string_view text, std::size_t begin,
                                           std::size_t end) {
  auto kind = kind_of_value();
  const Level* const level = levels_.empty() ? nullptr : &levels_.back();
  const bool flag = level != nullptr && !level->object && !level->secret && !by_path_;
  if (flag && text.starts_with('-')) kind.reset();
  if (level != nullptr && level->next_is_user && text.find(':') != std::string_view::npos) {
    kind = SecretKind::kCredential;
  }
  if (kind) {
    if (!text.empty() && marker_length(text) != text.size()) replace(begin, end, *kind);
    return false;
  }
  if (looks_like_json(text) && nesting_ < kNestingMax && redact_nested(text)) {
    if (nested_ != text) replace(begin, end, nested_);
    return false;
  }
  const std::string_view shown = redactor_.text_.redact(text);
  if (shown.data() == text.data()) return true;
  replace(begin, end, shown);
  return false;
}

bool JsonRedactor::Document::redact_nested(std::string_view text) {
  nested_.clear();
  // A copy: the states of this document move when it grows.
  const auto current = states(levels_.size());
  const States root(current.begin(), current.end());
  return Document(redactor_, nested_, text, nesting_ + 1).run(root);
}

/// Keeps in mind what a string says of the values beside it.
void JsonRedactor::Document::note(std::string_view text, bool naming) {
  constexpr std::size_t kNameBytesMax = 64;
  if (levels_.empty() || text.size() > kNameBytesMax) return;
  Level& level = levels_.back();
  const SecretNames& names = redactor_.text_.names();
  if (!level.object) {
    level.next = secret_flag(text, names);
    level.next_is_user = user_flag(text);
    const bool name = !text.empty() && in(text.front(), kLetter) &&
                      run_end(text, 0, kWordDash | kDot) == text.size();
    if (level.index == 1 && name) level.named = names.find(text);
  } else if (naming) {
    level.named = names.find(text);
    if (level.named) replace_recorded(level);
  }
}

void JsonRedactor::Document::replace_recorded(Level& level) {
  if (level.value_end == kNowhere) return;
  const std::string_view value =
      std::string_view(out_).substr(level.value_begin, level.value_end - level.value_begin);
  const bool tells = !value.empty() && (in(value.front(), kDigit | kDash) || value.front() == '{' ||
                                        value.front() == '[' || value.size() > 2);
  const bool literal = value == "true" || value == "false" || value == "null";
  if (!tells || literal || marker_length(value.substr(1)) == value.size() - 2) return;
  std::string marker = "\"";
  append_marker(marker, *level.named);
  out_.replace(level.value_begin, value.size(), marker + '"');
  ++redactor_.replaced_;
  level.value_begin = level.value_end = kNowhere;
}

void JsonRedactor::Document::number() {
  constexpr std::size_t kCardDigitsMin = 13;
  const std::string_view raw = reader_.raw();
  const std::size_t begin = offset(raw);
  begin_value(begin);
  if (const auto kind = kind_of_value()) {
    replace(begin, begin + raw.size(), *kind);
  } else if (raw.size() >= kCardDigitsMin || redactor_.text_.has_patterns()) {
    const std::string_view shown = redactor_.text_.redact(raw);
    if (shown.data() != raw.data()) replace(begin, begin + raw.size(), shown);
  }
  end_value(begin + raw.size());
}

void JsonRedactor::Document::literal(bool null) {
  const std::string_view raw = reader_.raw();
  begin_value(offset(raw));
  const auto kind = kind_of_value();
  if (kind == SecretKind::kConfigured && !null) {
    replace(offset(raw), offset(raw) + raw.size(), *kind);
  }
  end_value(offset(raw) + raw.size());
}

std::string_view JsonRedactor::Document::plain(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  plain_.clear();
  append_unescaped(plain_, raw);
  return plain_;
}

void JsonRedactor::Document::copy_to(std::size_t position) {
  if (position <= copied_) return;
  out_.append(json_.substr(copied_, position - copied_));
  copied_ = position;
}

void JsonRedactor::Document::replace(std::size_t begin, std::size_t end, SecretKind kind) {
  copy_to(begin);
  out_.push_back('"');
  append_marker(out_, kind);
  out_.push_back('"');
  copied_ = end;
  ++redactor_.replaced_;
}

void JsonRedactor::Document::replace(std::size_t begin, std::size_t end, std::string_view text) {
  copy_to(begin);
  append_json_string(out_, text);
  copied_ = end;
}

void JsonRedactor::Document::append_rest() {
  copy_to(token_begin_);
  const std::string_view rest = json_.substr(copied_);
  if (const auto kind = kind_of_value(); kind && !rest.empty()) {
    replace(copied_, json_.size(), *kind);
  } else {
    out_.append(redactor_.text_.redact(rest));
  }
}

void JsonRedactor::pass(std::string& out, std::string_view json) {
  States root(paths_.count());
  paths_.begin(root);
  Document document(*this, out, json, 0);
  if (!document.run(root)) document.append_rest();
}

std::string JsonRedactor::redact(std::string_view json) {
  std::string shown;
  shown.reserve(json.size());
  pass(shown, json);
  if (shown == json) return shown;
  const std::size_t replaced_first = replaced_;
  std::string next;
  for (int passes = 1; passes < TextRedactor::kPassesMax; ++passes) {
    next.clear();
    pass(next, shown);
    if (next == shown) {
      replaced_ = replaced_first;
      return shown;
    }
    shown.swap(next);
  }
  shown = "\"";
  append_marker(shown, SecretKind::kText);
  return shown + '"';
}

}  // namespace sonde::privacy
