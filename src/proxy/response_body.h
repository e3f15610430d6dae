#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "http/body_reader.h"
#include "http/head.h"

namespace sonde::proxy {

/// A response body on its way: read from its framing and framed again for the client.
///
/// Lifetime.  pieces() point into the chunk that was taken and into this object; valid until the
/// next take().  Threads.  One owner.  Failure.  state() is kRefused: then the connection to the
/// client must be broken off, without an end of the body.
class ResponseBody {
 public:
  /// `framing`: what the client was told, with chunked for kChunked.
  void begin(const http::Head& head, http::Framing framing);

  /// Takes from the front of `wire` what belongs to the body; returns how much.
  std::size_t take(std::string_view wire);
  /// The connection has ended.  True if that is the body's end.
  bool end_of_stream() noexcept;

  http::State state() const noexcept { return done_ ? http::State::kDone : reader_.state(); }
  http::Refusal refusal() const noexcept { return reader_.refusal(); }

  /// What the client gets of the last take(), framed.
  const std::vector<iovec>& pieces() const noexcept { return pieces_; }
  /// The same as the server meant it.
  const std::vector<std::string_view>& payload() const noexcept { return payload_; }

 private:
  void frame(std::size_t bytes);

  http::BodyReader reader_;
  http::Framing in_ = http::Framing::kNone;
  http::Framing out_ = http::Framing::kNone;
  bool done_ = false;
  std::vector<iovec> pieces_;
  std::vector<std::string_view> payload_;
  std::string frame_;
};

}  // namespace sonde::proxy
