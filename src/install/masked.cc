#include "install/masked.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/json_writer.h"
#include "privacy/command_line.h"

namespace sonde::install {
namespace {

constexpr std::string_view kHidden = "\xe2\x80\xa6";  // …

/// By where a value begins: what is shown of it, as JSON.
using Shown = std::map<std::size_t, std::string>;

/// The words that a server was started with before, in order, with their places.
std::vector<std::pair<Span, std::string>> original_words(const JsoncDocument& document,
                                                         const Server& server) {
  std::vector<std::pair<Span, std::string>> words;
  const auto add = [&](const JsoncValue& value) {
    if (auto text = document.string(value)) words.emplace_back(value.span, *std::move(text));
  };
  if (server.state != ServerState::kInstalled) add(server.command.value);
  const std::size_t first = server.state == ServerState::kInstalled ? server.original : 0;
  for (std::size_t i = first; i < server.words.size(); ++i) add(server.words[i].value);
  return words;
}

std::vector<std::string> shown_words(const std::vector<std::pair<Span, std::string>>& words,
                                     privacy::Redactor& redactor) {
  std::vector<std::string> command;
  command.reserve(words.size());
  for (const auto& word : words) command.push_back(word.second);
  return privacy::shown_command(std::move(command), redactor);
}

void show(const JsoncDocument& document, const Server& server, privacy::Redactor& redactor,
          Shown& shown) {
  if (server.state == ServerState::kOther) return;
  if (server.state == ServerState::kInstalled) {
    // Our own words.
    const auto as_is = [&](Span span) { shown[span.begin] = std::string(document.raw(span)); };
    as_is(server.command.value.span);
    for (std::size_t i = 0; i < server.original; ++i) as_is(server.words[i].value.span);
  }
  const auto words = original_words(document, server);
  const std::vector<std::string> texts = shown_words(words, redactor);
  for (std::size_t i = 0; i < std::min(words.size(), texts.size()); ++i) {
    std::string& out = shown[words[i].first.begin];
    out.clear();
    append_json_string(out, texts[i]);
  }
}

/// Hides a comment, but not how many lines it has.
void append_comment(std::string& out, std::string_view comment) {
  out += comment.substr(0, 2);
  out += ' ';
  out += kHidden;
  for (const char c : comment) {
    if (c == '\n' || c == '\r') out += c;
  }
  if (comment.starts_with("/*")) out += " */";
}

/// Writes the tokens of a document down, hidden where they must be.
class Masker {
 public:
  Masker(const JsoncDocument& document, const Shown& shown)
      : text_(document.text()), shown_(shown), lexer_(text_) {}

  std::string mask() {
    for (;;) {
      const JsoncToken token = lexer_.next();
      append_blanks(lexer_.span().begin);
      if (token == JsoncToken::kEnd || token == JsoncToken::kError) return std::move(out_);
      append(token);
      done_ = lexer_.span().end;
    }
  }

 private:
  /// Between tokens; a byte order mark counts as one.
  void append_blanks(std::size_t end) {
    for (const char c : text_.substr(done_, end - done_)) {
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') out_ += c;
    }
  }

  void append(JsoncToken token) {
    const std::string_view raw = lexer_.raw();
    if (token == JsoncToken::kComment) return append_comment(out_, raw);
    if (token != JsoncToken::kString && token != JsoncToken::kNumber) {
      out_ += raw;
      return;
    }
    if (const auto found = shown_.find(lexer_.span().begin); found != shown_.end()) {
      out_ += found->second;
    } else if (token == JsoncToken::kString && is_key()) {
      out_ += raw;
    } else {
      out_ +=
          token == JsoncToken::kString ? '"' + std::string(kHidden) + '"' : std::string(kHidden);
    }
  }

  bool is_key() const {
    return JsoncLexer(text_, lexer_.span().end).next_significant() == JsoncToken::kColon;
  }

  std::string_view text_;
  const Shown& shown_;
  JsoncLexer lexer_;
  std::string out_;
  std::size_t done_ = 0;
};

}  // namespace

std::string masked(const JsoncDocument& document, const std::vector<Server>& servers,
                   privacy::Redactor& redactor) {
  Shown shown;
  for (const Server& server : servers) show(document, server, redactor, shown);
  return Masker(document, shown).mask();
}

std::string shown_server(const JsoncDocument& document, const Server& server,
                         privacy::Redactor& redactor) {
  std::string out;
  for (const std::string& word : shown_words(original_words(document, server), redactor)) {
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

}  // namespace sonde::install
