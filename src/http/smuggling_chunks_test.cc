// Chunked bodies: what lax readers take, and what becomes of it here.
#include <catch2/catch_test_macros.hpp>

#include "http/smuggling_for_test.h"

namespace sonde::http {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kAccepted = "POST / chunked:abc GET /next -";

/// What follows the head; a request follows it.
constexpr SmugglingVector kChunks[] = {
    {"plain", "3\r\nabc\r\n0\r\n\r\n", kAccepted, "control"},
    {"in pieces", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", kAccepted, "control"},
    {"sixteen digits", "0000000000000003\r\nabc\r\n000\r\n\r\n", kAccepted, "RFC 9112 7.1"},
    {"seventeen digits", "00000000000000003\r\nabc\r\n", "POST / chunked:!chunk_size",
     "RFC 9112 7.1"},
    {"lower and upper case", "0a\r\n0123456789\r\n0A\r\n0123456789\r\n0\r\n\r\n",
     "POST / chunked:01234567890123456789 GET /next -", "control"},
    {"0x", "0x3\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_size", "Twisted CVE-2022-24801"},
    {"plus", "+3\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_size", "Twisted CVE-2022-24801"},
    {"minus", "-3\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_size", "nginx CVE-2013-2028"},
    {"underscore", "1_0\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_size", "RFC 9112 7.1"},
    {"no digit", "\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_size", "RFC 9112 7.1"},
    {"extension alone", ";a\r\n", "POST / chunked:!chunk_size", "RFC 9112 7.1"},
    {"blank before", " 3\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_size", "RFC 9112 7.1"},
    {"blank behind", "3 \r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_extension", "RFC 9112 7.1"},
    {"tab behind", "3\t\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_extension", "RFC 9112 7.1"},
    {"beyond 64 bits", "10000000000000003\r\nabc\r\n", "POST / chunked:!chunk_size",
     "Apache CVE-2015-3183"},
    {"beyond 63 bits", "8000000000000000\r\nabc\r\n", "POST / chunked:!chunk_size_overflow",
     "RFC 9112 7.1"},
    {"all ones", "FFFFFFFFFFFFFFFF\r\nabc\r\n", "POST / chunked:!chunk_size_overflow",
     "hyper CVE-2021-32714"},
    {"letter behind", "3g\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_size", "RFC 9112 7.1"},
    {"NUL behind", "3\0\r\nabc\r\n0\r\n\r\n"sv, "POST / chunked:!control_byte", "RFC 9112 7.1"},
    {"LF ends the size", "3\nabc\r\n0\r\n\r\n", "POST / chunked:!bare_lf", "RFC 9112 7.1"},
    {"CR ends the size", "3\rabc\r\n0\r\n\r\n", "POST / chunked:!bare_cr", "RFC 9112 7.1"},
    {"LF ends the data", "3\r\nabc\n0\r\n\r\n", "POST / chunked:abc!chunk_end",
     "h11 CVE-2025-43859"},
    {"any two bytes end the data", "3\r\nabcXY0\r\n\r\n", "POST / chunked:abc!chunk_end",
     "h11 CVE-2025-43859"},
    {"nothing ends the data", "3\r\nabc0\r\n\r\n", "POST / chunked:abc!chunk_end", "RFC 9112 7.1"},
    {"CR X ends the data", "3\r\nabc\rX0\r\n\r\n", "POST / chunked:abc!chunk_end", "RFC 9112 7.1"},
    {"data longer than said", "2\r\nabc\r\n0\r\n\r\n", "POST / chunked:ab!chunk_end",
     "RFC 9112 7.1"},
    {"LF ends the last chunk", "0\n\r\n", "POST / chunked:!bare_lf", "RFC 9112 7.1"},
    {"LF ends the body", "0\r\n\n", "POST / chunked:!bare_lf", "RFC 9112 7.1"},
    {"CR X ends the body", "0\r\n\rX", "POST / chunked:!bare_cr", "RFC 9112 7.1"},
    {"last chunk with an extension", "3\r\nabc\r\n0;a=b\r\n\r\n", kAccepted, "RFC 9112 7.1.1"},
    {"extension", "3;a=b\r\nabc\r\n0\r\n\r\n", kAccepted, "RFC 9112 7.1.1"},
    {"extensions", "3;a;b=c;d=\"e\"\r\nabc\r\n0\r\n\r\n", kAccepted, "RFC 9112 7.1.1"},
    {"blanks in an extension", "3 ; a = b ;c\r\nabc\r\n0\r\n\r\n", kAccepted, "RFC 9112 7.1.1"},
    {"quoted semicolon", "3;a=\";\\\";=\"\r\nabc\r\n0\r\n\r\n", kAccepted, "RFC 9110 5.6.4"},
    {"LF in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n", "POST / chunked:!bare_lf",
     "Kestrel CVE-2025-55315"},
    {"CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n", "POST / chunked:!bare_cr",
     "Kestrel CVE-2025-55315"},
    {"CRLF in a quoted value", "3;a=\"\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_extension",
     "Netty CVE-2026-33870"},
    {"LF in a quoted value", "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n", "POST / chunked:!bare_lf",
     "Netty CVE-2026-33870"},
    {"CR behind a backslash", "3;a=\"\\\r\n\"\r\nabc\r\n", "POST / chunked:!chunk_extension",
     "Netty CVE-2026-33870"},
    {"NUL in a quoted value", "3;a=\"\0\"\r\nabc\r\n"sv, "POST / chunked:!control_byte", "A2"},
    {"empty extension", "3;\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_extension",
     "RFC 9112 7.1.1"},
    {"empty value", "3;a=\r\nabc\r\n0\r\n\r\n", "POST / chunked:!chunk_extension",
     "RFC 9112 7.1.1"},
    {"text behind a quoted value", "3;a=\"b\"c\r\nabc\r\n", "POST / chunked:!chunk_extension",
     "RFC 9112 7.1.1"},
    {"two equal signs", "3;a=b=c\r\nabc\r\n", "POST / chunked:!chunk_extension", "RFC 9112 7.1.1"},
    {"blank at the end", "3;a \r\nabc\r\n", "POST / chunked:!chunk_extension", "RFC 9112 7.1.1"},
    {"trailer", "3\r\nabc\r\n0\r\nX: 1\r\n\r\n", kAccepted, "RFC 9112 7.1.2"},
    {"trailer session", "3\r\nabc\r\n0\r\nMcp-Session-Id: evil\r\n\r\n", kAccepted,
     "A2.1, dropped"},
    {"trailer CL", "0\r\nContent-Length: 3\r\n\r\n", "POST / chunked:!trailer_forbidden", "A2.1"},
    {"trailer TE", "0\r\nTransfer-Encoding: chunked\r\n\r\n", "POST / chunked:!trailer_forbidden",
     "RFC 9112 7.1.2"},
    {"trailer Host", "0\r\nHost: b\r\n\r\n", "POST / chunked:!trailer_forbidden", "RFC 9110 6.5.1"},
    {"trailer folded", "0\r\nX: 1\r\n 2\r\n\r\n", "POST / chunked:!obs_fold", "RFC 9112 7.1.2"},
    {"trailer no colon", "0\r\nGET /evil HTTP/1.1\r\n\r\n", "POST / chunked:!field_name",
     "RFC 9112 7.1.2"},
    {"trailer LF", "0\r\nX: 1\nY: 2\r\n\r\n", "POST / chunked:!bare_lf", "RFC 9112 7.1.2"},
    {"trailer NUL", "0\r\nX: \0\r\n\r\n"sv, "POST / chunked:!control_byte", "A2"},
    {"trailer blank before colon", "0\r\nX : 1\r\n\r\n", "POST / chunked:!blank_before_colon",
     "A2"},
};

TEST_CASE("no chunk smuggles a request past the reader", "[http][smuggling]") {
  for (const SmugglingVector& vector : kChunks) {
    std::string stream = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n";
    stream.append(vector.bytes).append("GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    check_stream(stream, vector);
  }
}

}  // namespace
}  // namespace sonde::http
