// Fields that frame: what lax readers take, and what becomes of it here.
#include <catch2/catch_test_macros.hpp>

#include "http/smuggling_fields_for_test.h"
#include "http/smuggling_for_test.h"

namespace sonde::http {
namespace {

TEST_CASE("no field smuggles a request past the reader", "[http][smuggling]") {
  for (const SmugglingVector& vector : kSmuggledFields) {
    check_stream(stream_of_fields(vector), vector);
  }
}

TEST_CASE("HTTP/1.0 has no chunks", "[http][smuggling]") {
  constexpr SmugglingVector kOldChunks{"TE on 1.0", "", "!transfer_encoding_on_1_0", "Beast #3096"};
  check_stream("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", kOldChunks);
  check_stream("POST / HTTP/1.0\r\nHost: a\r\ntransfer-encoding: x\r\n\r\n", kOldChunks);
}

}  // namespace
}  // namespace sonde::http
