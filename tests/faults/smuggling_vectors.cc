// Prints the vectors of src/http/smuggling_*_for_test.h as JSON for test_41_smuggling.py: one
// source for the tests of the reader and for those over real sockets.

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "http/refusal.h"
#include "http/smuggling_chunks_for_test.h"
#include "http/smuggling_fields_for_test.h"
#include "http/smuggling_lines_for_test.h"

namespace {

using sonde::http::SmugglingVector;

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

/// What the client is told of the refusal that ends `expected`; 0 if there is none.
int status_of(std::string_view expected) {
  const std::size_t mark = expected.rfind('!');
  if (mark == std::string_view::npos) return 0;
  for (int i = 0; i < static_cast<int>(sonde::http::Refusal::kCount); ++i) {
    const auto refusal = static_cast<sonde::http::Refusal>(i);
    if (name_of(refusal) == expected.substr(mark + 1)) return sonde::http::status_of(refusal);
  }
  return -1;
}

void print(std::string_view table, const SmugglingVector& vector, std::string_view stream,
           bool first) {
  // All of it is hexadecimal: names and streams may hold any byte.
  std::printf("%s\n{\"table\":\"%s\",\"name\":\"%s\",\"stream\":\"%s\",\"expected\":\"%s\",",
              first ? "" : ",", std::string(table).c_str(), hexadecimal(vector.name).c_str(),
              hexadecimal(stream).c_str(), hexadecimal(vector.expected).c_str());
  std::printf("\"status\":%d}", status_of(vector.expected));
}

void print_table(std::string_view table, std::span<const SmugglingVector> vectors,
                 std::string (*stream_of)(const SmugglingVector&), bool first) {
  for (const SmugglingVector& vector : vectors) {
    print(table, vector, stream_of(vector), first);
    first = false;
  }
}

}  // namespace

int main() {
  std::printf("[");
  print_table("lines", sonde::http::kSmuggledLines, sonde::http::stream_of_lines, true);
  print_table("fields", sonde::http::kSmuggledFields, sonde::http::stream_of_fields, false);
  print_table("chunks", sonde::http::kSmuggledChunks, sonde::http::stream_of_chunks, false);
  std::printf("\n]\n");
  return 0;
}
