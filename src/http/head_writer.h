#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/head.h"

namespace sonde::http {

/// What is to be otherwise than in the head that was read.
struct Rewrite {
  std::string_view path{};  ///< Instead of the target's own; empty: that one, in origin-form.

  /// Each takes the place of all fields of its name, and stands behind the others.
  struct NewField {
    std::string_view name;
    std::string_view value;
  };
  std::span<const NewField> set{};
  std::span<const std::string_view> drop{};  ///< Names of fields to leave out, in any case.

  bool drop_proxy_authorization = false;  ///< It was meant for us.
  bool drop_expect = false;               ///< We have answered it.
  bool close = false;                     ///< Say that no message will follow.

  /// Instead of head.declared; a body that is made longer or shorter, for example.
  std::optional<Framing> framing{};
  std::uint64_t content_length = 0;  ///< For framing kLength.
};

/// Appends `head`, as HTTP/1.1, to `out`: written anew, so that nothing of what was between
/// the lines goes on.  Left out are the fields for one connection only (RFC 9110 7.6.1, and
/// those that Connection names); the framing is said once; all others follow byte for byte
/// in their order.  What ends with the connection says `Connection: close`.
///
/// A request of HTTP/1.0 without Host must be given one by `set`.
///
/// Fails with kInvalidInput, and appends nothing, if a path or field of `rewrite` could be
/// read as something else, is one that this function alone writes, or if Host is missing.
Status append_head(std::string& out, const Head& head, const Rewrite& rewrite = {});

}  // namespace sonde::http
