#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sonde::http {

/// Bytes that some reader takes for another message than the next one does.  The tables are read
/// by the tests of the reader and, over real sockets, by tests/faults/test_41_smuggling.py.
struct SmugglingVector {
  std::string_view name;
  std::string_view bytes;
  std::string_view expected;   ///< As Conversation writes it.
  std::string_view precedent;  ///< Who took it, or who says that nobody should.
};

/// Of a whole stream, in which 'H' at the end of a line stands for a Host and the empty line.
inline std::string stream_of_lines(const SmugglingVector& vector) {
  std::string stream;
  for (std::size_t i = 0; i < vector.bytes.size(); ++i) {
    const std::string_view rest = vector.bytes.substr(i);
    const bool ends = rest == "H" || rest.starts_with("HGET");
    if (ends) {
      stream += "\r\nHost: a\r\n\r\n";
    } else {
      stream += rest.front();
    }
  }
  return stream;
}

/// Of field lines without the last CRLF; a body of three bytes and a request follow them.
inline std::string stream_of_fields(const SmugglingVector& vector) {
  std::string stream = "POST / HTTP/1.1\r\nHost: a\r\n";
  stream.append(vector.bytes).append("\r\n\r\nabcGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  return stream;
}

/// Of what follows the head of a chunked message; a request follows it.
inline std::string stream_of_chunks(const SmugglingVector& vector) {
  std::string stream = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n";
  stream.append(vector.bytes).append("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
  return stream;
}

}  // namespace sonde::http
