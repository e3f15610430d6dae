#pragma once

#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "http/transcript_for_test.h"

namespace sonde::http {

struct SmugglingVector {
  std::string_view name;
  std::string_view bytes;
  std::string_view expected;   ///< As Conversation writes it.
  std::string_view precedent;  ///< Who took it, or who says that nobody should.
};

/// Whole, byte by byte, and cut in two at every byte.
inline void check_stream(const std::string& stream, const SmugglingVector& vector) {
  INFO(vector.name << " (" << vector.precedent << ")");
  CHECK(read_in_chunks(stream, stream.size()) == vector.expected);
  CHECK(read_in_chunks(stream, 1) == vector.expected);
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    if (read_cut_at(stream, cut) != vector.expected) FAIL_CHECK("differs when cut at " << cut);
  }
}

/// A whole stream, in which 'H' at the end of a line stands for a Host and the empty line.
inline void check_vector(const SmugglingVector& vector) {
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
  check_stream(stream, vector);
}

}  // namespace sonde::http
