#include "proxy/settings.h"

#include <algorithm>

#include "config/load.h"
#include "proxy/hosts.h"

namespace sonde::proxy {
namespace {

constexpr std::size_t kTokenBytesMin = 16;
constexpr std::size_t kTokenBytesMax = 4096;

std::unexpected<Error> wrong(std::string_view key, std::string_view what) {
  return fail(Errc::kInvalidInput, std::string(key) + ": " + std::string(what));
}

Result<std::string> read_token(const std::string& path) {
  auto text = config::read_text_file(path, 2 * kTokenBytesMax);
  if (!text) return wrong("proxy.token_file", "cannot be read: " + text.error().message());
  std::string token = *std::move(text);
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  const bool visible = std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
  if (token.size() < kTokenBytesMin || token.size() > kTokenBytesMax || !visible) {
    return wrong("proxy.token_file",
                 path +
                     " must hold one token of 16 to 4096 visible characters, as `openssl rand "
                     "-hex 32` makes one");
  }
  return token;
}

Status read_tls(const ProxyConfig& config, Settings& settings) {
  if (config.tls_certificate.empty()) {
    if (config.tls_client_ca.empty() && config.tls_key.empty()) return {};
    return wrong("proxy.tls_certificate", "is missing beside tls_key or tls_client_ca");
  }
  auto made = net::TlsContext::server({.certificate_file = config.tls_certificate,
                                       .key_file = config.tls_key,
                                       .client_ca_file = config.tls_client_ca});
  if (!made) return wrong("proxy.tls_certificate", made.error().message());
  settings.tls = *std::move(made);
  return {};
}

Status read_upstreams(const ProxyConfig& config, Settings& settings) {
  if (config.upstreams.empty()) {
    return wrong("proxy.upstreams",
                 "no server is named; say --upstream NAME=URL, as "
                 "--upstream search=http://127.0.0.1:3001");
  }
  std::shared_ptr<const net::TlsContext> tls;
  for (const std::string& text : config.upstreams) {
    auto upstream = parse_upstream(text);
    if (!upstream) return wrong("proxy.upstreams", upstream.error().message());
    if (upstream->tls && !tls) {
      auto made = net::TlsContext::client({.ca_file = config.upstream_ca,
                                           .certificate_file = config.upstream_certificate,
                                           .key_file = config.upstream_key,
                                           .verify = config.upstream_verify});
      if (!made) return wrong("proxy.upstream_ca", made.error().message());
      tls = *std::move(made);
    }
    if (upstream->tls) upstream->tls_context = tls;
    const auto same = [&](const Upstream& other) {
      return other.for_host == upstream->for_host && other.for_prefix == upstream->for_prefix;
    };
    if (std::ranges::any_of(settings.upstreams, same)) {
      return wrong("proxy.upstreams",
                   '`' + text +
                       "` is asked for by the same requests as another; tell them apart as "
                       "NAME@HOST=URL or NAME/PREFIX=URL");
    }
    settings.upstreams.push_back(*std::move(upstream));
  }
  return {};
}

bool listens_on_loopback(const std::string& listen) noexcept {
  return is_loopback(split_host(listen).host);
}

/// Beyond loopback somebody must say who may come.
Status check_exposure(const ProxyConfig& config) {
  const bool guarded = !config.token_file.empty() || !config.tls_client_ca.empty();
  if (listens_on_loopback(config.listen) || guarded || config.insecure_listen) return {};
  return wrong("proxy.listen",
               config.listen +
                   " can be reached from other machines: set proxy.token_file or "
                   "proxy.tls_client_ca, or say --insecure-listen where a mesh guards it");
}

}  // namespace

std::optional<std::uint32_t> Settings::route(std::string_view host,
                                             std::string_view path) const noexcept {
  std::optional<std::uint32_t> best;
  const auto weight = [](const Upstream& upstream) {
    return (upstream.for_host.empty() ? 0U : 1U << 20U) + upstream.for_prefix.size();
  };
  for (std::uint32_t i = 0; i < upstreams.size(); ++i) {
    if (!matches(upstreams[i], host, path)) continue;
    if (!best || weight(upstreams[i]) > weight(upstreams[*best])) best = i;
  }
  return best;
}

Result<std::shared_ptr<const Settings>> make_settings(const Config& config) {
  auto settings = std::make_shared<Settings>();
  settings->config = config.proxy;
  settings->inject = config.trace.inject && config.proxy.observe;
  SONDE_RETURN_IF_ERROR(check_exposure(config.proxy));
  SONDE_RETURN_IF_ERROR(read_upstreams(config.proxy, *settings));
  SONDE_RETURN_IF_ERROR(read_tls(config.proxy, *settings));
  settings->access.loopback = listens_on_loopback(config.proxy.listen);
  for (const std::string& host : config.proxy.allow_hosts) {
    settings->access.hosts.push_back(lower_case(host));
  }
  settings->access.origins = config.proxy.allow_origins;
  if (!config.proxy.token_file.empty()) {
    auto token = read_token(config.proxy.token_file);
    if (!token) return fail(std::move(token).error());
    settings->access.token = *std::move(token);
  }
  settings->tools = ToolPolicy(config.proxy.allow_tools, config.proxy.deny_tools);
  return std::shared_ptr<const Settings>(std::move(settings));
}

}  // namespace sonde::proxy
