#include "privacy/numbers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>

#include "privacy/character.h"

namespace sonde::privacy {
namespace {

/// The digits of a number that may be grouped, and how.
struct Digits {
  static constexpr std::size_t kMax = 19;
  static constexpr std::size_t kGroupsMax = 6;

  std::array<char, kMax> digits;
  std::size_t count = 0;
  std::array<std::uint8_t, kGroupsMax> groups{};
  std::size_t group_count = 0;
  std::size_t end = 0;

  std::string_view all() const { return {digits.data(), count}; }
  std::span<const std::uint8_t> grouping() const { return {groups.data(), group_count}; }
};

/// Reads a group of digits; false if there are too many in all.
bool read_group(Digits& number, std::string_view text, std::size_t at) {
  const std::size_t end = run_end(text, at, kDigit, at + Digits::kMax + 1);
  const std::size_t size = end - at;
  if (size == 0 || number.count + size > Digits::kMax) return false;
  std::copy_n(text.data() + at, size, number.digits.data() + number.count);
  number.count += size;
  number.groups[number.group_count++] = static_cast<std::uint8_t>(size);
  number.end = end;
  return true;
}

/// Reads on while groups stand behind `separator`, at most `groups_max`.
void read_groups(Digits& number, std::string_view text, char separator, std::size_t groups_max) {
  while (number.group_count < groups_max && number.end + 1 < text.size() &&
         text[number.end] == separator && in(text[number.end + 1], kDigit)) {
    if (!read_group(number, text, number.end + 1)) return;
  }
}

bool ends_there(std::string_view text, std::size_t end) {
  return !at_is(text, end, kWord) && !(at_is(text, end, kDot) && at_is(text, end + 1, kDigit));
}

bool luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (std::size_t i = digits.size(); i-- > 0; twice = !twice) {
    const int digit = (digits[i] - '0') * (twice ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

struct Brand {
  int first;  ///< The range of the first four digits.
  int last;
  std::uint32_t sizes;  ///< One bit per allowed number of digits.
};

constexpr std::uint32_t size_bit(unsigned size) { return 1U << size; }

constexpr auto kBrands = std::to_array<Brand>({
    {2221, 2720, size_bit(16)},                                               // Mastercard
    {3000, 3059, size_bit(14)},                                               // Diners Club
    {3400, 3499, size_bit(15)},                                               // American Express
    {3528, 3589, size_bit(16)},                                               // JCB
    {3600, 3699, size_bit(14)},                                               // Diners Club
    {3700, 3799, size_bit(15)},                                               // American Express
    {3800, 3899, size_bit(14)},                                               // Diners Club
    {4000, 4999, size_bit(13) | size_bit(16) | size_bit(19)},                 // Visa
    {5000, 5099, size_bit(16) | size_bit(18) | size_bit(19)},                 // Maestro
    {5100, 5599, size_bit(16)},                                               // Mastercard
    {5600, 5899, size_bit(16) | size_bit(18) | size_bit(19)},                 // Maestro
    {6011, 6011, size_bit(16)},                                               // Discover
    {6200, 6299, size_bit(16) | size_bit(17) | size_bit(18) | size_bit(19)},  // UnionPay
    {6300, 6399, size_bit(16) | size_bit(18) | size_bit(19)},                 // Maestro
    {6440, 6599, size_bit(16)},                                               // Discover
    {6700, 6799, size_bit(16) | size_bit(18) | size_bit(19)},                 // Maestro
});

bool of_a_brand(std::string_view digits) {
  int first = 0;
  for (const char c : digits.substr(0, 4)) first = first * 10 + (c - '0');
  return std::ranges::any_of(kBrands, [&](const Brand& brand) {
    return first >= brand.first && first <= brand.last &&
           (brand.sizes & size_bit(static_cast<unsigned>(digits.size()))) != 0;
  });
}

/// How brands group; all other numbers of that many groups are something else.
constexpr auto kCardForms = std::to_array<std::array<std::uint8_t, 5>>(
    {{4, 4, 4, 4, 3}, {4, 4, 4, 4, 0}, {4, 4, 4, 1, 0}, {4, 6, 5, 0, 0}, {4, 6, 4, 0, 0}});

/// The size of the card number that the groups begin with; 0 if there is none.
std::size_t card_size(const Digits& number) {
  if (number.groups[0] > 6) return number.groups[0];  // Not grouped.
  for (const auto& form : kCardForms) {
    const auto groups =
        std::span(form).first(static_cast<std::size_t>(std::ranges::find(form, 0) - form.begin()));
    if (number.group_count < groups.size()) continue;
    if (std::ranges::equal(number.grouping().first(groups.size()), groups)) {
      return std::accumulate(groups.begin(), groups.end(), std::size_t{0});
    }
  }
  return 0;
}

std::optional<Found> card(std::string_view text, std::size_t at, const Digits& number) {
  const std::size_t size = card_size(number);
  if (size < 13) return std::nullopt;
  const std::string_view digits = number.all().substr(0, size);
  if (!of_a_brand(digits) || !luhn(digits)) return std::nullopt;
  std::size_t end = at;
  for (std::size_t seen = 0; seen < size; ++end) {
    if (in(text[end], kDigit)) ++seen;
  }
  // Groups that go on behind dashes are another number, behind blanks the next one.
  if (!ends_there(text, end) || (at_is(text, end, kDash) && at_is(text, end + 1, kDigit))) {
    return std::nullopt;
  }
  return Found{at, end, SecretKind::kCard};
}

struct Country {
  std::string_view code;
  std::uint8_t size;
};

// Sorted.  SWIFT IBAN registry.
constexpr auto kCountries = std::to_array<Country>({
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27},
    {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
    {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27},
    {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24}, {"PL", 28},
    {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24}, {"SC", 31},
    {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28},
    {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
});
static_assert(std::ranges::is_sorted(kCountries, {}, &Country::code));

/// The remainder by 97 of the account number with its first four characters put last.
int iban_remainder(std::string_view iban) {
  int remainder = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    remainder = in(c, kDigit) ? remainder * 10 + (c - '0') : remainder * 100 + (c - 'A' + 10);
    remainder %= 97;
  }
  return remainder;
}

std::optional<Found> iban(std::string_view text, std::size_t at) {
  if (!at_is(text, at + 1, kUpper) || !at_is(text, at + 2, kDigit)) return std::nullopt;
  const auto country = std::ranges::lower_bound(kCountries, text.substr(at, 2), {}, &Country::code);
  if (country == kCountries.end() || country->code != text.substr(at, 2)) return std::nullopt;
  std::array<char, 40> account;
  std::size_t size = 0;
  std::size_t end = at;
  for (; size < country->size && end < text.size(); ++end) {
    if (in(text[end], kUpper | kDigit)) {
      account[size++] = text[end];
    } else if (text[end] != ' ' || text[end - 1] == ' ') {
      return std::nullopt;
    }
  }
  if (size < country->size || at_is(text, end, kWord)) return std::nullopt;
  if (iban_remainder({account.data(), size}) != 1) return std::nullopt;
  return Found{at, end, SecretKind::kIban};
}

/// No area and no exchange begins with 0 or 1.
bool american(const Digits& number) {
  constexpr std::array<std::uint8_t, 3> kForm{3, 3, 4};
  return std::ranges::equal(number.grouping(), kForm) && number.digits[0] >= '2' &&
         number.digits[3] >= '2';
}

std::optional<Found> american_phone(std::string_view text, std::size_t at, const Digits& number) {
  if (!american(number) || !ends_there(text, number.end)) return std::nullopt;
  if (at_is(text, number.end, kDash)) return std::nullopt;
  return Found{at, number.end, SecretKind::kPhone};
}

/// (201) 555-0123
std::optional<Found> bracketed_phone(std::string_view text, std::size_t at) {
  Digits number;
  if (!read_group(number, text, at + 1) || number.count != 3) return std::nullopt;
  if (number.end >= text.size() || text[number.end] != ')') return std::nullopt;
  const std::size_t next = number.end + (at_is(text, number.end + 1, kBlank) ? 2 : 1);
  if (!read_group(number, text, next) || number.end >= text.size()) return std::nullopt;
  read_groups(number, text, text[number.end], 3);
  return american_phone(text, at, number);
}

/// +CC and up to 15 digits (ITU-T E.164), apart by marks.
std::optional<Found> international_phone(std::string_view text, std::size_t at) {
  constexpr std::string_view kMarks = " -.()";
  if (!at_is(text, at + 1, kDigit) || text[at + 1] == '0') return std::nullopt;
  std::size_t digits = 0;
  bool marked = false;
  std::size_t end = at + 1;
  for (std::size_t i = end; i < text.size() && i < end + 3 && digits <= 15; ++i) {
    if (in(text[i], kDigit)) {
      ++digits;
      marked = marked || i > end;
      end = i + 1;
    } else if (kMarks.find(text[i]) == std::string_view::npos) {
      break;
    }
  }
  if (digits < (marked ? 8U : 10U) || digits > 15 || !ends_there(text, end)) return std::nullopt;
  return Found{at, end, SecretKind::kPhone};
}

std::optional<Found> ssn(std::string_view text, std::size_t at, const Digits& number) {
  constexpr std::array<std::uint8_t, 3> kForm{3, 2, 4};
  if (!std::ranges::equal(number.grouping(), kForm) || text[at + 3] != '-') return std::nullopt;
  const std::string_view digits = number.all();
  if (digits.starts_with("000") || digits.starts_with("666") || digits.front() == '9' ||
      digits.substr(3, 2) == "00" || digits.substr(5) == "0000" || !ends_there(text, number.end)) {
    return std::nullopt;
  }
  return Found{at, number.end, SecretKind::kSsn};
}

std::optional<Found> digits(std::string_view text, std::size_t at) {
  Digits number;
  if (!read_group(number, text, at)) return std::nullopt;
  const char separator = number.end < text.size() ? text[number.end] : '\0';
  if (separator == '-' || separator == ' ' || separator == '.') {
    read_groups(number, text, separator, Digits::kGroupsMax);
  }
  if (const auto found = card(text, at, number)) return found;
  if (const auto found = ssn(text, at, number)) return found;
  // Three numbers with blanks between them are a row of a table.
  return separator == ' ' ? std::nullopt : american_phone(text, at, number);
}

}  // namespace

std::optional<Found> find_number(std::string_view text, std::size_t at) {
  if (in(text[at], kDigit)) return digits(text, at);
  if (in(text[at], kUpper)) return iban(text, at);
  if (text[at] == '+') return international_phone(text, at);
  if (text[at] == '(') return bracketed_phone(text, at);
  return std::nullopt;
}

}  // namespace sonde::privacy
