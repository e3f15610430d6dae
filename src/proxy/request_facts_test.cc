#include "proxy/request_facts.h"

#include <catch2/catch_test_macros.hpp>

#include "proxy/base64.h"
#include "proxy/head_for_test.h"

using namespace sonde;
using namespace sonde::proxy;

namespace {

RequestFacts facts(std::initializer_list<std::string_view> fields, std::string_view header = {}) {
  std::string text = "POST /mcp HTTP/1.1\r\nHost: h\r\n";
  for (const std::string_view field : fields) text.append(field).append("\r\n");
  return read_facts(*ReadHead(text + "\r\n"), header);
}

constexpr std::string_view kJwt =  // {"alg":"none"}.{"sub":"alice","n":1}.
    "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsIm4iOjF9.x";

}  // namespace

TEST_CASE("what MCP puts into headers is read", "[proxy][facts]") {
  const RequestFacts read =
      facts({"Content-Type: application/json; charset=utf-8",
             "Accept: application/json, text/event-stream;q=0.9", "Mcp-Session-Id: s-1",
             "MCP-Protocol-Version: 2025-11-25", "Last-Event-ID: 7", "Mcp-Method: tools/call",
             "Mcp-Name: =?base64?w6Q=?="});
  CHECK(read.method == mcp::HttpMethod::kPost);
  CHECK(read.json);
  CHECK(read.streamable);
  CHECK(read.resumes);
  CHECK(read.session_id == "s-1");
  CHECK(read.version == "2025-11-25");
  CHECK(read.names_method);
  CHECK(read.mcp_method == "tools/call");
  CHECK(read.mcp_name == "\u00e4");
}

TEST_CASE("a body that is encoded is not looked into", "[proxy][facts]") {
  CHECK_FALSE(facts({"Content-Type: application/json", "Content-Encoding: gzip"}).json);
  CHECK(facts({"Content-Type: application/json", "Content-Encoding: identity"}).json);
  CHECK_FALSE(facts({"Content-Type: application/x-www-form-urlencoded"}).json);
  CHECK_FALSE(facts({}).json);
}

TEST_CASE("a body that somebody vouches for is not changed", "[proxy][facts]") {
  for (const std::string_view field :
       {"Content-Digest: sha-256=:x:", "Signature-Input: sig1=()", "Content-Encoding: gzip",
        "Authorization: AWS4-HMAC-SHA256 Credential=x", "Content-MD5: x",
        "X-Amz-Content-Sha256: x"}) {
    CAPTURE(field);
    CHECK(facts({field}).is_signed);
  }
  CHECK_FALSE(facts({kJwt}).is_signed);
}

TEST_CASE("a relay before us is known by its fields", "[proxy][facts]") {
  for (const std::string_view field :
       {"Via: 1.1 gateway", "Forwarded: for=192.0.2.1", "X-Forwarded-For: 192.0.2.1"}) {
    CAPTURE(field);
    CHECK(facts({field}).relayed);
  }
  CHECK_FALSE(facts({"X-Forwarded-Proto: https", kJwt}).relayed);
}

TEST_CASE("ids are taken if they can be ids", "[proxy][facts]") {
  const RequestFacts read =
      facts({"X-Request-Id: r-1", "X-Correlation-Id: c-1",
             "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
  CHECK(read.request_id == "r-1");
  CHECK(read.correlation_id == "c-1");
  REQUIRE(read.parent);
  CHECK(to_hex(read.parent->trace_id) == "0af7651916cd43dd8448eb211c80319c");
  const RequestFacts bad = facts(
      {"X-Request-Id: a b", "X-Correlation-Id: " + std::string(129, 'x'), "traceparent: junk"});
  CHECK(bad.request_id.empty());
  CHECK(bad.correlation_id.empty());
  CHECK_FALSE(bad.parent);
  CHECK(bad.has_traceparent);
}

TEST_CASE("X-Ray's header gives correlation, and the parent where there is no other",
          "[proxy][facts]") {
  const RequestFacts read =
      facts({"X-Amzn-Trace-Id: "
             "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"});
  CHECK(read.correlation_id == "1-5759e988-bd862e3fe1be46a994272793");
  REQUIRE(read.parent);
  CHECK(to_hex(read.parent->span_id) == "53995c3f42cd8ad8");
}

TEST_CASE("the subject is a header's, else a token's", "[proxy][facts]") {
  CHECK(facts({kJwt}).subject == "alice");
  CHECK_FALSE(facts({kJwt}).subject_verified);
  const RequestFacts named = facts({kJwt, "X-User: bob"}, "x-user");
  CHECK(named.subject == "bob");
  CHECK(named.subject_verified);
  CHECK(facts({kJwt}, "x-user").subject.empty());
  for (const std::string_view token : {"", "a", "a.b", "a.!.c", "a.e30.c", "a.eyJzdWIiOjF9.c"}) {
    CAPTURE(token);
    CHECK(subject_of_jwt(token).empty());
  }
}

TEST_CASE("base64 is read in both alphabets, or not at all", "[proxy][base64]") {
  CHECK(decode_base64("") == "");
  CHECK(decode_base64("Zg==") == "f");
  CHECK(decode_base64("Zm8") == "fo");
  CHECK(decode_base64("-_8=") == decode_base64("+/8="));
  CHECK_FALSE(decode_base64("Z"));
  CHECK_FALSE(decode_base64("Zm9v!"));
  CHECK_FALSE(decode_base64("Zm 9v"));
}
