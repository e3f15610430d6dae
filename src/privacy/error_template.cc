#include "privacy/error_template.h"

#include <algorithm>
#include <array>

#include "privacy/character.h"
#include "privacy/secret_kind.h"
#include "privacy/vocabulary.h"

namespace sonde::privacy {
namespace {

constexpr std::string_view kString = "<str>";
constexpr std::string_view kNumber = "<num>";
constexpr std::string_view kPath = "<path>";
constexpr std::string_view kUrl = "<url>";
constexpr std::string_view kAddress = "<addr>";
constexpr std::string_view kId = "<id>";
constexpr std::string_view kWordPlaceholder = "<w>";
constexpr std::string_view kSecretPlaceholder = "<secret>";

constexpr auto kPlaceholders = std::to_array<std::string_view>(
    {kString, kNumber, kPath, kUrl, kAddress, kId, kWordPlaceholder, kSecretPlaceholder});

// What follows a name of a program's own kind, and not a person's.
constexpr auto kFileEndings = std::to_array<std::string_view>(
    {"c",    "cc",  "cfg", "cjs",  "conf", "cpp", "cs",   "css",     "csv",  "db",  "doc",
     "docx", "env", "go",  "gz",   "h",    "htm", "html", "ini",     "java", "jpg", "js",
     "json", "jsx", "key", "lock", "log",  "md",  "mjs",  "parquet", "pdf",  "pem", "php",
     "png",  "py",  "rb",  "rs",   "sh",   "so",  "sql",  "sqlite",  "svg",  "tar", "toml",
     "ts",   "tsx", "txt", "xls",  "xlsx", "xml", "yaml", "yml",     "zip"});

/// The line that is made, with runs of one placeholder drawn together.
class Line {
 public:
  explicit Line(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool full() const { return full_; }
  /// With the brackets that close what was opened.
  std::string take() && {
    const std::size_t closing = gap_.find_first_not_of(")]}");
    if (!full_ && out_.size() < bytes_max_) out_.append(gap_, 0, closing);
    return std::move(out_).substr(0, bytes_max_);
  }

  /// Punctuation, which is kept only if something follows.
  void gap(char c) {
    constexpr std::size_t kGapBytesMax = 6;
    const char shown = in(c, kSpace) ? ' ' : c;
    const bool again = !gap_.empty() && gap_.back() == shown;
    if (gap_.size() < kGapBytesMax && !again) gap_.push_back(shown);
  }

  void word(std::string_view text) { append(text, {}); }

  void placeholder(std::string_view name) {
    const bool joined = gap_.find_first_not_of(" ,;.:/|-_'&+*=") == std::string::npos;
    if (last_ == name && joined) {
      gap_.clear();
    } else {
      append(name, name);
    }
  }

 private:
  void append(std::string_view text, std::string_view placeholder) {
    if (out_.empty() && gap_ == " ") gap_.clear();
    // What stood between two words may have been dropped with the name it belonged to.
    const bool joined = gap_.empty() && !out_.empty() && in(out_.back(), kAlnum);
    if (joined && in(text.front(), kAlnum)) gap_.push_back(' ');
    full_ = full_ || out_.size() + gap_.size() + text.size() > bytes_max_;
    if (full_) return;
    out_.append(gap_).append(text);
    gap_.clear();
    last_ = placeholder;
  }

  const std::size_t bytes_max_;
  std::string out_;
  std::string gap_;
  std::string_view last_;  ///< The placeholder at the end, if there is one.
  bool full_ = false;
};

bool foreign(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool in_chunk(char c) {
  constexpr std::string_view kMarks = "/:@\\~%";
  return in(c, kWordDash | kDot) || foreign(c) || kMarks.find(c) != std::string_view::npos;
}

bool has(std::string_view text, unsigned set) {
  return std::ranges::any_of(text, [set](char c) { return in(c, set); });
}

/// Digits with what stands between them in numbers, times and versions, and a unit.
bool is_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('v') || text.starts_with('.'))
    text.remove_prefix(1);
  if (text.ends_with('%')) text.remove_suffix(1);
  if (text.empty() || !in(text.front(), kDigit)) return false;
  constexpr std::string_view kBetween = ".:-_T";
  std::size_t end = 0;
  while (end < text.size() &&
         (in(text[end], kDigit) || kBetween.find(text[end]) != std::string_view::npos))
    ++end;
  const std::string_view unit = text.substr(end);
  return unit.size() <= 3 && run_end(unit, 0, kLetter) == unit.size();
}

bool is_ipv4(std::string_view text) {
  return std::ranges::count(text, '.') == 3 && run_end(text, 0, kDigit | kDot) == text.size() &&
         in(text.front(), kDigit) && in(text.back(), kDigit);
}

bool is_ipv6(std::string_view text) {
  if (std::ranges::count(text, ':') < 2 || !has(text, kHex)) return false;
  return std::ranges::all_of(text, [](char c) { return in(c, kHex | kDot) || c == ':'; });
}

bool is_path(std::string_view text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") ||
         text.starts_with('~') || text.find('\\') != std::string_view::npos;
}

/// Calls `take` with the parts of `text` between `separator`.
template <class Take>
bool all_parts(std::string_view text, char separator, Take take) {
  for (;;) {
    const std::size_t end = text.find(separator);
    if (!take(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool all_known(std::string_view text, char separator) {
  return all_parts(text, separator, [](std::string_view part) { return in_vocabulary(part); });
}

/// Reads an error text and writes its line.
class Reader {
 public:
  Reader(std::string_view text, Line& line) : text_(text), line_(line) {}

  void run();

 private:
  bool placeholder();
  bool quoted();
  bool url();
  void chunk();
  void classify(std::string_view text);
  void with_colon(std::string_view text, std::size_t colon);
  void with_slash(std::string_view text);
  void with_dot(std::string_view text);
  void plain(std::string_view text);

  const std::string_view text_;
  Line& line_;
  std::size_t at_ = 0;
};

void Reader::run() {
  while (at_ < text_.size() && !line_.full()) {
    if (placeholder() || quoted() || url()) continue;
    if (in_chunk(text_[at_])) {
      chunk();
    } else {
      const auto c = static_cast<unsigned char>(text_[at_++]);
      line_.gap(c < 0x20 || c == 0x7f ? ' ' : static_cast<char>(c));
    }
  }
}

/// A text may have been through this, or through redaction, before.
bool Reader::placeholder() {
  const std::string_view rest = text_.substr(at_);
  if (const std::size_t size = marker_length(rest)) {
    line_.placeholder(kSecretPlaceholder);
    at_ += size;
    return true;
  }
  if (rest.front() != '<') return false;
  for (const std::string_view name : kPlaceholders) {
    if (!rest.starts_with(name)) continue;
    line_.placeholder(name);
    at_ += name.size();
    return true;
  }
  return false;
}

bool Reader::quoted() {
  constexpr std::size_t kStringBytesMax = 1024;
  const char quote = text_[at_];
  if (!in(quote, kQuote) || (at_ > 0 && in(text_[at_ - 1], kAlnum))) return false;
  const std::string_view rest = text_.substr(at_ + 1, kStringBytesMax);
  for (std::size_t end = rest.find(quote); end != std::string_view::npos;
       end = rest.find(quote, end + 1)) {
    const bool escaped = end > 0 && rest[end - 1] == '\\';
    if (escaped || at_is(rest, end + 1, kAlnum)) continue;
    const std::string_view inside = rest.substr(0, end);
    if (is_schema_word(inside)) {
      line_.word(text_.substr(at_, end + 2));
    } else {
      line_.placeholder(kString);
    }
    at_ += end + 2;
    return true;
  }
  return false;
}

bool Reader::url() {
  const std::size_t scheme = run_end(text_, at_, kWordDash | kDot, at_ + 32);
  if (scheme == at_ || !text_.substr(scheme).starts_with("://")) return false;
  std::size_t end = scheme;
  while (end < text_.size() && !in(text_[end], kSpace | kQuote) && text_[end] != '<' &&
         text_[end] != '>') {
    ++end;
  }
  line_.placeholder(kUrl);
  at_ = end;
  return true;
}

void Reader::chunk() {
  std::size_t end = at_;
  while (end < text_.size() && in_chunk(text_[end])) ++end;
  // can't
  if (end + 1 < text_.size() && text_[end] == '\'' && !at_is(text_, end + 2, kAlnum) &&
      in_vocabulary(text_.substr(at_, end + 2 - at_))) {
    end += 2;
  }
  std::string_view text = text_.substr(at_, end - at_);
  at_ = end;
  // A dash or a dot belongs to a number, or to nothing.
  while (text.size() > 1 &&
         std::string_view("-:%@.").find(text.front()) != std::string_view::npos && !is_path(text) &&
         !is_number(text) && !is_ipv6(text)) {
    line_.gap(text.front());
    text.remove_prefix(1);
  }
  const std::size_t last = text.find_last_not_of(".:-/\\~%@");
  const std::string_view tail = last == std::string_view::npos ? text : text.substr(last + 1);
  if (tail.size() < text.size()) classify(text.substr(0, text.size() - tail.size()));
  for (const char c : tail) line_.gap(c);
}

void Reader::classify(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (text.find('@') != std::string_view::npos) return line_.placeholder(kAddress);
  if (is_path(text)) return line_.placeholder(kPath);
  if (is_ipv4(text.substr(0, colon)) || is_ipv6(text)) return line_.placeholder(kAddress);
  if (is_number(text)) return line_.placeholder(kNumber);
  if (text.find('/') != std::string_view::npos) return with_slash(text);
  if (colon != std::string_view::npos) return with_colon(text, colon);
  if (text.find('.') != std::string_view::npos) return with_dot(text);
  plain(text);
}

/// `tools/call`, `and/or`, `HTTP/1.1`; all else is a path.
void Reader::with_slash(std::string_view text) {
  const bool known = all_parts(text, '/', [](std::string_view part) {
    return in_vocabulary(part) || all_known(part, '-') || is_number(part);
  });
  if (!known) return line_.placeholder(kPath);
  if (!has(text, kDigit)) return line_.word(text);
  all_parts(text, '/', [&, first = true](std::string_view part) mutable {
    if (!first) line_.gap('/');
    first = false;
    plain(part);
    return true;
  });
}

/// `host:5432`, `line:12`, `Error:something`.
void Reader::with_colon(std::string_view text, std::size_t colon) {
  const std::string_view left = text.substr(0, colon);
  const std::string_view right = text.substr(colon + 1);
  if (left.empty()) return classify(right);
  const bool file =
      std::ranges::find(kFileEndings, left.substr(left.rfind('.') + 1)) != kFileEndings.end();
  if (is_number(right) && !in_vocabulary(left) && !file) return line_.placeholder(kAddress);
  classify(left);
  line_.gap(':');
  if (!right.empty()) classify(right);
}

/// Names with dots: of exceptions, of members, of files, of hosts.
void Reader::with_dot(std::string_view text) {
  const std::string_view last = text.substr(text.rfind('.') + 1);
  if (last.size() > 5 && in(last.front(), kUpper) && in_vocabulary(last)) return line_.word(last);
  if (all_known(text, '.')) return line_.word(text);
  if (std::ranges::find(kFileEndings, last) != kFileEndings.end()) return line_.placeholder(kPath);
  line_.placeholder(kAddress);
}

void Reader::plain(std::string_view text) {
  if (in_vocabulary(text) || (text.find('-') != std::string_view::npos && all_known(text, '-'))) {
    return line_.word(text);
  }
  if (is_number(text)) return line_.placeholder(kNumber);
  line_.placeholder(has(text, kDigit) ? kId : kWordPlaceholder);
}

}  // namespace

std::string error_template(std::string_view text, std::size_t bytes_max) {
  Line line(bytes_max);
  Reader(text.substr(0, kErrorTextBytesMax), line).run();
  return std::move(line).take();
}

}  // namespace sonde::privacy
