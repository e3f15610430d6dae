#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "http/field.h"

namespace sonde::http {

/// Largest Content-Length or chunk: what a peer with signed 64 bits reads alike.
inline constexpr std::uint64_t kBodyBytesMax = 0x7fff'ffff'ffff'ffff;

struct Limits {
  std::size_t head_bytes_max = 32 * 1024;
  std::size_t target_bytes_max = 8 * 1024;
  std::size_t field_bytes_max = 16 * 1024;  ///< One line, name and all.
  std::size_t fields_max = 128;
  std::uint64_t body_bytes_max = kBodyBytesMax;
  std::size_t chunk_extension_bytes_max = 256;  ///< Of one chunk.
  std::size_t trailer_bytes_max = 8 * 1024;     ///< All of them, CRLFs and all.
};

enum class Side : std::uint8_t { kRequest, kResponse };
enum class Version : std::uint8_t { k10, k11 };
enum class TargetForm : std::uint8_t { kOrigin, kAbsolute, kAsterisk };

/// Where a body ends.
enum class Framing : std::uint8_t {
  kNone,        ///< There is none.
  kLength,      ///< After so many bytes; that may be 0.
  kChunked,     ///< With its last chunk and the trailers.
  kUntilClose,  ///< With the connection; responses only.
};

/// What the head of a message says.
///
/// Lifetime: views into the reader that read it; see HeadReader.
struct Head {
  Side side = Side::kRequest;
  Version version = Version::k11;

  std::string_view method;  ///< Of a request.
  std::string_view target;  ///< As it was written.
  std::string_view path;    ///< The same in origin-form ("/a?b", "*"): what an upstream gets.
  TargetForm form = TargetForm::kOrigin;
  std::string_view host;  ///< Value of Host; empty only on HTTP/1.0.

  int status = 0;  ///< Of a response.
  std::string_view reason;

  std::vector<Field> fields;  ///< In order, nothing left out.

  Framing framing = Framing::kNone;   ///< Of the body that follows these bytes.
  Framing declared = Framing::kNone;  ///< The same but for answers to HEAD and 304: what a GET
                                      ///< would have had.
  std::uint64_t content_length = 0;   ///< If either is kLength.
  bool persistent = true;             ///< May another message follow on this connection?
  bool expects_continue = false;      ///< The body is held back until a 100 is sent.

  /// The first field of that name, in any case; nullptr without one.
  const Field* find(std::string_view name) const noexcept;
  const Field* find(FieldId id) const noexcept;
};

}  // namespace sonde::http
