#include <algorithm>

#include "http/head_parts_internal.h"
#include "http/text_internal.h"

namespace sonde::http {
namespace {

constexpr std::string_view kVersionShape = "HTTP/1.1";

Refusal parse_version(std::string_view text, Head& head) noexcept {
  if (text.size() != kVersionShape.size() || !text.starts_with("HTTP/") || !is_digit(text[5]) ||
      text[6] != '.' || !is_digit(text[7])) {
    return Refusal::kVersion;
  }
  if (text != "HTTP/1.1" && text != "HTTP/1.0") return Refusal::kVersionUnknown;
  head.version = text == "HTTP/1.1" ? Version::k11 : Version::k10;
  return Refusal::kNone;
}

/// Capitals only, as nginx has it: what calls itself `head` is answered by some servers
/// as HEAD, and by others not.
Refusal check_method(std::string_view method) noexcept {
  const auto is_capital = [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; };
  if (method.empty() || method.size() > kMethodBytesMax ||
      !std::ranges::all_of(method, is_capital)) {
    return Refusal::kMethod;
  }
  return method == "CONNECT" ? Refusal::kMethodConnect : Refusal::kNone;
}

/// `http://host/path`.  No userinfo: valid_host() has no '@'.  The host stays in head.host
/// until settle() has compared it.
Refusal parse_absolute(std::string_view target, Head& head) noexcept {
  const std::size_t colon = target.find("://");
  if (colon == std::string_view::npos) return Refusal::kTarget;
  const std::string_view scheme = target.substr(0, colon);
  if (!same_name(scheme, "http") && !same_name(scheme, "https")) return Refusal::kTarget;
  const std::string_view rest = target.substr(colon + 3);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  head.form = TargetForm::kAbsolute;
  head.host = rest.substr(0, slash);
  head.path = rest.substr(slash);
  if (!valid_host(head.host)) return Refusal::kTarget;
  if (head.path.empty()) head.path = head.method == "OPTIONS" ? "*" : "/";
  return Refusal::kNone;
}

Refusal parse_target(Head& head) noexcept {
  if (head.target.empty() || !all_are(head.target, kTarget)) return Refusal::kTarget;
  if (head.target.front() == '/') {
    head.form = TargetForm::kOrigin;
    head.path = head.target;
    return Refusal::kNone;
  }
  if (head.target != "*") return parse_absolute(head.target, head);
  head.form = TargetForm::kAsterisk;
  head.path = head.target;
  return head.method == "OPTIONS" ? Refusal::kNone : Refusal::kTarget;
}

}  // namespace

Refusal parse_request_line(std::string_view line, const Limits& limits, Head& head) noexcept {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return Refusal::kRequestLine;
  const std::string_view version = line.substr(second + 1);
  if (version.find_first_of(" \t") != std::string_view::npos) return Refusal::kRequestLine;

  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, second - first - 1);
  // The version before the rest: what it means is for that version to say.
  if (const Refusal bad = parse_version(version, head); bad != Refusal::kNone) return bad;
  if (const Refusal bad = check_method(head.method); bad != Refusal::kNone) return bad;
  if (head.target.size() > limits.target_bytes_max) return Refusal::kTargetTooLong;
  return parse_target(head);
}

/// The blank behind the status may be missing when there is no reason: servers do that, and
/// nobody reads it in another way.
Refusal parse_status_line(std::string_view line, Head& head) noexcept {
  constexpr std::size_t kStatusAt = kVersionShape.size() + 1;
  constexpr std::size_t kReasonAt = kStatusAt + 4;
  if (line.size() < kStatusAt + 3 || line[kStatusAt - 1] != ' ') return Refusal::kStatusLine;
  const Refusal bad = parse_version(line.substr(0, kVersionShape.size()), head);
  if (bad != Refusal::kNone) return bad;
  const std::string_view digits = line.substr(kStatusAt, 3);
  if (!std::ranges::all_of(digits, is_digit) || digits[0] < '1' || digits[0] > '5') {
    return Refusal::kStatusLine;
  }
  if (line.size() >= kReasonAt && line[kReasonAt - 1] != ' ') return Refusal::kStatusLine;
  head.status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  head.reason = line.size() >= kReasonAt ? line.substr(kReasonAt) : std::string_view();
  return head.status == 101 ? Refusal::kStatusUpgrade : Refusal::kNone;
}

bool valid_host(std::string_view host) noexcept {
  std::size_t end = 0;
  if (host.starts_with('[')) {
    end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const std::string_view address = host.substr(1, end - 1);
    // No zone: it means nothing to another machine.
    if (address.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos ||
        address.find(':') == std::string_view::npos) {
      return false;
    }
    ++end;
  } else {
    end = std::min(host.find(':'), host.size());
    if (end == 0 || !all_are(host.substr(0, end), kHost)) return false;
  }
  if (end == host.size()) return true;
  const std::string_view port = host.substr(end + 1);
  if (host[end] != ':' || port.empty() || port.size() > 5) return false;
  unsigned number = 0;
  for (const char c : port) {
    if (!is_digit(c)) return false;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  return number <= 65535;
}

}  // namespace sonde::http
