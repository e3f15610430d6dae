#pragma once

#include <cstdint>
#include <string_view>

namespace sonde::http {

// Every reason for which a message is refused: its name for a counter, which never changes;
// the status that tells the client; the sentence for a person.
#define SONDE_HTTP_REFUSALS(ROW)                                                                   \
  ROW(kNone, "none", 200, "nothing is wrong")                                                      \
  ROW(kBareCr, "bare_cr", 400, "a CR that no LF follows")                                          \
  ROW(kBareLf, "bare_lf", 400, "an LF without a CR before it")                                     \
  ROW(kControlByte, "control_byte", 400, "NUL or another control byte")                            \
  ROW(kBlankLines, "blank_lines", 400, "more than one empty line before the request line")         \
  ROW(kHeadTooLarge, "head_too_large", 431, "the head is longer than allowed")                     \
  ROW(kRequestLine, "request_line", 400, "the request line is not: method, target, version")       \
  ROW(kMethod, "method", 400, "the method is not a word of at most 32 capital letters")            \
  ROW(kMethodConnect, "method_connect", 501, "CONNECT asks for a tunnel, and there are none here") \
  ROW(kTarget, "target", 400, "the target has bytes that no URI may have, or no known form")       \
  ROW(kTargetTooLong, "target_too_long", 414, "the target is longer than allowed")                 \
  ROW(kTargetNotHost, "target_not_host", 400, "the target names another host than Host does")      \
  ROW(kVersion, "version", 400, "the protocol version cannot be read")                             \
  ROW(kVersionUnknown, "version_unknown", 505, "neither HTTP/1.0 nor HTTP/1.1")                    \
  ROW(kStatusLine, "status_line", 400, "the status line is not: version, three digits, reason")    \
  ROW(kStatusUpgrade, "status_upgrade", 400, "101 answers an upgrade that was not asked for")      \
  ROW(kObsFold, "obs_fold", 400, "a field line that begins with a blank")                          \
  ROW(kBlankBeforeColon, "blank_before_colon", 400,                                                \
      "a blank between a field's name and its colon")                                              \
  ROW(kFieldName, "field_name", 400,                                                               \
      "a field without a colon, or whose name is empty or no token")                               \
  ROW(kFieldLookalike, "field_lookalike", 400,                                                     \
      "a name that is only told by an underscore from one that matters")                           \
  ROW(kFieldTooLong, "field_too_long", 431, "a field is longer than allowed")                      \
  ROW(kFieldsTooMany, "fields_too_many", 431, "more fields than allowed")                          \
  ROW(kFieldRepeated, "field_repeated", 400, "a field came twice that may come once")              \
  ROW(kLengthRepeated, "content_length_repeated", 400, "Content-Length came twice")                \
  ROW(kLength, "content_length", 400, "Content-Length is not a plain decimal number")              \
  ROW(kLengthOverflow, "content_length_overflow", 400, "Content-Length is beyond 2^63-1")          \
  ROW(kLengthForbidden, "content_length_forbidden", 400, "a length where there can be no body")    \
  ROW(kLengthAndEncoding, "content_length_and_transfer_encoding", 400,                             \
      "Content-Length beside Transfer-Encoding")                                                   \
  ROW(kEncoding, "transfer_encoding", 400, "Transfer-Encoding is not the one word chunked")        \
  ROW(kEncodingRepeated, "transfer_encoding_repeated", 400, "Transfer-Encoding came twice")        \
  ROW(kEncodingOn10, "transfer_encoding_on_1_0", 400, "Transfer-Encoding on HTTP/1.0")             \
  ROW(kEncodingForbidden, "transfer_encoding_forbidden", 400,                                      \
      "Transfer-Encoding where there can be no body")                                              \
  ROW(kHostMissing, "host_missing", 400, "HTTP/1.1 without Host")                                  \
  ROW(kHostRepeated, "host_repeated", 400, "Host came twice")                                      \
  ROW(kHost, "host", 400, "Host is not a name or address, with or without a port")                 \
  ROW(kConnection, "connection", 400, "Connection is not a list of at most 32 words")              \
  ROW(kConnectionNames, "connection_names", 400, "Connection names a field that must arrive")      \
  ROW(kExpect, "expect", 417, "Expect asks for something else than 100-continue")                  \
  ROW(kBodyTooLarge, "body_too_large", 413, "the body is longer than allowed")                     \
  ROW(kChunkSize, "chunk_size", 400, "a chunk's size is not 1 to 16 hexadecimal digits")           \
  ROW(kChunkSizeOverflow, "chunk_size_overflow", 400, "a chunk's size is beyond 2^63-1")           \
  ROW(kChunkEnd, "chunk_end", 400, "a chunk does not end where its size says")                     \
  ROW(kChunkExtension, "chunk_extension", 400, "a chunk extension cannot be read")                 \
  ROW(kChunkExtensionTooLong, "chunk_extension_too_long", 400,                                     \
      "the extensions of a chunk, or of all of them, are longer than allowed")                     \
  ROW(kTrailersTooLarge, "trailers_too_large", 431, "the trailers are longer than allowed")        \
  ROW(kTrailerForbidden, "trailer_forbidden", 400, "a trailer that would frame or route a message")

enum class Refusal : std::uint8_t {
#define SONDE_ROW(id, name, status, sentence) id,
  SONDE_HTTP_REFUSALS(SONDE_ROW)
#undef SONDE_ROW
      kCount
};

/// Stable, lower case with underscores: part of a counter's name.
std::string_view name_of(Refusal refusal) noexcept;

/// What to tell the client whose request was refused.  A refused response is a 502 to it.
int status_of(Refusal refusal) noexcept;

/// For a log line or the body of the answer; names no byte of the message.
std::string_view sentence_of(Refusal refusal) noexcept;

}  // namespace sonde::http
