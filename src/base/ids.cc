#include "base/ids.h"

#include <cstring>

namespace sonde {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

void put_big_endian(std::uint8_t* out, std::uint64_t value, int bytes) noexcept {
  for (int i = bytes - 1; i >= 0; --i, value >>= 8) out[i] = static_cast<std::uint8_t>(value);
}

/// Eight bytes at once, for which compilers know vector instructions.
void put_hex(char* to, const std::uint8_t* bytes) noexcept {
  std::array<std::uint8_t, 16> digits;
  for (std::size_t i = 0; i < 8; ++i) {
    digits[2 * i] = bytes[i] >> 4;
    digits[2 * i + 1] = bytes[i] & 15U;
  }
  for (std::uint8_t& value : digits) {
    value = static_cast<std::uint8_t>(value + (value > 9 ? 'a' - 10 : '0'));
  }
  std::memcpy(to, digits.data(), digits.size());
}

}  // namespace

TraceId new_trace_id(std::chrono::nanoseconds wall, Random& random) noexcept {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wall).count();
  TraceId id;
  put_big_endian(id.bytes.data(), static_cast<std::uint64_t>(seconds), 4);
  put_big_endian(id.bytes.data() + 4, random.next(), 4);
  put_big_endian(id.bytes.data() + 8, random.next() | 1U, 8);
  return id;
}

SpanId new_span_id(Random& random) noexcept {
  SpanId id;
  put_big_endian(id.bytes.data(), random.next() | 1U, 8);
  return id;
}

std::string new_uuid7(std::chrono::nanoseconds wall, Random& random) {
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(wall).count();
  std::array<std::uint8_t, 16> bytes{};
  put_big_endian(bytes.data(), static_cast<std::uint64_t>(millis), 6);
  put_big_endian(bytes.data() + 6, random.next(), 2);
  put_big_endian(bytes.data() + 8, random.next(), 8);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x70U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);

  std::array<char, 32> digits;
  put_hex(digits.data(), bytes.data());
  put_hex(digits.data() + 16, bytes.data() + 8);
  // 8-4-4-4-12.
  std::array<char, 36> text;
  std::memcpy(text.data(), digits.data(), 8);
  std::memcpy(text.data() + 9, digits.data() + 8, 4);
  std::memcpy(text.data() + 14, digits.data() + 12, 4);
  std::memcpy(text.data() + 19, digits.data() + 16, 4);
  std::memcpy(text.data() + 24, digits.data() + 20, 12);
  text[8] = text[13] = text[18] = text[23] = '-';
  return {text.data(), text.size()};
}

void write_hex(char* to, const std::uint8_t* bytes, std::size_t size) noexcept {
  std::size_t done = 0;
  for (; size - done >= 8; done += 8) put_hex(to + 2 * done, bytes + done);
  for (; done < size; ++done) {
    to[2 * done] = kDigits[bytes[done] >> 4];
    to[2 * done + 1] = kDigits[bytes[done] & 15U];
  }
}

void append_hex(std::string& out, const std::uint8_t* bytes, std::size_t size) {
  const std::size_t begin = out.size();
  const std::size_t end = begin + 2 * size;
  // Without zeros first.
  out.resize_and_overwrite(end, [end](char*, std::size_t) { return end; });
  write_hex(out.data() + begin, bytes, size);
}

std::string to_hex(const TraceId& id) {
  std::string text;
  append_hex(text, id.bytes.data(), id.bytes.size());
  return text;
}

std::string to_hex(const SpanId& id) {
  std::string text;
  append_hex(text, id.bytes.data(), id.bytes.size());
  return text;
}

bool decode_hex(std::string_view text, std::uint8_t* bytes, std::size_t size) noexcept {
  if (text.size() != size * 2) return false;
  for (std::size_t i = 0; i < size; ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

}  // namespace sonde
