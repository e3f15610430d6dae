// Chunked bodies: what lax readers take, and what becomes of it here.
#include <catch2/catch_test_macros.hpp>

#include "http/smuggling_chunks_for_test.h"
#include "http/smuggling_for_test.h"

namespace sonde::http {
namespace {

TEST_CASE("no chunk smuggles a request past the reader", "[http][smuggling]") {
  for (const SmugglingVector& vector : kSmuggledChunks) {
    check_stream(stream_of_chunks(vector), vector);
  }
}

}  // namespace
}  // namespace sonde::http
