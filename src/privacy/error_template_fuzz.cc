// Property: a template is one line of at most 256 bytes of ASCII in which every run of
// letters belongs to a word of the vocabulary or to a placeholder.
#include <cctype>

#include "base/check.h"
#include "privacy/error_template.h"
#include "privacy/vocabulary.h"

namespace {

bool part_of_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '\'';
}

/// An apostrophe may be part of a word, or a quote beside it: then a word of schemas may stand
/// there, too.
bool known(std::string_view word) {
  if (sonde::privacy::in_vocabulary(word)) return true;
  const auto part_known = [](std::string_view part) {
    return part.empty() || sonde::privacy::is_schema_word(part) || known(part);
  };
  for (std::size_t quote = word.find('\''); quote != std::string_view::npos;
       quote = word.find('\'', quote + 1)) {
    if (part_known(word.substr(0, quote)) && part_known(word.substr(quote + 1))) return true;
  }
  return false;
}

bool placeholder(std::string_view line, std::size_t begin, std::size_t end) {
  return begin > 0 && line[begin - 1] == '<' && end < line.size() && line[end] == '>';
}

bool schema_word(std::string_view line, std::size_t begin, std::size_t end) {
  return begin > 0 && end < line.size() && line[begin - 1] == line[end] &&
         std::string_view("\"`").contains(line[end]) &&
         sonde::privacy::is_schema_word(line.substr(begin, end - begin));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string line =
      sonde::privacy::error_template({reinterpret_cast<const char*>(data), size});
  SONDE_CHECK(line.size() <= 256);
  for (std::size_t at = 0; at < line.size();) {
    SONDE_CHECK(line[at] >= 0x20 && line[at] < 0x7f);
    std::size_t end = at;
    while (end < line.size() && part_of_word(line[end])) ++end;
    if (end == at) {
      ++at;
      continue;
    }
    const std::string_view word = std::string_view(line).substr(at, end - at);
    const bool letters = word.find_first_not_of("'_") != std::string_view::npos;
    SONDE_CHECK(!letters || known(word) || placeholder(line, at, end) ||
                schema_word(line, at, end));
    at = end;
  }
  return 0;
}
