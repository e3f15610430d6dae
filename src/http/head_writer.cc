#include "http/head_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/head_parts_internal.h"
#include "http/text_internal.h"

namespace sonde::http {
namespace {

bool ours_alone(FieldId id) noexcept {
  switch (id) {
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
    const FieldId id = id_of(name);
    if (!valid_field(name, value) || (id == FieldId::kHost && !valid_host(value))) {
      return fail(Errc::kInvalidInput, "a field that cannot be written as one line");
    }
    if (ours_alone(id)) return fail(Errc::kInvalidInput, "a field that framing depends on");
  }
  return {};
}

/// Exactly one Host must remain.
Status check_host(const Head& head, const Rewrite& rewrite) {
  const auto is_host = [](std::string_view name) { return same_name(name, "host"); };
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

constexpr std::size_t kNumberBytesMax = 20;

/// Writes into memory that is known to suffice.
class Pen {
 public:
  explicit Pen(char* to) noexcept : to_(to) {}

  Pen& put(std::string_view text) noexcept {
    to_ = std::ranges::copy(text, to_).out;
    return *this;
  }
  Pen& number(std::uint64_t number) noexcept {
    to_ = std::to_chars(to_, to_ + kNumberBytesMax, number).ptr;
    return *this;
  }
  void field(std::string_view name, std::string_view value) noexcept {
    put(name).put(": ").put(value).put("\r\n");
  }
  char* end() const noexcept { return to_; }

 private:
  char* to_;
};

/// The framing as it shall be said.
struct Length {
  Framing framing;
  std::uint64_t bytes;
};

/// Not less than what append_head() writes.
std::size_t bytes_max(const Head& head, const Rewrite& rewrite) noexcept {
  constexpr std::size_t kFirstLine = 64;  // Version, blanks, status, CRLF.
  constexpr std::size_t kOfOurs = 128;    // Framing, Connection, the empty line.
  constexpr std::size_t kOfField = 4;     // ": " and CRLF.
  std::size_t sum = kFirstLine + kOfOurs + head.method.size() + head.reason.size() +
                    std::max(rewrite.path.size(), head.path.size());
  for (const Field& field : head.fields) sum += field.name.size() + field.value.size() + kOfField;
  for (const auto& [name, value] : rewrite.set) sum += name.size() + value.size() + kOfField;
  return sum;
}

void write_first_line(Pen& pen, const Head& head, const Rewrite& rewrite) noexcept {
  if (head.side == Side::kRequest) {
    const std::string_view path = rewrite.path.empty() ? head.path : rewrite.path;
    pen.put(head.method).put(" ").put(path).put(" HTTP/1.1\r\n");
    return;
  }
  pen.put("HTTP/1.1 ").number(static_cast<std::uint64_t>(head.status));
  pen.put(" ").put(head.reason).put("\r\n");
}

void write_framing(Pen& pen, const Length& length) noexcept {
  if (length.framing == Framing::kChunked) {
    pen.put("Transfer-Encoding: chunked\r\n");
  } else if (length.framing == Framing::kLength) {
    pen.put("Content-Length: ").number(length.bytes).put("\r\n");
  }
}

/// The framing stands where it stood, so that only what must be is otherwise.
void write_fields(Pen& pen, const Head& head, const Rewrite& rewrite,
                  const Length& length) noexcept {
  bool framed = false;
  for (const Field& field : head.fields) {
    if (field.id == FieldId::kContentLength || field.id == FieldId::kTransferEncoding) {
      if (!framed) write_framing(pen, length);
      framed = true;
    } else if (!left_out(field, rewrite)) {
      pen.field(field.name, field.value);
    }
  }
  if (!framed) write_framing(pen, length);
  for (const auto& [name, value] : rewrite.set) pen.field(name, value);
}

}  // namespace

Status append_head(std::string& out, const Head& head, const Rewrite& rewrite) {
  SONDE_RETURN_IF_ERROR(check(head, rewrite));
  const Length length{.framing = rewrite.framing.value_or(head.declared),
                      .bytes = rewrite.framing ? rewrite.content_length : head.content_length};
  const std::size_t begin = out.size();
  out.resize_and_overwrite(begin + bytes_max(head, rewrite), [&](char* text, std::size_t) {
    Pen pen(text + begin);
    write_first_line(pen, head, rewrite);
    write_fields(pen, head, rewrite, length);
    if (rewrite.close || length.framing == Framing::kUntilClose) pen.put("Connection: close\r\n");
    pen.put("\r\n");
    return static_cast<std::size_t>(pen.end() - text);
  });
  return {};
}

}  // namespace sonde::http
