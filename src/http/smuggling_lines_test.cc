// Request lines and Host: what lax readers take, and what becomes of it here.
#include <catch2/catch_test_macros.hpp>

#include "http/smuggling_for_test.h"

namespace sonde::http {
namespace {

using namespace std::string_view_literals;

/// Whole streams; "H" stands for the rest of a plain head.
constexpr SmugglingVector kLines[] = {
    {"plain", "GET / HTTP/1.1H"sv, "GET / -", "control"},
    {"plain on 1.0", "GET / HTTP/1.0\r\n\r\n"sv, "GET / -", "control"},
    {"1.0 with host", "GET / HTTP/1.0H"sv, "GET / -", "control"},
    {"two pipelined", "GET /1 HTTP/1.1HGET /2 HTTP/1.1H"sv, "GET /1 - GET /2 -", "control"},
    {"one empty line before", "\r\nGET / HTTP/1.1H"sv, "GET / -", "RFC 9112 2.2"},
    {"two empty lines before", "\r\n\r\nGET / HTTP/1.1H"sv, "!blank_lines", "RFC 9112 2.2"},
    {"LF before", "\nGET / HTTP/1.1H"sv, "!bare_lf", "RFC 9112 2.2"},
    {"CR before", "\rGET / HTTP/1.1H"sv, "!bare_cr", "RFC 9112 2.2"},
    {"blank before", " GET / HTTP/1.1H"sv, "!request_line", "RFC 9112 3"},
    {"LF alone ends the line", "GET / HTTP/1.1\nHost: a\r\n\r\n"sv, "!bare_lf", "RFC 9112 2.2"},
    {"CR alone ends the line", "GET / HTTP/1.1\rHost: a\r\n\r\n"sv, "!bare_cr", "RFC 9112 2.2"},
    {"CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"sv, "!bare_cr", "RFC 9112 2.2"},
    {"HTTP/0.9", "GET /\r\n\r\n"sv, "!request_line", "RFC 9112 2.3"},
    {"two blanks", "GET  / HTTP/1.1H"sv, "!request_line", "RFC 9112 3"},
    {"two blanks before the version", "GET /  HTTP/1.1H"sv, "!request_line", "RFC 9112 3"},
    {"tab for a blank", "GET\t/\tHTTP/1.1H"sv, "!request_line", "RFC 9112 3"},
    {"blank behind the version", "GET / HTTP/1.1 H"sv, "!request_line", "RFC 9112 3"},
    {"blank in the target", "GET /a b HTTP/1.1H"sv, "!request_line", "RFC 9112 3"},
    {"NUL in the target", "GET /a\0b HTTP/1.1H"sv, "!control_byte", "RFC 9112 2.2"},
    {"VT in the target", "GET /a\vb HTTP/1.1H"sv, "!control_byte", "RFC 9112 3.2"},
    {"DEL in the target", "GET /a\x7f HTTP/1.1H"sv, "!control_byte", "RFC 3986"},
    {"8 bits in the target", "GET /\xc3\xa9 HTTP/1.1H"sv, "!target", "Beast 1.83 A2.1"},
    {"fragment", "GET /a#b HTTP/1.1H"sv, "!target", "Beast 1.83 A2.1"},
    {"backslash", "GET /a\\b HTTP/1.1H"sv, "!target", "RFC 9112 3.2"},
    {"quote", "GET /a\"b HTTP/1.1H"sv, "!target", "RFC 3986"},
    {"brackets in a query", "GET /a?b[]=1 HTTP/1.1H"sv, "GET /a?b[]=1 -", "control"},
    {"two slashes", "GET //a HTTP/1.1H"sv, "GET //a -", "RFC 9112 3.2.1"},
    {"no slash", "GET a HTTP/1.1H"sv, "!target", "RFC 9112 3.2"},
    {"query alone", "GET ?a HTTP/1.1H"sv, "!target", "RFC 9112 3.2.1"},
    {"lower case method", "get / HTTP/1.1H"sv, "!method", "nginx"},
    {"lower case head", "head / HTTP/1.1H"sv, "!method", "nginx"},
    {"method with a colon", "GET: / HTTP/1.1H"sv, "!method", "RFC 9112 3"},
    {"NUL in the method", "GE\0T / HTTP/1.1H"sv, "!control_byte", "RFC 9112 2.2"},
    {"method of 33", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1H"sv, "!method", "limit"},
    {"CONNECT", "CONNECT a:443 HTTP/1.1H"sv, "!method_connect", "faults 48"},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"sv, "!version_unknown", "RFC 9113 3.4"},
    {"HTTP/1.2", "GET / HTTP/1.2H"sv, "!version_unknown", "RFC 9112 2.3"},
    {"version 0.9 in full", "GET / HTTP/0.9H"sv, "!version_unknown", "RFC 9112 2.3"},
    {"HTTP/1.10", "GET / HTTP/1.10H"sv, "!version", "RFC 9112 2.3"},
    {"HTTP/01.1", "GET / HTTP/01.1H"sv, "!version", "aiohttp CVE-2023-47627"},
    {"HTTP/1,1", "GET / HTTP/1,1H"sv, "!version", "RFC 9112 2.3"},
    {"HTTP/+1.1", "GET / HTTP/+1.1H"sv, "!version", "RFC 9112 2.3"},
    {"http/1.1", "GET / http/1.1H"sv, "!version", "RFC 9112 2.3"},
    {"HTTP/1.", "GET / HTTP/1.H"sv, "!version", "RFC 9112 2.3"},
    {"ICY", "GET / ICY/1.1H"sv, "!version", "RFC 9112 2.3"},
    {"TLS on a plain port", "\x16\x03\x01\x02"sv, "!control_byte", "nginx"},
    {"asterisk", "OPTIONS * HTTP/1.1H"sv, "OPTIONS * -", "RFC 9112 3.2.4"},
    {"asterisk for GET", "GET * HTTP/1.1H"sv, "!target", "RFC 9112 3.2.4"},
    {"absolute", "GET http://a/x HTTP/1.1H"sv, "GET /x -", "RFC 9112 3.2.2"},
    {"absolute, other case", "GET HTTP://A/x HTTP/1.1H"sv, "GET /x -", "RFC 9110 4.2.3"},
    {"absolute without path", "GET http://a HTTP/1.1H"sv, "GET / -", "RFC 9112 3.2.1"},
    {"absolute for all", "OPTIONS http://a HTTP/1.1H"sv, "OPTIONS * -", "RFC 9112 3.2.4"},
    {"absolute, other host", "GET http://b/x HTTP/1.1H"sv, "!target_not_host", "A2.1"},
    {"absolute, other port", "GET http://a:81/x HTTP/1.1H"sv, "!target_not_host", "A2.1"},
    {"absolute with userinfo", "GET http://a@b/x HTTP/1.1H"sv, "!target", "faults 45"},
    {"absolute, query first", "GET http://a?b HTTP/1.1H"sv, "!target", "RFC 9112 3.2"},
    {"absolute without host", "GET http:///x HTTP/1.1H"sv, "!target", "RFC 9110 4.2.1"},
    {"other scheme", "GET file://a/x HTTP/1.1H"sv, "!target", "faults 48"},
    {"no Host", "GET / HTTP/1.1\r\n\r\n"sv, "!host_missing", "Beast 1.83 A2.1"},
    {"Host twice", "GET / HTTP/1.1\r\nHost: aH"sv, "!host_repeated", "Beast 1.83 A2.1"},
    {"Host twice on 1.0", "GET / HTTP/1.0\r\nHost: aH"sv, "!host_repeated", "A2.1"},
    {"Host twice, other case", "GET / HTTP/1.1\r\nhOST: bH"sv, "!host_repeated", "RFC 9112 3.2"},
    {"Host empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n"sv, "!host", "faults 45"},
    {"Host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"sv, "!host", "faults 45"},
    {"Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"sv, "!host", "faults 45"},
    {"Host with userinfo", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"sv, "!host", "faults 45"},
    {"Host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"sv, "!host", "faults 45"},
    {"Host with a zone", "GET / HTTP/1.1\r\nHost: [::1%0]\r\n\r\n"sv, "!host", "faults 45"},
    {"Host, zone outside", "GET / HTTP/1.1\r\nHost: [::1]%0\r\n\r\n"sv, "!host", "faults 45"},
    {"Host, port no number", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"sv, "!host", "RFC 9112 3.2"},
    {"Host, port beyond", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"sv, "!host", "RFC 3986"},
    {"Host, 8 bits", "GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n"sv, "!host", "faults 45"},
    {"Host, address and port", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"sv, "GET / -", "control"},
    {"LF in front of LF", "GET / HTTP/1.1\r\nHost: a\n\n"sv, "!bare_lf", "RFC 9112 2.2"},
    {"LF CR LF", "GET / HTTP/1.1\r\nHost: a\r\n\n"sv, "!bare_lf", "Waitress CVE-2019-16785"},
};

TEST_CASE("no request line and no Host smuggles a request past the reader", "[http][smuggling]") {
  for (const SmugglingVector& vector : kLines) check_vector(vector);
}

}  // namespace
}  // namespace sonde::http
