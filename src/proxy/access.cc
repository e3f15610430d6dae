#include "proxy/access.h"

#include <algorithm>

#include "proxy/hosts.h"

namespace sonde::proxy {
namespace {

bool lists(const std::vector<std::string>& hosts, std::string_view authority) noexcept {
  const std::string_view host = split_host(authority).host;
  return std::ranges::any_of(hosts, [&](const std::string& listed) {
    return same_host(listed, authority) || same_host(listed, host);
  });
}

bool host_allowed(const AccessRules& rules, std::string_view authority) noexcept {
  if (lists(rules.hosts, authority)) return true;
  if (rules.loopback) return is_loopback(split_host(authority).host);
  return rules.hosts.empty();
}

bool origin_listed(const AccessRules& rules, std::string_view origin) noexcept {
  return std::ranges::any_of(rules.origins, [&](const std::string& listed) {
    return listed == "*" || same_host(listed, origin);
  });
}

bool origin_allowed(const AccessRules& rules, const http::Head& head) noexcept {
  const http::Field* const origin = head.find(http::FieldId::kOrigin);
  if (origin != nullptr) {
    if (origin_listed(rules, origin->value)) return true;
    if (rules.loopback) return is_loopback(host_of_origin(origin->value));
    return rules.origins.empty();
  }
  if (!rules.loopback) return true;
  const http::Field* const site = head.find("sec-fetch-site");
  return site == nullptr || site->value == "none" || site->value == "same-origin";
}

/// In a time that does not tell how much of it was right.
bool same_secret(std::string_view given, std::string_view secret) noexcept {
  unsigned char differs = given.size() == secret.size() ? 0 : 1;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    const char c = given.empty() ? '\0' : given[i % given.size()];
    differs |= static_cast<unsigned char>(c ^ secret[i]);
  }
  return differs == 0;
}

bool shows_token(const AccessRules& rules, const http::Head& head) noexcept {
  if (const http::Field* const own = head.find(kTokenField)) {
    return same_secret(own->value, rules.token);
  }
  const http::Field* const bearer = head.find(http::FieldId::kProxyAuthorization);
  constexpr std::string_view kScheme = "Bearer ";
  if (bearer == nullptr || bearer->value.size() < kScheme.size()) return false;
  const bool scheme = same_host(bearer->value.substr(0, kScheme.size()), kScheme);
  return scheme && same_secret(bearer->value.substr(kScheme.size()), rules.token);
}

}  // namespace

Access check_access(const AccessRules& rules, const http::Head& head) noexcept {
  if (!host_allowed(rules, head.host)) return Access::kBadHost;
  if (!origin_allowed(rules, head)) return Access::kBadOrigin;
  if (!rules.token.empty() && !shows_token(rules, head)) return Access::kNoToken;
  return Access::kGranted;
}

}  // namespace sonde::proxy
