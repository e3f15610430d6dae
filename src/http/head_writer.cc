#include "http/head_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/head_parts_internal.h"
#include "http/text_internal.h"

namespace sonde::http {
namespace {

bool ours_alone(std::string_view name) noexcept {
  switch (id_of(name)) {
    case FieldId::kContentLength:
    case FieldId::kTransferEncoding:
    case FieldId::kConnection:
    case FieldId::kKeepAlive:
    case FieldId::kProxyConnection:
    case FieldId::kTe:
    case FieldId::kTrailer:
    case FieldId::kUpgrade:
    case FieldId::kHttp2Settings:
      return true;
    default:
      return false;
  }
}

Status check_path(std::string_view path, std::string_view method) {
  const bool asterisk = path == "*" && method == "OPTIONS";
  if (path.empty() || asterisk || (path.front() == '/' && all_are(path, kTarget))) return {};
  return fail(Errc::kInvalidInput, "a path that no request can have");
}

Status check_set(const Rewrite& rewrite) {
  for (const auto& [name, value] : rewrite.set) {
    const bool bad_host = id_of(name) == FieldId::kHost && !valid_host(value);
    if (!valid_field(name, value) || bad_host) {
      return fail(Errc::kInvalidInput, "a field that cannot be written as one line");
    }
    if (ours_alone(name)) return fail(Errc::kInvalidInput, "a field that framing depends on");
  }
  return {};
}

/// Exactly one Host must remain.
Status check_host(const Head& head, const Rewrite& rewrite) {
  const auto is_host = [](std::string_view name) { return id_of(name) == FieldId::kHost; };
  const auto set = std::ranges::count_if(rewrite.set, is_host, &Rewrite::NewField::name);
  const bool kept =
      head.find(FieldId::kHost) != nullptr && std::ranges::none_of(rewrite.drop, is_host);
  if (set == 1 || (set == 0 && kept)) return {};
  return fail(Errc::kInvalidInput, "a request without one Host");
}

Status check(const Head& head, const Rewrite& rewrite) {
  SONDE_RETURN_IF_ERROR(check_set(rewrite));
  if (head.side == Side::kResponse) return {};
  if (rewrite.framing == Framing::kUntilClose) {
    return fail(Errc::kInvalidInput, "a request whose body ends with the connection");
  }
  SONDE_RETURN_IF_ERROR(check_path(rewrite.path, head.method));
  return check_host(head, rewrite);
}

bool left_out(const Field& field, const Rewrite& rewrite) noexcept {
  if (field.hop_by_hop) return true;
  if (rewrite.drop_proxy_authorization && field.id == FieldId::kProxyAuthorization) return true;
  if (rewrite.drop_expect && field.id == FieldId::kExpect) return true;
  const auto replaces = [&field](const auto& other) { return same_name(field.name, other.name); };
  const auto names = [&field](std::string_view name) { return same_name(field.name, name); };
  return std::ranges::any_of(rewrite.set, replaces) || std::ranges::any_of(rewrite.drop, names);
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void append_first_line(std::string& out, const Head& head, const Rewrite& rewrite) {
  if (head.side == Side::kRequest) {
    const std::string_view path = rewrite.path.empty() ? head.path : rewrite.path;
    out.append(head.method).append(" ").append(path).append(" HTTP/1.1\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(head.status));
  out.append(" ").append(head.reason).append("\r\n");
}

/// The framing as it shall be said.
struct Length {
  Framing framing;
  std::uint64_t bytes;
};

void append_framing(std::string& out, const Length& length) {
  if (length.framing == Framing::kChunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (length.framing == Framing::kLength) {
    out.append("Content-Length: ");
    append_number(out, length.bytes);
    out.append("\r\n");
  }
}

/// The framing stands where it stood, so that only what must be is otherwise.
void append_fields(std::string& out, const Head& head, const Rewrite& rewrite,
                   const Length& length) {
  bool framed = false;
  for (const Field& field : head.fields) {
    if (field.id == FieldId::kContentLength || field.id == FieldId::kTransferEncoding) {
      if (!framed) append_framing(out, length);
      framed = true;
    } else if (!left_out(field, rewrite)) {
      append_field(out, field.name, field.value);
    }
  }
  if (!framed) append_framing(out, length);
  for (const auto& [name, value] : rewrite.set) append_field(out, name, value);
}

}  // namespace

Status append_head(std::string& out, const Head& head, const Rewrite& rewrite) {
  SONDE_RETURN_IF_ERROR(check(head, rewrite));
  const Length length{.framing = rewrite.framing.value_or(head.declared),
                      .bytes = rewrite.framing ? rewrite.content_length : head.content_length};
  append_first_line(out, head, rewrite);
  append_fields(out, head, rewrite, length);
  if (rewrite.close || length.framing == Framing::kUntilClose) {
    out.append("Connection: close\r\n");
  }
  out.append("\r\n");
  return {};
}

}  // namespace sonde::http
