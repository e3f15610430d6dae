#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "http/body_reader.h"
#include "http/head_reader.h"

namespace sonde::http {

/// One end of a connection that writes down what it takes the bytes for:
///   "POST /mcp 3:abc GET / -"   two requests, one with a Content-Length of 3
///   "200 chunked:ab…"           a response whose body is not complete
///   "POST / chunked:ab!bare_lf" refused in the body; nothing is read after that
///   "…"                         a head that is not complete
class Conversation {
 public:
  explicit Conversation(Side side, bool answers_head = false, const Limits& limits = {})
      : head_(side, limits), body_(limits), answers_head_(answers_head) {
    head_.reset(answers_head_);
  }

  /// Returns how many bytes were taken: all, unless something was refused.
  std::size_t feed(std::string_view chunk) {
    const std::size_t size = chunk.size();
    while (!chunk.empty() && !refused()) {
      chunk.remove_prefix(in_body_ ? feed_body(chunk) : feed_head(chunk));
    }
    return size - chunk.size();
  }

  bool refused() const {
    return head_.state() == State::kRefused || body_.state() == State::kRefused;
  }
  bool in_body() const { return in_body_; }
  std::size_t messages() const { return messages_; }

  /// With `fields`, all that the heads said is in it.
  std::string text() const {
    std::string text = text_;
    if (head_.state() == State::kRefused) return text.append("!").append(name_of(head_.refusal()));
    if (body_.state() == State::kRefused) return text.append("!").append(name_of(body_.refusal()));
    if (in_body_ || head_.bytes() != 0) return text.append("…");
    if (text.ends_with(' ')) text.pop_back();
    return text;
  }
  const std::string& fields() const { return fields_; }

 private:
  std::size_t feed_head(std::string_view chunk) {
    const std::size_t taken = head_.feed(chunk);
    if (head_.state() != State::kDone) return taken;
    const Head& head = head_.head();
    text_ += head.side == Side::kRequest ? std::string(head.method) + ' ' + std::string(head.path)
                                         : std::to_string(head.status);
    text_ += ' ' + framing_of(head);
    note_fields(head);
    body_.begin(head);
    in_body_ = true;
    end_if_done();
    return taken;
  }

  std::size_t feed_body(std::string_view chunk) {
    const BodyReader::Piece piece = body_.next(chunk);
    text_ += piece.payload;
    end_if_done();
    return piece.consumed;
  }

  void end_if_done() {
    if (body_.state() != State::kDone) return;
    text_ += ' ';
    ++messages_;
    in_body_ = false;
    head_.reset(answers_head_);
  }

  static std::string framing_of(const Head& head) {
    switch (head.framing) {
      case Framing::kNone:
        return "-";
      case Framing::kLength:
        return std::to_string(head.content_length) + ':';
      case Framing::kChunked:
        return "chunked:";
      default:
        return "close:";
    }
  }

  void note_fields(const Head& head) {
    for (const Field& field : head.fields) {
      fields_ += std::string(field.name) + '=' + std::string(field.value);
      fields_ += field.hop_by_hop ? "(hop)\n" : "\n";
    }
    fields_ += std::string(head.target) + '|' + std::string(head.host) + '|';
    fields_ += std::string(head.reason) + (head.persistent ? "|persistent" : "|close");
    fields_ += head.expects_continue ? "|expects\n" : "\n";
  }

  HeadReader head_;
  BodyReader body_;
  bool answers_head_;
  bool in_body_ = false;
  std::size_t messages_ = 0;
  std::string text_;
  std::string fields_;
};

/// What a conversation says of `stream` in chunks of `chunk_bytes`.
inline std::string read_in_chunks(std::string_view stream, std::size_t chunk_bytes,
                                  Side side = Side::kRequest, const Limits& limits = {}) {
  Conversation conversation(side, false, limits);
  for (std::size_t at = 0; at < stream.size(); at += chunk_bytes) {
    conversation.feed(stream.substr(at, chunk_bytes));
  }
  return conversation.text();
}

/// The same of two chunks.
inline std::string read_cut_at(std::string_view stream, std::size_t cut,
                               Side side = Side::kRequest) {
  Conversation conversation(side);
  conversation.feed(stream.substr(0, cut));
  conversation.feed(stream.substr(cut));
  return conversation.text();
}

}  // namespace sonde::http
