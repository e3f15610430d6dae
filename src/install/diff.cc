#include "install/diff.h"

#include <algorithm>
#include <vector>

#include "base/printable.h"

namespace sonde::install {
namespace {

constexpr std::size_t kContext = 3;
constexpr std::size_t kLineMax = 400;
constexpr std::size_t kAround = 60;  ///< What is kept of a long line on both sides.

/// Lines [begin, end) of the text before became [begin, end) of the text after.
struct Block {
  std::size_t begin;
  std::size_t end;
  std::size_t new_begin;
  std::size_t new_end;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    lines.push_back(text.substr(0, newline));
    if (newline == std::string_view::npos) break;
    text.remove_prefix(newline + 1);
  }
  return lines;
}

std::size_t newlines(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

std::vector<Block> blocks_of(std::string_view text, std::span<const TextEdit> edits) {
  std::vector<Block> blocks;
  std::size_t line = 0;
  std::size_t at = 0;
  std::size_t added = 0;
  std::size_t removed = 0;
  for (const TextEdit& edit : edits) {
    line += newlines(text.substr(at, edit.span.begin - at));
    const std::size_t gone =
        newlines(text.substr(edit.span.begin, edit.span.end - edit.span.begin));
    const std::size_t first_new = line + added - removed;
    removed += gone;
    added += newlines(edit.text);
    const Block block{.begin = line,
                      .end = line + gone + 1,
                      .new_begin = first_new,
                      .new_end = line + gone + 1 + added - removed};
    if (!blocks.empty() && block.begin <= blocks.back().end) {
      blocks.back().end = block.end;
      blocks.back().new_end = block.new_end;
    } else {
      blocks.push_back(block);
    }
    line += gone;
    at = edit.span.end;
  }
  return blocks;
}

bool continuation(char c) { return (static_cast<unsigned>(c) & 0xc0U) == 0x80U; }

/// Without its line end; tabs stay.
std::string shown_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::string out;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t tab = std::min(line.find('\t', at), line.size());
    out += printable(line.substr(at, tab - at));
    if (tab < line.size()) out += '\t';
    at = tab + 1;
  }
  return out;
}

/// The part of a long line from `begin` to `end`, moved to the bounds of characters.
std::string excerpt(std::string_view line, std::size_t begin, std::size_t end) {
  end = std::min({end, line.size(), begin + kLineMax});
  while (begin > 0 && continuation(line[begin])) --begin;
  while (end < line.size() && continuation(line[end])) ++end;
  return (begin > 0 ? "…" : "") + shown_line(line.substr(begin, end - begin)) +
         (end < line.size() ? "…" : "");
}

/// Writes the hunks down.
class Printer {
 public:
  Printer(std::string_view before, std::string_view after)
      : before_(lines_of(before)),
        after_(lines_of(after)),
        before_open_(!before.empty() && !before.ends_with('\n')),
        after_open_(!after.empty() && !after.ends_with('\n')) {}

  /// REQUIRES: the blocks are closer to each other than twice the context.
  void print_hunk(std::span<const Block> blocks) {
    const std::size_t begin = blocks.front().begin - std::min(kContext, blocks.front().begin);
    const std::size_t end = std::min(blocks.back().end + kContext, before_.size());
    const std::size_t new_begin = blocks.front().new_begin - (blocks.front().begin - begin);
    const std::size_t new_end = blocks.back().new_end + (end - blocks.back().end);
    out_ += "@@ -" + std::to_string(begin + 1) + ',' + std::to_string(end - begin) + " +" +
            std::to_string(new_begin + 1) + ',' + std::to_string(new_end - new_begin) + " @@\n";
    std::size_t at = begin;
    for (const Block& block : blocks) {
      print_context(at, block.begin);
      print_block(block);
      at = block.end;
    }
    print_context(at, end);
  }

  std::string take() { return std::move(out_); }

 private:
  void print_context(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      line(' ', excerpt(before_[i], 0, kLineMax), before_open_ && i + 1 == before_.size());
    }
  }

  void print_block(const Block& block) {
    print_side('-', {before_, block.begin, block.end, before_open_},
               {after_, block.new_begin, block.new_end, after_open_});
    print_side('+', {after_, block.new_begin, block.new_end, after_open_},
               {before_, block.begin, block.end, before_open_});
  }

  struct Side {
    const std::vector<std::string_view>& lines;
    std::size_t begin;
    std::size_t end;
    bool open;
  };

  /// Long lines begin shortly before the first difference from their counterpart.
  void print_side(char mark, const Side& side, const Side& other) {
    for (std::size_t i = side.begin; i < side.end; ++i) {
      const std::size_t counterpart = i - side.begin + other.begin;
      const std::string_view text = side.lines[i];
      const std::string_view peer = counterpart < other.end ? other.lines[counterpart] : "";
      const auto same =
          static_cast<std::size_t>(std::ranges::mismatch(text, peer).in1 - text.begin());
      const std::size_t from = text.size() > kLineMax && same > kAround ? same - kAround : 0;
      line(mark, excerpt(text, from, from + kLineMax), side.open && i + 1 == side.lines.size());
    }
  }

  void line(char mark, const std::string& text, bool open) {
    out_ += mark + text + '\n';
    if (open) out_ += "\\ No newline at end of file\n";
  }

  std::vector<std::string_view> before_;
  std::vector<std::string_view> after_;
  bool before_open_;
  bool after_open_;
  std::string out_;
};

}  // namespace

std::string unified_diff(std::string_view name, DiffSide before, DiffSide after,
                         std::span<const TextEdit> edits) {
  if (edits.empty()) return {};
  const std::vector<Block> blocks = blocks_of(before.text, edits);
  Printer printer(before.shown, after.shown);
  for (std::size_t first = 0; first < blocks.size();) {
    std::size_t last = first;
    while (last + 1 < blocks.size() && blocks[last + 1].begin <= blocks[last].end + 2 * kContext) {
      ++last;
    }
    printer.print_hunk(std::span(blocks).subspan(first, last - first + 1));
    first = last + 1;
  }
  const std::string shown(printable(name));
  return "--- " + shown + "\n+++ " + shown + "\n" + printer.take();
}

}  // namespace sonde::install
