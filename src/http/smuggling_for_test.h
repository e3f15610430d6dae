#pragma once

#include <cstddef>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "http/smuggling_vector_for_test.h"
#include "http/transcript_for_test.h"

namespace sonde::http {

/// Whole, byte by byte, and cut in two at every byte.
inline void check_stream(const std::string& stream, const SmugglingVector& vector) {
  INFO(vector.name << " (" << vector.precedent << ")");
  CHECK(read_in_chunks(stream, stream.size()) == vector.expected);
  CHECK(read_in_chunks(stream, 1) == vector.expected);
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    if (read_cut_at(stream, cut) != vector.expected) FAIL_CHECK("differs when cut at " << cut);
  }
}

}  // namespace sonde::http
