#include "proxy/upstream.h"

#include <algorithm>

#include "proxy/hosts.h"

namespace sonde::proxy {
namespace {

std::string_view without_slash(std::string_view path) noexcept {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::unexpected<Error> wrong(std::string_view text, std::string_view what) {
  return fail(Errc::kInvalidInput, "upstream `" + std::string(text) + "` " + std::string(what));
}

}  // namespace

Result<Upstream> parse_upstream(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return wrong(text, "is not NAME=URL");
  std::string_view left = text.substr(0, equals);
  std::string_view url = text.substr(equals + 1);

  Upstream out;
  const std::size_t slash = left.find('/');
  if (slash != std::string_view::npos) {
    out.for_prefix = without_slash(left.substr(slash));
    left = left.substr(0, slash);
  }
  const std::size_t at = left.find('@');
  out.name = left.substr(0, at);
  if (at != std::string_view::npos) out.for_host = lower_case(left.substr(at + 1));

  out.tls = url.starts_with("https://");
  if (!out.tls && !url.starts_with("http://")) return wrong(text, "has no URL");
  url.remove_prefix(out.tls ? 8 : 7);
  const std::size_t path = url.find('/');
  out.authority = url.substr(0, path);
  if (path != std::string_view::npos) {
    out.replaces = true;
    out.base = without_slash(url.substr(path));
  }
  const HostPort where = split_host(out.authority);
  out.host = without_brackets(where.host);
  out.port = out.tls ? 443 : 80;
  if (!where.port.empty()) {
    const auto port = parse_port(where.port);
    if (!port) return wrong(text, "has no port");
    out.port = *port;
  }
  if (out.name.empty() || out.host.empty()) return wrong(text, "is not NAME=URL");
  return out;
}

bool matches(const Upstream& upstream, std::string_view host, std::string_view path) noexcept {
  if (!upstream.for_host.empty() && !same_host(split_host(host).host, upstream.for_host)) {
    return false;
  }
  if (!path.starts_with(upstream.for_prefix)) return false;
  path.remove_prefix(upstream.for_prefix.size());
  return path.empty() || path.front() == '/' || path.front() == '?' || upstream.for_prefix.empty();
}

std::string_view upstream_path(const Upstream& upstream, std::string_view path,
                               std::string& storage) {
  if (!upstream.replaces || path == "*") return path;
  const std::string_view rest = path.substr(upstream.for_prefix.size());
  storage.assign(upstream.base);
  if (!rest.starts_with('/')) storage += '/';
  storage += rest;
  return storage;
}

}  // namespace sonde::proxy
