#include "trace_context/trace_state.h"

#include <algorithm>
#include <array>
#include <span>

#include "trace_context/list_internal.h"

namespace sonde::trace_context {
namespace {

constexpr std::string_view kOurs = "sonde=";
constexpr std::size_t kLongMember = 128;  // W3C 3.3.1.5: these may go first.

bool printable(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

bool usable(std::string_view member) noexcept {
  const std::size_t equals = member.find('=');
  return equals != 0 && equals != std::string_view::npos && equals + 1 < member.size() &&
         printable(member);
}

/// The members of a list that are to be kept, in order.
struct Members {
  std::array<std::string_view, kTraceStateMembersMax> items;
  std::size_t count = 0;

  std::size_t bytes() const noexcept {
    std::size_t sum = count;
    for (std::size_t i = 0; i < count; ++i) sum += items[i].size();
    return sum;  // With one comma each, the one in front of the first included.
  }

  void shrink_to(std::size_t bytes_max) noexcept {
    for (std::size_t i = count; i-- > 0 && bytes() > bytes_max;) {
      if (items[i].size() <= kLongMember) continue;
      std::copy(items.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                items.begin() + static_cast<std::ptrdiff_t>(count),
                items.begin() + static_cast<std::ptrdiff_t>(i));
      --count;
    }
    while (count > 0 && bytes() > bytes_max) --count;
  }
};

Members read_members(std::string_view tracestate, std::size_t members_max) noexcept {
  Members members;
  while (members.count < members_max && !tracestate.empty()) {
    const std::string_view member = take_member(tracestate, ',');
    if (usable(member) && !member.starts_with(kOurs)) members.items[members.count++] = member;
  }
  return members;
}

void append_members(std::string& out, const Members& members) {
  for (const std::string_view member : std::span(members.items).first(members.count)) {
    if (!out.empty()) out += ',';
    out += member;
  }
}

}  // namespace

std::string with_sonde_member(std::string_view tracestate, const SpanId& span) {
  std::string out(kOurs);
  append_hex(out, span.bytes.data(), span.bytes.size());
  if (tracestate.empty()) return out;  // The usual case.

  Members members = read_members(tracestate, kTraceStateMembersMax - 1);
  members.shrink_to(kTraceStateBytesMax - out.size());
  append_members(out, members);
  return out;
}

std::string clean_tracestate(std::string_view tracestate) {
  Members members = read_members(tracestate, kTraceStateMembersMax);
  members.shrink_to(kTraceStateBytesMax + 1);
  std::string out;
  append_members(out, members);
  return out;
}

std::optional<SpanId> sonde_member(std::string_view tracestate) noexcept {
  while (!tracestate.empty()) {
    const std::string_view member = take_member(tracestate, ',');
    if (!member.starts_with(kOurs)) continue;
    SpanId span;
    const bool read = decode_hex(member.substr(kOurs.size()), span.bytes.data(), span.bytes.size());
    return read && span.valid() ? std::optional(span) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace sonde::trace_context
