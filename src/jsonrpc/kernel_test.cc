#include "jsonrpc/kernel.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::jsonrpc {
namespace {

constexpr std::size_t kBlockBytes = 64;

/// The same as the kernels, one byte at a time.
struct Naive {
  bool in_string = false;
  bool escaped = false;
  bool scalar = false;

  struct Byte {
    bool token = false;
    bool open = false;
    bool close = false;
    bool comma = false;
  };

  Byte step(char c) {
    const bool quote = c == '"' && !escaped;
    escaped = c == '\\' && !escaped;
    Byte byte;
    const bool outside = !in_string && !quote;
    byte.open = outside && (c == '{' || c == '[');
    byte.close = outside && (c == '}' || c == ']');
    byte.comma = outside && c == ',';
    const bool mark = byte.open || byte.close || byte.comma || (outside && c == ':');
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    const bool now_scalar = outside && !mark && !blank;
    byte.token = quote || mark || c == '\n' || now_scalar != scalar;
    scalar = now_scalar;
    if (quote) in_string = !in_string;
    return byte;
  }
};

/// Text in which everything that matters is frequent.
std::string any_text(std::mt19937& random, std::size_t size, std::string_view alphabet) {
  std::string text(size, ' ');
  for (char& c : text) c = alphabet[random() % alphabet.size()];
  return text;
}

constexpr std::string_view kAlphabets[] = {
    R"("\{}[]:,a1 x)", R"(\\\\")", "ab\"\\", R"({}[],,)", "\"{[}],", "x\x80\xA2\xDC\xFB\t\r\"",
};

const Kernel& any_kernel() {
  const auto all = kernels();
  const Kernel& kernel = all[GENERATE_COPY(range(std::size_t{0}, all.size()))];
  return kernel;
}

TEST_CASE("every kernel finds the tokens that a loop over bytes finds", "[jsonrpc][kernel]") {
  const Kernel& kernel = any_kernel();
  const std::string_view alphabet =
      GENERATE(from_range(std::begin(kAlphabets), std::end(kAlphabets)));
  INFO(kernel.name << " " << alphabet);
  std::mt19937 random(1);
  for (std::size_t size = 1; size < 400; ++size) {
    const std::string text = any_text(random, size, alphabet);
    Naive naive;
    Carry carry;
    Window window;
    const char* end = text.data() + text.size();
    std::string expected;
    std::string found;
    for (const char* at = text.data(); at != end; at = window.end) {
      // Cut anywhere: what is carried must be enough.
      const char* stop = std::min(end, at + 1 + random() % 200);
      kernel.classify({at, at, stop}, carry, window);
      REQUIRE(window.begin == at);
      for (const char* byte = at; byte != window.end; ++byte) {
        const Naive::Byte is = naive.step(*byte);
        const auto i = static_cast<std::size_t>(byte - at);
        const Block& block = window.blocks[i / kBlockBytes];
        const auto bit = [&](Mask mask) { return (mask >> i % kBlockBytes & 1) != 0; };
        for (const bool b : {is.token, is.open, is.close, is.comma}) expected += b ? '1' : '0';
        for (const Mask mask : {block.tokens, block.open, block.close, block.comma}) {
          found += bit(mask) ? '1' : '0';
        }
      }
    }
    REQUIRE(found == expected);
  }
}

TEST_CASE("a window ends with the block of the first newline", "[jsonrpc][kernel]") {
  const Kernel& kernel = any_kernel();
  const std::size_t newline = GENERATE(0U, 1U, 63U, 64U, 100U, 1023U, 1024U, 2000U);
  std::string text(3000, 'x');
  text[newline] = '\n';
  Carry carry;
  Window window;
  kernel.classify({text.data(), text.data(), text.data() + text.size()}, carry, window);

  const std::size_t blocks = std::min(newline / kBlockBytes + 1, Window::kBlocks);
  CHECK(window.size == blocks);
  CHECK(window.end == text.data() + blocks * kBlockBytes);
  CHECK((window.newline != 0) == (newline < Window::kBlocks * kBlockBytes));
}

/// Where the value whose inside is `text` ends, and how many commas it has.
struct Passed {
  std::size_t size = 0;
  std::uint64_t commas = 0;
  Skip::End end = Skip::End::kStarved;

