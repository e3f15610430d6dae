#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace sonde {

/// Appends JSON to a string that it does not own.
///
/// Purpose.  Log lines at tens of nanoseconds each, safe to show on a terminal and in a
/// page: what is < 0x20, DEL, C1, U+2028 and U+2029 is escaped, bytes that are no UTF-8
/// become U+FFFD.  Commas are placed by the writer.
/// Lifetime.  `out` must outlive the writer.  Failure.  None; nesting is the caller's.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  /// The key of the next value.  Escaped like a string.
  JsonWriter& key(std::string_view name);

  JsonWriter& string(std::string_view text);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// A value that is JSON already.
  JsonWriter& raw(std::string_view json);
  template <std::integral Integer>
  JsonWriter& number(Integer value) {
    if constexpr (std::signed_integral<Integer>) {
      return signed_number(value);
    } else {
      return unsigned_number(value);
    }
  }
  /// With `decimals` digits behind the point; a whole number is written without any.
  /// What is not finite becomes 0: JSON has no word for it.
  JsonWriter& fixed(double value, int decimals);

  JsonWriter& member(std::string_view name, std::string_view text) {
    return key(name).string(text);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& signed_number(std::int64_t value);
  JsonWriter& unsigned_number(std::uint64_t value);
  void separate();

  std::string& out_;
  bool comma_ = false;
};

/// Appends `text` as a JSON string with its quotes, as JsonWriter::string does.
void append_json_string(std::string& out, std::string_view text);
/// The same behind `before`, which is appended as it is: a key, or the comma.
void append_json_string(std::string& out, std::string_view before, std::string_view text);

}  // namespace sonde
