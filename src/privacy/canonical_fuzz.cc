// Property: the canonical form of a text is canonical itself, denotes the same value
// according to simdjson, and has its keys in order; a text that simdjson reads has such a
// form unless it names a key twice.
#include <simdjson.h>

#include <set>

#include "base/check.h"
#include "privacy/canonical_json.h"

namespace {

using simdjson::dom::element;

bool same_number(const element& a, const element& b) {
  std::int64_t a_signed = 0;
  std::int64_t b_signed = 0;
  if (!a.get(a_signed) && !b.get(b_signed)) return a_signed == b_signed;
  std::uint64_t a_unsigned = 0;
  std::uint64_t b_unsigned = 0;
  if (!a.get(a_unsigned) && !b.get(b_unsigned)) return a_unsigned == b_unsigned;
  double a_double = 0;
  double b_double = 0;
  return !a.get(a_double) && !b.get(b_double) && a_double == b_double;
}

bool same(const element& a, const element& b);

bool same(const simdjson::dom::object& a, const simdjson::dom::object& b) {
  if (a.size() != b.size()) return false;
  for (const auto& member : a) {
    element other;
    if (b.at_key(member.key).get(other) || !same(member.value, other)) return false;
  }
  return true;
}

bool same(const simdjson::dom::array& a, const simdjson::dom::array& b) {
  auto other = b.begin();
  for (const element& one : a) {
    if (!(other != b.end()) || !same(one, *other)) return false;
    ++other;
  }
  return !(other != b.end());
}

bool same(const element& a, const element& b) {
  if (a.is_number()) return b.is_number() && same_number(a, b);
  if (a.type() != b.type()) return false;
  if (a.is_object()) return same(a.get_object().value_unsafe(), b.get_object().value_unsafe());
  if (a.is_array()) return same(a.get_array().value_unsafe(), b.get_array().value_unsafe());
  if (a.is_string()) return a.get_string().value_unsafe() == b.get_string().value_unsafe();
  return a.is_null() || a.get_bool().value_unsafe() == b.get_bool().value_unsafe();
}

bool keys_differ(const element& value) {
  if (value.is_array()) {
    for (const element& one : value.get_array().value_unsafe()) {
      if (!keys_differ(one)) return false;
    }
  }
  if (!value.is_object()) return true;
  std::set<std::string_view> keys;
  for (const auto& member : value.get_object().value_unsafe()) {
    if (!keys.insert(member.key).second || !keys_differ(member.value)) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static simdjson::dom::parser reads_input;
  static simdjson::dom::parser reads_output;
  element input;
  const bool readable = !reads_input.parse(data, size).get(input);

  static sonde::privacy::CanonicalJson writer;
  const auto form = writer.canonical(text);
  if (!form) {
    SONDE_CHECK(!readable || !keys_differ(input));
    return 0;
  }
  const std::string canonical(*form);
  SONDE_CHECK(writer.canonical(canonical) == canonical);
  if (!readable) return 0;  // An integer beyond 64 bits.
  element output;
  const auto failure = reads_output.parse(canonical).get(output);
  if (failure == simdjson::NUMBER_ERROR) return 0;  // 1e20 has become such an integer.
  SONDE_CHECK(!failure);
  SONDE_CHECK(same(input, output));
  return 0;
}
