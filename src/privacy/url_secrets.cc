#include "privacy/url_secrets.h"

#include <algorithm>
#include <array>

#include "privacy/character.h"

namespace sonde::privacy {
namespace {

constexpr std::size_t kUserinfoBytesMax = 256;
constexpr unsigned kUrlEnd = kSpace | kQuote;

bool ends_url(char c) { return in(c, kUrlEnd) || c == '<' || c == '>' || c == '\\'; }

/// The last `@` of the authority, or of what a password with a slash in it makes of one.
std::size_t userinfo_end(std::string_view url) {
  url = url.substr(0, kUserinfoBytesMax);
  std::size_t end = std::string_view::npos;
  bool port = false;      // What follows the last colon is digits so far.
  bool password = false;  // There was a colon, and no port behind it.
  for (std::size_t i = 0; i < url.size() && !ends_url(url[i]); ++i) {
    const char c = url[i];
    if (c == '@') end = i;
    if (c == '/' || c == '?' || c == '#') {
      if (end != std::string_view::npos || port || !password) break;
    }
    if (c == ':') {
      password = port = true;
    } else if (!in(c, kDigit) && c != '/' && c != '?' && c != '#') {
      port = false;
    }
  }
  return end;
}

struct Hook {
  std::string_view host;
  std::string_view path;
};

constexpr auto kHooks = std::to_array<Hook>({
    {"hooks.slack.com", "/"},
    {"hooks.zapier.com", "/hooks/"},
    {"discord.com", "/api/webhooks/"},
    {"discordapp.com", "/api/webhooks/"},
    {"webhook.office.com", "/"},
    {"api.telegram.org", "/bot"},
    {"maker.ifttt.com", "/trigger/"},
    {"chat.googleapis.com", "/v1/spaces/"},
});

std::optional<Found> find_hook(std::string_view text, std::size_t at) {
  const std::size_t host_end = run_end(text, at, kWordDash | kDot, at + kUserinfoBytesMax);
  const std::string_view host = text.substr(at, host_end - at);
  for (const Hook& hook : kHooks) {
    if (!host.ends_with(hook.host) || !text.substr(host_end).starts_with(hook.path)) continue;
    const std::size_t begin = host_end + hook.path.size();
    std::size_t end = begin;
    while (end < text.size() && !ends_url(text[end]) && text[end] != ',' && text[end] != '[') ++end;
    if (end > begin) return Found{begin, end, SecretKind::kWebhook};
  }
  return std::nullopt;
}

bool in_local_part(char c) {
  return in(c, kWordDash | kDot) || c == '+' || c == '%' || static_cast<unsigned char>(c) >= 0x80;
}

bool in_label(char c) { return in(c, kAlnum | kDash) || static_cast<unsigned char>(c) >= 0x80; }

// `icon@2x.png`, `git@host:path` and `pkg@1.2.x` are no addresses.
constexpr auto kFileEndings = std::to_array<std::string_view>(
    {"gif", "html", "jpeg", "jpg", "js", "json", "md", "pdf", "png", "py", "svg", "ts", "webp"});

/// Labels with dots between them, the last one of two letters or more.
std::size_t domain_end(std::string_view text, std::size_t at) {
  constexpr std::size_t kDomainBytesMax = 255;
  const std::size_t last = std::min(text.size(), at + kDomainBytesMax);
  std::size_t end = at;
  std::size_t label = at;
  std::size_t valid = at;
  for (; end < last; ++end) {
    if (text[end] != '.' && !in_label(text[end])) break;
    if (text[end] != '.') continue;
    if (end == label) break;
    label = end + 1;
  }
  for (std::size_t i = at; i < end; ++i) {
    if (text[i] != '.') continue;
    std::size_t top = i + 1;
    while (top < end && text[top] != '.' && !in(text[top], kDigit | kDash)) ++top;
    if (top - i > 2) valid = top;
  }
  const std::size_t dot = text.substr(at, valid - at).rfind('.');
  const std::string_view top = text.substr(at, valid - at).substr(dot + 1);
  const bool file = std::ranges::find(kFileEndings, top) != kFileEndings.end();
  return file ? at : valid;
}

}  // namespace

std::optional<Found> find_url_secret(std::string_view text, std::size_t at) {
  const std::size_t authority = at + 3;
  const std::size_t size = userinfo_end(text.substr(std::min(authority, text.size())));
  if (size != std::string_view::npos && size > 0) {
    const std::string_view userinfo = text.substr(authority, size);
    if (userinfo != "git" && marker_length(userinfo) != size) {
      return Found{authority, authority + size, SecretKind::kUserinfo};
    }
    return std::nullopt;
  }
  return find_hook(text, std::min(authority, text.size()));
}

std::optional<Found> find_encoded_userinfo(std::string_view text, std::size_t at) {
  const std::size_t begin = at + std::string_view("%3A%2F%2F").size();
  for (std::size_t end = begin; end < std::min(text.size(), begin + kUserinfoBytesMax); ++end) {
    if (ends_url(text[end]) || text[end] == '&' || goes_on_with(text, end, "%2f")) break;
    if (text.substr(end).starts_with("%40") && end > begin) {
      if (marker_length(text.substr(begin, end - begin)) == end - begin) break;
      return Found{begin, end, SecretKind::kUserinfo};
    }
  }
  return std::nullopt;
}

std::optional<Found> find_email(std::string_view text, std::size_t floor, std::size_t at,
                                std::size_t size) {
  constexpr std::size_t kLocalBytesMax = 64;
  std::size_t begin = at;
  while (begin > floor && at - begin < kLocalBytesMax && in_local_part(text[begin - 1])) --begin;
  if (begin == at || text.substr(begin, at - begin) == "git") return std::nullopt;
  const std::size_t end = domain_end(text, at + size);
  if (end == at + size) return std::nullopt;
  return Found{begin, end, SecretKind::kEmail};
}

}  // namespace sonde::privacy
