// Fields that frame: what lax readers take, and what becomes of it here.
#include <catch2/catch_test_macros.hpp>

#include "http/smuggling_for_test.h"

namespace sonde::http {
namespace {

using namespace std::string_view_literals;

/// Field lines without the last CRLF.
constexpr SmugglingVector kFields[] = {
    {"CL", "Content-Length: 3", "POST / 3:abc GET /next -", "control"},
    {"CL, blanks around", "Content-Length:\t 3 \t", "POST / 3:abc GET /next -", "RFC 9110 5.5"},
    {"CL, no blank", "content-length:3", "POST / 3:abc GET /next -", "control"},
    {"CL twice", "Content-Length: 3\r\nContent-Length: 3", "!content_length_repeated", "A2.1"},
    {"CL twice, different", "Content-Length: 3\r\nContent-Length: 0", "!content_length_repeated",
     "Netty CVE-2019-20445"},
    {"CL twice, other case", "Content-Length: 3\r\ncontent-lengtH: 9", "!content_length_repeated",
     "Netty CVE-2019-20445"},
    {"CL list", "Content-Length: 3, 3", "!content_length", "Beast 1.83 A2.1"},
    {"CL with leading zeros", "Content-Length: 0003", "!content_length", "Beast 1.83 A2.1"},
    {"CL plus", "Content-Length: +3", "!content_length", "hyper CVE-2021-32715"},
    {"CL minus", "Content-Length: -3", "!content_length", "RFC 9110 8.6"},
    {"CL hexadecimal", "Content-Length: 0x3", "!content_length", "RFC 9110 8.6"},
    {"CL empty", "Content-Length:", "!content_length", "RFC 9110 8.6"},
    {"CL blank inside", "Content-Length: 1 2", "!content_length", "Node CVE-2018-7159"},
    {"CL underscore digits", "Content-Length: 1_0", "!content_length", "aiohttp CVE-2023-47627"},
    {"CL other digits", "Content-Length: \xd9\xa3", "!content_length", "RFC 9110 8.6"},
    {"CL fraction", "Content-Length: 3.0", "!content_length", "RFC 9110 8.6"},
    {"CL beyond 63 bits", "Content-Length: 9223372036854775808", "!content_length_overflow",
     "RFC 9110 8.6"},
    {"CL beyond 64 bits", "Content-Length: 18446744073709551619", "!content_length_overflow",
     "RFC 9110 8.6"},
    {"CL very long", "Content-Length: 99999999999999999999999999999999", "!content_length_overflow",
     "RFC 9110 8.6"},
    {"CL with NUL", "Content-Length: 3\0"sv, "!control_byte", "RFC 9110 8.6"},
    {"CL.TE", "Content-Length: 3\r\nTransfer-Encoding: chunked",
     "!content_length_and_transfer_encoding", "Kettle 2019"},
    {"TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 3",
     "!content_length_and_transfer_encoding", "Kettle 2019"},
    {"CL with a bad TE", "Content-Length: 3\r\nTransfer-Encoding: xchunked",
     "!content_length_and_transfer_encoding", "Beast 1.83 A2.1"},
    {"CL with an empty TE", "Content-Length: 3\r\nTransfer-Encoding:",
     "!content_length_and_transfer_encoding", "RFC 9110 8.6"},
    {"TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
     "!transfer_encoding_repeated", "Node CVE-2020-8287"},
    {"TE twice, one of them odd", "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow",
     "!transfer_encoding_repeated", "Kettle 2019"},
    {"TE xchunked", "Transfer-Encoding: xchunked", "!transfer_encoding", "Beast 1.83 A2.1"},
    {"TE chunked, identity", "Transfer-Encoding: chunked, identity", "!transfer_encoding",
     "Beast 1.83 A2.1"},
    {"TE chunked, chunked", "Transfer-Encoding: chunked, chunked", "!transfer_encoding",
     "Beast 1.83 A2.1"},
    {"TE identity, chunked", "Transfer-Encoding: identity, chunked", "!transfer_encoding",
     "Beast 1.83 A2.1"},
    {"TE identity", "Transfer-Encoding: identity", "!transfer_encoding", "RFC 9112 6.1"},
    {"TE gzip, chunked", "Transfer-Encoding: gzip, chunked", "!transfer_encoding", "RFC 9112 7"},
    {"TE empty", "Transfer-Encoding:", "!transfer_encoding", "RFC 9112 6.1"},
    {"TE with a comma before", "Transfer-Encoding: ,chunked", "!transfer_encoding", "RFC 9112 6.1"},
    {"TE with a comma behind", "Transfer-Encoding: chunked,", "!transfer_encoding", "RFC 9112 6.1"},
    {"TE quoted", "Transfer-Encoding: \"chunked\"", "!transfer_encoding", "RFC 9112 6.1"},
    {"TE with a parameter", "Transfer-Encoding: chunked;a=b", "!transfer_encoding", "RFC 9112 6.1"},
    {"TE with VT", "Transfer-Encoding: \vchunked"sv, "!control_byte", "HAProxy CVE-2019-18277"},
    {"TE with FF behind", "Transfer-Encoding: chunked\f"sv, "!control_byte",
     "HAProxy CVE-2019-18277"},
    {"TE with NBSP", "Transfer-Encoding: chunked\xa0", "!transfer_encoding", "RFC 9112 6.1"},
    {"TE with the Kelvin sign",
     "Transfer-Encoding: chun\xe2\x84\xaa"
     "ed",
     "!transfer_encoding", "RFC 9112 6.1"},
    {"blank before the colon", "Transfer-Encoding : chunked", "!blank_before_colon",
     "Netty CVE-2019-16869"},
    {"tab before the colon", "Content-Length\t: 3", "!blank_before_colon", "Go CVE-2019-16276"},
    {"VT before the colon", "Content-Length\v: 3"sv, "!control_byte", "RFC 9112 2.2"},
    {"obs-fold of TE", "Transfer-Encoding:\r\n chunked", "!obs_fold", "Beast 1.83 A2.1"},
    {"obs-fold of CL", "Content-Length: 3\r\n 4", "!obs_fold", "Beast 1.83 A2.1"},
    {"obs-fold with a tab", "X: a\r\n\tTransfer-Encoding: chunked", "!obs_fold",
     "Node CVE-2022-32215"},
    {"line of blanks", "X: a\r\n \r\nY: b", "!obs_fold", "Beast 1.83 A2.1"},
    {"bare LF between fields", "X: a\nTransfer-Encoding: chunked", "!bare_lf",
     "Node CVE-2022-32214"},
    {"bare CR between fields", "X: a\rTransfer-Encoding: chunked", "!bare_cr",
     "Node CVE-2023-30589"},
    {"LF CR between fields", "X: a\n\rContent-Length: 3", "!bare_lf", "RFC 9112 2.2"},
    {"CR in a value", "X: a\rb", "!bare_cr", "Node CVE-2023-30589"},
    {"NUL in a value", "X: a\0b"sv, "!control_byte", "RFC 9110 5.5"},
    {"ESC in a value", "X: a\x1b[0m", "!control_byte", "A2, log injection"},
    {"no colon", "Content-Length 3", "!field_name", "Netty CVE-2019-20444"},
    {"empty name", ": 3", "!field_name", "RFC 9110 5.1"},
    {"NUL in a name", "Content-Length\0: 3"sv, "!control_byte", "RFC 9110 5.1"},
    {"quote in a name", "\"Content-Length\": 3", "!field_name", "RFC 9110 5.1"},
    {"8 bits in a name", "Content-Length\xff: 3", "!field_name", "RFC 9110 5.1"},
    {"bracket in a name", "[Transfer-Encoding]: chunked", "!field_name", "RFC 9110 5.1"},
    {"empty name, CVE-2023-25725", ":\r\nContent-Length: 3", "!field_name",
     "HAProxy CVE-2023-25725"},
    {"underscore CL", "Content_Length: 3", "!field_lookalike", "nginx underscores_in_headers"},
    {"underscore TE", "Transfer_Encoding: chunked", "!field_lookalike", "WSGI, CGI"},
    {"underscore session", "Mcp_Session-Id: x", "!field_lookalike", "Django CVE-2015-0219"},
    {"Connection: content-length", "Connection: content-length\r\nContent-Length: 3",
     "!connection_names", "Beast 1.83 A2.1"},
    {"Connection: host", "Connection: close, Host", "!connection_names", "Davison 2019"},
    {"Connection: transfer-encoding", "Connection: Transfer-Encoding", "!connection_names",
     "Davison 2019"},
    {"Connection: authorization", "Connection: authorization", "!connection_names", "Davison 2019"},
    {"Connection: mcp-session-id", "Connection: mcp-session-id", "!connection_names", "faults 43"},
    {"Connection: Mcp-Param-X", "Connection: keep-alive,\tMCP-Param-X", "!connection_names",
     "faults 43"},
    {"Connection: x-forwarded-for", "Connection: X-Forwarded-For", "!connection_names",
     "Apache CVE-2022-31813"},
    {"Connection twice", "Connection: close\r\nConnection: cookie", "!connection_names",
     "Davison 2019"},
    {"Connection no words", "Connection: a b", "!connection", "RFC 9110 7.6.1"},
    {"Connection, own field", "Connection: x\r\nX: 1", "POST / - !method", "RFC 9110 7.6.1"},
    {"no framing: the rest is the next request", "X: 1", "POST / - !method", "RFC 9112 6.3"},
    {"Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 3",
     "POST / 3:abc GET /next -", "h2csmuggler"},
    {"Expect", "Expect: 100-continue\r\nContent-Length: 3", "POST / 3:abc GET /next -", "control"},
    {"Expect something", "Expect: y 100-continue\r\nContent-Length: 3", "!expect", "Kettle 2025"},
    {"Expect list", "Expect: 100-continue, x", "!expect", "Kettle 2025"},
    {"Expect twice", "Expect: 100-continue\r\nExpect: 100-continue", "!field_repeated",
     "Kettle 2025"},
    {"session twice", "Mcp-Session-Id: a\r\nmcp-session-id: b", "!field_repeated", "A2, SEP-2243"},
    {"method twice", "Mcp-Method: a\r\nMcp-Method: a", "!field_repeated", "A2, SEP-2243"},
    {"authorization twice", "Authorization: a\r\nAuthorization: b", "!field_repeated", "A2"},
    {"origin twice", "Origin: a\r\nOrigin: null", "!field_repeated", "faults 45"},
};

TEST_CASE("no field smuggles a request past the reader", "[http][smuggling]") {
  for (const SmugglingVector& vector : kFields) {
    std::string stream = "POST / HTTP/1.1\r\nHost: a\r\n";
    stream.append(vector.bytes).append("\r\n\r\nabcGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    check_stream(stream, vector);
  }
}

TEST_CASE("HTTP/1.0 has no chunks", "[http][smuggling]") {
  constexpr SmugglingVector kOldChunks{"TE on 1.0", "", "!transfer_encoding_on_1_0", "Beast #3096"};
  check_stream("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", kOldChunks);
  check_stream("POST / HTTP/1.0\r\nHost: a\r\ntransfer-encoding: x\r\n\r\n", kOldChunks);
}

}  // namespace
}  // namespace sonde::http
