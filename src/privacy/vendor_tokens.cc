#include "privacy/vendor_tokens.h"

#include <array>
#include <cstdint>

#include "privacy/character.h"

namespace sonde::privacy {
namespace {

constexpr std::size_t kEndless = SIZE_MAX;
/// How far we look before we know what it is; keeps hostile text from costing more.
constexpr std::size_t kLookBytesMax = 256;
/// The header of a token may hold a certificate.
constexpr std::size_t kHeaderBytesMax = 1024;

/// A prefix, and what must follow it.
struct Row {
  std::string_view prefix;
  unsigned set;          ///< Of the characters behind the prefix.
  std::size_t size_min;  ///< How many of them there are.
  std::size_t size_max;
  bool mixed;  ///< They must look random: digits among letters.
  SecretKind kind;
};

constexpr unsigned kUpperDigit = kUpper | kDigit;
constexpr unsigned kLowerDigit = kLower | kDigit;
constexpr unsigned kDotted = kWordDash | kDot;
constexpr unsigned kBase64 = kAlnum | kBase64Mark | kEqual;

constexpr Row exactly(std::string_view prefix, unsigned set, std::size_t size, SecretKind kind) {
  return {prefix, set, size, size, false, kind};
}
constexpr Row from(std::string_view prefix, unsigned set, std::size_t size_min, SecretKind kind) {
  return {prefix, set, size_min, kEndless, false, kind};
}
constexpr Row mixed(std::string_view prefix, unsigned set, std::size_t size_min, SecretKind kind) {
  return {prefix, set, size_min, kEndless, true, kind};
}

// Ordered by first byte, longer prefixes before those that they begin with.
constexpr auto kRows = std::to_array<Row>({
    from("1//0", kWordDash, 20, SecretKind::kGoogleKey),
    mixed("A3-", kUpperDigit | kDash, 20, SecretKind::kVendorToken),
    exactly("ABIA", kUpperDigit, 16, SecretKind::kAwsKey),
    exactly("AC", kLowerDigit, 32, SecretKind::kTwilioKey),
    exactly("ACCA", kUpperDigit, 16, SecretKind::kAwsKey),
    from("AGE-SECRET-KEY-1", kUpperDigit, 20, SecretKind::kPrivateKey),
    from("AIza", kWordDash, 30, SecretKind::kGoogleKey),
    exactly("AKIA", kUpperDigit, 16, SecretKind::kAwsKey),
    from("APA91b", kWordDash, 60, SecretKind::kGoogleKey),
    exactly("ASIA", kUpperDigit, 16, SecretKind::kAwsKey),
    from("ATATT3", kWordDash | kEqual, 20, SecretKind::kVendorToken),
    mixed("ATBB", kAlnum, 20, SecretKind::kVendorToken),
    from("ATCTT3", kWordDash | kEqual, 20, SecretKind::kVendorToken),
    from("CFPAT-", kWordDash, 20, SecretKind::kVendorToken),
    from("CLOJARS_", kAlnum, 20, SecretKind::kVendorToken),
    from("EAACEdEose0cBA", kAlnum, 10, SecretKind::kVendorToken),
    mixed("EZAK", kAlnum, 40, SecretKind::kVendorToken),
    from("FwoGZXIvYXdz", kBase64, 20, SecretKind::kAwsKey),
    from("GOCSPX-", kWordDash, 20, SecretKind::kGoogleKey),
    from("GR1348941", kWordDash, 16, SecretKind::kGitlabToken),
    from("HRKU-", kWordDash, 20, SecretKind::kVendorToken),
    from("IQoJb3JpZ2lu", kBase64, 20, SecretKind::kAwsKey),
    from("LTAI", kAlnum, 16, SecretKind::kVendorToken),
    from("NRAK-", kUpperDigit, 20, SecretKind::kVendorToken),
    from("PMAK-", kWordDash, 20, SecretKind::kVendorToken),
    mixed("SG.", kDotted, 30, SecretKind::kSendgridKey),
    exactly("SK", kLowerDigit, 32, SecretKind::kTwilioKey),
    exactly("dapi", kHex, 32, SecretKind::kVendorToken),
    from("dckr_pat_", kWordDash, 20, SecretKind::kVendorToken),
    from("doo_v1_", kHex, 32, SecretKind::kVendorToken),
    from("dop_v1_", kHex, 32, SecretKind::kVendorToken),
    from("dor_v1_", kHex, 32, SecretKind::kVendorToken),
    mixed("dp.pt.", kAlnum, 20, SecretKind::kVendorToken),
    mixed("dp.st.", kDotted, 20, SecretKind::kVendorToken),
    from("figd_", kWordDash, 20, SecretKind::kVendorToken),
    mixed("fo1_", kWordDash, 20, SecretKind::kVendorToken),
    from("gho_", kAlnum, 20, SecretKind::kGithubToken),
    from("ghp_", kAlnum, 20, SecretKind::kGithubToken),
    from("ghr_", kAlnum, 20, SecretKind::kGithubToken),
    from("ghs_", kAlnum, 20, SecretKind::kGithubToken),
    from("ghu_", kAlnum, 20, SecretKind::kGithubToken),
    from("github_pat_", kWord, 20, SecretKind::kGithubToken),
    from("glc_", kBase64 | kWordDash, 20, SecretKind::kVendorToken),
    from("glcbt-", kWordDash, 16, SecretKind::kGitlabToken),
    from("gldt-", kWordDash, 16, SecretKind::kGitlabToken),
    from("glft-", kWordDash, 16, SecretKind::kGitlabToken),
    from("gloas-", kWordDash, 16, SecretKind::kGitlabToken),
    from("glpat-", kDotted, 16, SecretKind::kGitlabToken),
    from("glptt-", kWordDash, 16, SecretKind::kGitlabToken),
    from("glrt-", kWordDash, 16, SecretKind::kGitlabToken),
    from("glsa_", kWord, 20, SecretKind::kVendorToken),
    from("gsk_", kAlnum, 20, SecretKind::kVendorToken),
    from("hf_", kAlnum, 20, SecretKind::kHuggingfaceToken),
    mixed("hvb.", kWordDash, 20, SecretKind::kVendorToken),
    mixed("hvs.", kWordDash, 20, SecretKind::kVendorToken),
    exactly("key-", kHex, 32, SecretKind::kVendorToken),
    from("lin_api_", kAlnum, 20, SecretKind::kVendorToken),
    from("lsv2_", kWord, 20, SecretKind::kVendorToken),
    mixed("nfp_", kAlnum, 20, SecretKind::kVendorToken),
    mixed("npm_", kAlnum, 30, SecretKind::kNpmToken),
    mixed("ntn_", kAlnum, 20, SecretKind::kVendorToken),
    mixed("nvapi-", kWordDash, 20, SecretKind::kVendorToken),
    mixed("oy2", kLowerDigit, 40, SecretKind::kVendorToken),
    mixed("phc_", kAlnum, 30, SecretKind::kVendorToken),
    mixed("phx_", kAlnum, 30, SecretKind::kVendorToken),
    from("pk_live_", kAlnum, 10, SecretKind::kStripeKey),
    from("pk_test_", kAlnum, 10, SecretKind::kStripeKey),
    mixed("pplx-", kAlnum, 20, SecretKind::kVendorToken),
    exactly("pul-", kHex, 40, SecretKind::kVendorToken),
    from("pypi-AgE", kWordDash, 20, SecretKind::kPypiToken),
    mixed("r8_", kAlnum, 30, SecretKind::kVendorToken),
    mixed("re_", kWord, 20, SecretKind::kVendorToken),
    from("rk_live_", kAlnum, 10, SecretKind::kStripeKey),
    from("rk_test_", kAlnum, 10, SecretKind::kStripeKey),
    mixed("rpa_", kAlnum, 30, SecretKind::kVendorToken),
    mixed("rubygems_", kHex, 40, SecretKind::kVendorToken),
    mixed("sbp_", kHex, 30, SecretKind::kVendorToken),
    mixed("secret_", kAlnum, 30, SecretKind::kVendorToken),
    from("shpat_", kHex, 20, SecretKind::kVendorToken),
    from("shpca_", kHex, 20, SecretKind::kVendorToken),
    from("shppa_", kHex, 20, SecretKind::kVendorToken),
    from("shpss_", kHex, 20, SecretKind::kVendorToken),
    from("sk-ant-", kWordDash, 16, SecretKind::kAnthropicKey),
    from("sk-or-v1-", kHex, 20, SecretKind::kVendorToken),
    mixed("sk-proj-", kWordDash, 16, SecretKind::kOpenaiKey),
    mixed("sk-svcacct-", kWordDash, 16, SecretKind::kOpenaiKey),
    mixed("sk-", kWordDash, 20, SecretKind::kOpenaiKey),
    from("sk_live_", kAlnum, 10, SecretKind::kStripeKey),
    from("sk_test_", kAlnum, 10, SecretKind::kStripeKey),
    from("sntrys_", kBase64 | kWordDash, 20, SecretKind::kVendorToken),
    from("sntryu_", kHex, 20, SecretKind::kVendorToken),
    from("sq0atp-", kWordDash, 20, SecretKind::kVendorToken),
    from("sq0csp-", kWordDash, 20, SecretKind::kVendorToken),
    from("tskey-", kWordDash, 16, SecretKind::kVendorToken),
    mixed("tvly-", kWordDash, 20, SecretKind::kVendorToken),
    mixed("whsec_", kBase64, 20, SecretKind::kStripeKey),
    from("xai-", kAlnum, 40, SecretKind::kVendorToken),
    from("xapp-", kWordDash, 16, SecretKind::kSlackToken),
    mixed("xkeysib-", kWordDash, 20, SecretKind::kVendorToken),
    from("xoxa-", kWordDash, 10, SecretKind::kSlackToken),
    from("xoxb-", kWordDash, 10, SecretKind::kSlackToken),
    from("xoxc-", kWordDash, 10, SecretKind::kSlackToken),
    from("xoxd-", kWordDash | kPercent, 10, SecretKind::kSlackToken),
    from("xoxe", kDotted, 10, SecretKind::kSlackToken),
    from("xoxo-", kWordDash, 10, SecretKind::kSlackToken),
    from("xoxp-", kWordDash, 10, SecretKind::kSlackToken),
    from("xoxr-", kWordDash, 10, SecretKind::kSlackToken),
    from("xoxs-", kWordDash, 10, SecretKind::kSlackToken),
    from("ya29.", kDotted, 20, SecretKind::kGoogleKey),
});

/// Where the rows of one first byte begin and end.
struct Range {
  std::uint8_t begin = 0;
  std::uint8_t end = 0;
};

constexpr std::array<Range, 256> ranges() {
  std::array<Range, 256> found{};
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    Range& range = found[static_cast<unsigned char>(kRows[i].prefix.front())];
    if (range.end == 0) range.begin = static_cast<std::uint8_t>(i);
    range.end = static_cast<std::uint8_t>(i + 1);
  }
  return found;
}

constexpr auto kRanges = ranges();
static_assert(kRows.size() < 255);

/// Random text of some length has a digit and a capital, or several digits.
bool looks_random(std::string_view text) {
  std::size_t digits = 0;
  std::size_t capitals = 0;
  for (const char c : text) {
    if (in(c, kDigit)) ++digits;
    if (in(c, kUpper)) ++capitals;
  }
  return digits >= 3 || (digits >= 1 && capitals >= 1);
}

std::optional<Found> match(const Row& row, std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with(row.prefix)) return std::nullopt;
  const std::size_t begin = at + row.prefix.size();
  const std::size_t look = run_end(text, begin, row.set, begin + kLookBytesMax);
  if (look - begin < row.size_min || look - begin > row.size_max) return std::nullopt;
  // A word that goes on in other characters is another word.
  if (row.size_max != kEndless && at_is(text, look, kAlnum)) return std::nullopt;
  if (row.mixed && !looks_random(text.substr(begin, look - begin))) return std::nullopt;
  return Found{at, run_end(text, look, row.set), row.kind};
}

/// header.payload.signature, of which the signature may be missing or more may follow
/// (RFC 7519, RFC 7516).
std::optional<Found> match_jwt(std::string_view text, std::size_t at) {
  constexpr std::size_t kPartMin = 8;
  if (!text.substr(at).starts_with("eyJ")) return std::nullopt;
  const std::size_t header = run_end(text, at, kWordDash, at + kHeaderBytesMax);
  if (header - at < kPartMin || !text.substr(header).starts_with('.')) return std::nullopt;
  const std::size_t payload = run_end(text, header + 1, kWordDash);
  if (payload - header < 3) return std::nullopt;
  return Found{at, run_end(text, payload, kWordDash | kDot), SecretKind::kJwt};
}

}  // namespace

std::optional<Found> find_vendor_token(std::string_view text, std::size_t at) {
  const Range range = kRanges[static_cast<unsigned char>(text[at])];
  for (std::size_t i = range.begin; i < range.end; ++i) {
    if (const auto found = match(kRows[i], text, at)) return found;
  }
  if (text[at] == 'e') return match_jwt(text, at);
  return std::nullopt;
}

}  // namespace sonde::privacy
