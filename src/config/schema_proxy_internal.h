#pragma once

#include "config/schema_parts_internal.h"

namespace sonde::config {
// The fields of `proxy`.

inline bool valid_port(std::string_view port, bool zero) {
  if (port.empty() || port.size() > 5) return false;
  unsigned number = 0;
  for (const char digit : port) {
    if (digit < '0' || digit > '9') return false;
    number = number * 10 + static_cast<unsigned>(digit - '0');
  }
  return number <= 65535 && (zero || number > 0);
}

inline std::string_view check_listen(std::string_view text) {
  if (text.empty()) return {};
  constexpr std::string_view kForm =
      "must be written ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return kForm;
  const std::string_view address = text.substr(0, colon);
  const bool bracketed = address.front() == '[' && address.back() == ']';
  if (!bracketed && address.contains(':')) return kForm;
  return valid_port(text.substr(colon + 1), true) ? "" : "has no port from 0 to 65535";
}

/// scheme://host[:port], with what may follow cut off into `path`.
inline std::string_view check_url(std::string_view url, std::string_view& path) {
  constexpr std::string_view kForm = "needs a URL that begins with http:// or https://";
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return kForm;
  url.remove_prefix(scheme);
  const std::size_t slash = url.find('/');
  path = slash == std::string_view::npos ? std::string_view() : url.substr(slash);
  const std::string_view authority = url.substr(0, slash);
  if (authority.empty() || authority.contains('@')) return "needs a URL with a host and no user";
  if (authority.find_first_of("?# ") != std::string_view::npos) return kForm;
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == 0) return kForm;
  if (colon != std::string_view::npos && !valid_port(authority.substr(colon + 1), false)) {
    return "has a URL whose port is not from 1 to 65535";
  }
  return {};
}

inline std::string_view check_upstream(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return "must be written NAME=URL, as search=http://127.0.0.1:3001";
  }
  const std::string_view name = text.substr(0, std::min(equals, text.find_first_of("@/")));
  if (name.empty() || name.size() > 128 ||
      !std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; })) {
    return "needs a name of visible ASCII in front of its URL";
  }
  std::string_view path;
  if (const auto wrong = check_url(text.substr(equals + 1), path); !wrong.empty()) return wrong;
  return path.find_first_of("?#") == std::string_view::npos ? "" : "has a URL with a query";
}

inline std::string_view check_origin(std::string_view text) {
  if (text.empty()) return {};
  std::string_view path;
  if (const auto wrong = check_url(text, path); !wrong.empty()) return wrong;
  return path.empty() ? "" : "must be an origin, without a path";
}