  bool operator==(const Passed&) const = default;
};

Passed pass_naively(std::string_view text) {
  Naive naive;
  Passed passed;
  std::uint64_t depth = 1;
  for (const char c : text) {
    if (c == '\n') {
      passed.end = Skip::End::kNewline;
      return passed;
    }
    ++passed.size;
    const Naive::Byte byte = naive.step(c);
    if (byte.comma && depth == 1) ++passed.commas;
    if (byte.open) ++depth;
    if (byte.close && --depth == 0) {
      passed.end = Skip::End::kClosed;
      return passed;
    }
  }
  return passed;
}

Passed pass_by_window(const Kernel& kernel, std::string_view text) {
  Carry carry;
  Window window;
  kernel.classify({text.data(), text.data(), text.data() + text.size()}, carry, window);
  Skip skip;
  const char* at = kernel.skip_window(window, window.begin, skip);
  if (skip.end == Skip::End::kStarved) {
    skip.in_string = carry.in_string;
    skip.escaped = carry.escaped;
    at = kernel.skip_bytes({text.data(), at, text.data() + text.size()}, skip);
  }
  return {static_cast<std::size_t>(at - text.data()), skip.commas, skip.end};
}

Passed pass_in_pieces(const Kernel& kernel, std::string_view text, std::size_t piece) {
  Skip skip;
  std::size_t size = 0;
  while (size < text.size() && skip.end == Skip::End::kStarved) {
    const char* at = text.data() + size;
    const char* end = text.data() + std::min(text.size(), size + piece);
    size += static_cast<std::size_t>(kernel.skip_bytes({at, at, end}, skip) - at);
  }
  return {size, skip.commas, skip.end};
}

TEST_CASE("every kernel passes over what a loop over bytes passes over", "[jsonrpc][kernel]") {
  const Kernel& kernel = any_kernel();
  const std::string_view alphabet =
      GENERATE(R"("\{}[],x)", R"({}[],,)", R"({{[[]},x)", "xxxxxxxxxxx\"\\{}", "xxxxxxxxx{[]},\n");
  INFO(kernel.name << " " << alphabet);
  std::mt19937 random(2);
  for (std::size_t size = 1; size < 600; ++size) {
    // Deep at first, so that the end is not always in the first block.
    const std::string text = std::string(random() % 9, '[') + any_text(random, size, alphabet);
    INFO(text);
    const Passed expected = pass_naively(text);
    REQUIRE(pass_by_window(kernel, text) == expected);
    REQUIRE(pass_in_pieces(kernel, text, text.size()) == expected);
    REQUIRE(pass_in_pieces(kernel, text, 1 + random() % 300) == expected);
  }
}

TEST_CASE("every kernel goes to the end of a line, and no further", "[jsonrpc][kernel]") {
  const Kernel& kernel = any_kernel();
  const char line_end = GENERATE('\n', '\r');
  constexpr std::size_t kStride = 256;
  for (std::size_t at = 0; at < 3 * kStride; ++at) {
    std::string text(4 * kStride, 'x');
    text[at] = line_end;
    const char* const found = kernel.skip_in_line(text.data(), text.data() + text.size());
    REQUIRE(static_cast<std::size_t>(found - text.data()) == at / kStride * kStride);
  }
}

TEST_CASE("long text is passed over to its very end", "[jsonrpc][kernel]") {
  const Kernel& kernel = any_kernel();
  const std::size_t size = GENERATE(range(std::size_t{500}, std::size_t{1100}));
  const std::string text =
      "\"" + std::string(size, 'x') + "\\\"" + std::string(size, 'y') + "\",1]";

  CHECK(pass_in_pieces(kernel, text, text.size()) == pass_naively(text));
  CHECK(pass_naively(text) == Passed{text.size(), 1, Skip::End::kClosed});
}

}  // namespace
}  // namespace sonde::jsonrpc