inline constexpr Field kProxyFields[] = {
    {.key = "proxy.listen",
     .type = Type::kString,
     .target = &at<&Config::proxy, &ProxyConfig::listen>,
     .min = 1,
     .max = 255,
     .short_flag = "listen",
     .help = "Where clients connect, as 127.0.0.1:8080 or [::1]:8080; port 0 takes a free one.",
     .check = check_listen},
    {.key = "proxy.upstreams",
     .type = Type::kList,
     .target = &at<&Config::proxy, &ProxyConfig::upstreams>,
     .max = 256,
     .short_flag = "upstream",
     .help = "The servers: NAME=URL, or NAME@HOST=URL for what is asked of that host, or "
             "NAME/PREFIX=URL for paths below /PREFIX.",
     .check = check_upstream},
    {.key = "proxy.health_listen",
     .type = Type::kString,
     .target = &at<&Config::proxy, &ProxyConfig::health_listen>,
     .max = 255,
     .short_flag = "health-listen",
     .fallback = "where clients connect",
     .help = "Where /healthz and /readyz are answered.",
     .check = check_listen},
    {.key = "proxy.threads",
     .type = Type::kInteger,
     .target = &at<&Config::proxy, &ProxyConfig::threads>,
     .max = 256,
     .short_flag = "threads",
     .help = "Threads that move bytes; 0 is one per core."},
    {.key = "proxy.insecure_listen",
     .type = Type::kBoolean,
     .target = &at<&Config::proxy, &ProxyConfig::insecure_listen>,
     .short_flag = "insecure-listen",
     .help =
         "Listen beyond loopback with neither token nor client certificates, as behind a mesh."},
    {.key = "proxy.token_file",
     .type = Type::kPath,
     .target = &at<&Config::proxy, &ProxyConfig::token_file>,
     .max = 1024,
     .short_flag = "token-file",
     .fallback = "none is asked for",
     .help = "A file with the token that clients show as X-Sonde-Token, or as Bearer in "
             "Proxy-Authorization."},
    {.key = "proxy.allow_hosts",
     .type = Type::kList,
     .target = &at<&Config::proxy, &ProxyConfig::allow_hosts>,
     .max = 1000,
     .short_flag = "allow-host",
     .fallback = "loopback names when listening on loopback, else any",
     .help =
         "Values of Host that are served; loopback names always are while listening on loopback."},
    {.key = "proxy.allow_origins",
     .type = Type::kList,
     .target = &at<&Config::proxy, &ProxyConfig::allow_origins>,
     .max = 1000,
     .short_flag = "allow-origin",
     .help = "Values of Origin that are served, beside those of loopback; * is any."},
    {.key = "proxy.tls_certificate",
     .type = Type::kPath,
     .target = &at<&Config::proxy, &ProxyConfig::tls_certificate>,
     .max = 1024,
     .short_flag = "tls-certificate",
     .fallback = "HTTP",
     .help = "Serve HTTPS with this certificate and its chain, PEM."},
    {.key = "proxy.tls_key",
     .type = Type::kPath,
     .target = &at<&Config::proxy, &ProxyConfig::tls_key>,
     .max = 1024,
     .short_flag = "tls-key",
     .fallback = "in the file of the certificate",
     .help = "The key of the certificate, PEM."},
    {.key = "proxy.tls_client_ca",
     .type = Type::kPath,
     .target = &at<&Config::proxy, &ProxyConfig::tls_client_ca>,
     .max = 1024,
     .short_flag = "tls-client-ca",
     .fallback = "none is asked for",
     .help = "Serve only clients with a certificate of these authorities, PEM."},
    {.key = "proxy.strict",
     .type = Type::kBoolean,
     .target = &at<&Config::proxy, &ProxyConfig::strict>,
     .short_flag = "strict",
     .help = "Refuse requests whose Mcp-Method or Mcp-Name is not what their body says."},
    {.key = "proxy.allow_tools",
     .type = Type::kList,
     .target = &at<&Config::proxy, &ProxyConfig::allow_tools>,
     .max = 10000,
     .short_flag = "allow-tool",
     .fallback = "all",
     .help = "Only these tools may be called: [UPSTREAM/]NAME, * is any text."},
    {.key = "proxy.deny_tools",
     .type = Type::kList,
     .target = &at<&Config::proxy, &ProxyConfig::deny_tools>,
     .max = 10000,
     .short_flag = "deny-tool",
     .help = "These tools may not be called, likewise."},
    {.key = "proxy.subject_header",
     .type = Type::kString,
     .target = &at<&Config::proxy, &ProxyConfig::subject_header>,
     .max = 128,
     .short_flag = "subject-header",
     .fallback = "the subject of a JWT in Authorization, unverified",
     .help = "A header that names the authenticated user, set by whoever stands before us."},
    {.key = "proxy.public_origin",
     .type = Type::kString,
     .target = &at<&Config::proxy, &ProxyConfig::public_origin>,
     .max = 255,
     .short_flag = "public-origin",
     .fallback = "metadata go on as they are",
     .help = "What clients know this proxy as, as https://mcp.example.com; put in place of the "
             "upstream in the metadata of protected resources.",
     .check = check_origin},
    {.key = "proxy.upstream_verify",
     .type = Type::kBoolean,
     .target = &at<&Config::proxy, &ProxyConfig::upstream_verify>,
     .short_flag = "upstream-verify",
     .help = "Verify the certificates of upstreams."},
    {.key = "proxy.upstream_ca",
     .type = Type::kPath,
     .target = &at<&Config::proxy, &ProxyConfig::upstream_ca>,
     .max = 1024,
     .short_flag = "upstream-ca",
     .fallback = "those of the system",
     .help = "The authorities that upstreams are verified by, PEM."},
    {.key = "proxy.upstream_certificate",
     .type = Type::kPath,
     .target = &at<&Config::proxy, &ProxyConfig::upstream_certificate>,
     .max = 1024,
     .short_flag = "upstream-certificate",
     .fallback = "none",
     .help = "A certificate to show to upstreams, PEM."},
    {.key = "proxy.upstream_key",
     .type = Type::kPath,
     .target = &at<&Config::proxy, &ProxyConfig::upstream_key>,
     .max = 1024,
     .short_flag = "upstream-key",
     .fallback = "in the file of the certificate",
     .help = "Its key, PEM."},
    {.key = "proxy.upstream_idle_max",
     .type = Type::kInteger,
     .target = &at<&Config::proxy, &ProxyConfig::upstream_idle_max>,
     .max = 65536,
     .help = "Connections to an upstream kept for the next request, per thread."},
    {.key = "proxy.upstream_idle_timeout",
     .type = Type::kDuration,
     .target = &at<&Config::proxy, &ProxyConfig::upstream_idle_timeout>,
     .min = 100,
     .max = kHour,
     .help = "How long they are kept; less than the upstream keeps them."},
    {.key = "proxy.head_timeout",
     .type = Type::kDuration,
     .target = &at<&Config::proxy, &ProxyConfig::head_timeout>,
     .min = 100,
     .max = kHour,
     .short_flag = "head-timeout",
     .help = "How long the head of a request may take."},
    {.key = "proxy.idle_timeout",
     .type = Type::kDuration,
     .target = &at<&Config::proxy, &ProxyConfig::idle_timeout>,
     .min = 100,
     .max = 24 * kHour,
     .short_flag = "idle-timeout",
     .help = "How long a connection is kept between requests."},
    {.key = "proxy.body_rate_min",
     .type = Type::kBytes,
     .target = &at<&Config::proxy, &ProxyConfig::body_rate_min>,
     .max = kGiB,
     .short_flag = "body-rate-min",
     .help = "Bytes per second that a request body has to come at; 0 is any rate."},
    {.key = "proxy.connect_timeout",
     .type = Type::kDuration,
     .target = &at<&Config::proxy, &ProxyConfig::connect_timeout>,
     .min = 10,
     .max = kHour,
     .short_flag = "connect-timeout",
     .help = "How long a connection to an upstream may take, TLS included."},
    {.key = "proxy.answer_timeout",
     .type = Type::kDuration,
     .target = &at<&Config::proxy, &ProxyConfig::answer_timeout>,
     .min = 100,
     .max = 24 * kHour,
     .short_flag = "answer-timeout",
     .help = "How long an upstream may take to begin its answer."},
    {.key = "proxy.stream_timeout",
     .type = Type::kDuration,
     .target = &at<&Config::proxy, &ProxyConfig::stream_timeout>,
     .min = 100,
     .max = 7 * 24 * kHour,
     .short_flag = "stream-timeout",
     .help = "How long an answer that has begun may pause."},
    {.key = "proxy.write_timeout",
     .type = Type::kDuration,
     .target = &at<&Config::proxy, &ProxyConfig::write_timeout>,
     .min = 100,
     .max = 24 * kHour,
     .short_flag = "write-timeout",
     .help = "How long a peer may refuse to take bytes."},
    {.key = "proxy.drain_max",
     .type = Type::kDuration,
     .target = &at<&Config::proxy, &ProxyConfig::drain_max>,
     .max = 24 * kHour,
     .short_flag = "drain-max",
     .help = "How long open exchanges may go on after SIGTERM."},
    {.key = "proxy.connections_max",
     .type = Type::kInteger,
     .target = &at<&Config::proxy, &ProxyConfig::connections_max>,
     .min = 1,
     .max = 1e6,
     .short_flag = "connections-max",
     .help = "Connections of clients at once; more are turned away."},
    {.key = "proxy.head_bytes_max",
     .type = Type::kBytes,
     .target = &at<&Config::proxy, &ProxyConfig::head_bytes_max>,
     .min = kKiB,
     .max = kMiB,
     .help = "A longer head is answered with 431."},
    {.key = "proxy.target_bytes_max",
     .type = Type::kBytes,
     .target = &at<&Config::proxy, &ProxyConfig::target_bytes_max>,
     .min = 256,
     .max = kMiB,
     .help = "A longer target is answered with 414."},
    {.key = "proxy.body_bytes_max",
     .type = Type::kBytes,
     .target = &at<&Config::proxy, &ProxyConfig::body_bytes_max>,
     .min = kKiB,
     .max = 1024 * 1024 * kGiB,
     .help = "A longer request body is answered with 413."},
    {.key = "proxy.queue_records_max",
     .type = Type::kInteger,
     .target = &at<&Config::proxy, &ProxyConfig::queue_records_max>,
     .min = 16,
     .max = 1e7,
     .help = "Records that may wait for the sinks; what comes then is dropped and counted."},
    {.key = "proxy.queue_bytes_max",
     .type = Type::kBytes,
     .target = &at<&Config::proxy, &ProxyConfig::queue_bytes_max>,
     .min = 64 * kKiB,
     .max = 64 * kGiB,
     .help = "Bytes that may wait for the sinks, likewise."},
};

}  // namespace sonde::config
