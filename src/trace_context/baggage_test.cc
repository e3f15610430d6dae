#include "trace_context/baggage.h"

#include <catch2/catch_test_macros.hpp>

#include "trace_context/correlation.h"
#include "trace_context/xray.h"

namespace sonde::trace_context {
namespace {

std::string members(std::size_t count, std::string_view last) {
  std::string list;
  for (std::size_t i = 1; i < count; ++i) list += "k" + std::to_string(i) + "=v,";
  return list.append(last);
}

TEST_CASE("a baggage value is decoded and loses its properties", "[trace_context][baggage]") {
  CHECK(baggage_value("a=1, session.id = s%2D1 ;p=q, b=2", "session.id") == "s-1");
  CHECK(baggage_value("a=50%,b=%zz", "b") == "%zz");
  CHECK(baggage_value("a=x=y", "a") == "x=y");
  CHECK_FALSE(baggage_value("a=1", "A"));
  CHECK_FALSE(baggage_value("a=\xc3\xa9", "a"));
  CHECK_FALSE(baggage_value("", "a"));
}

TEST_CASE("session.id goes before gen_ai.conversation.id", "[trace_context][baggage]") {
  CHECK(baggage_conversation("gen_ai.conversation.id=c,session.id=s") == "s");
  CHECK(baggage_conversation("gen_ai.conversation.id=c") == "c");
  CHECK(baggage_conversation("gen_ai.conversation.id=c,session.id=%20").compare("c") == 0);
  CHECK(baggage_conversation("user=u").empty());
}

TEST_CASE("the 65th member and the 8193rd byte are not looked at", "[trace_context][baggage]") {
  CHECK(baggage_value(members(64, "x=1"), "x") == "1");
  CHECK_FALSE(baggage_value(members(65, "x=1"), "x"));
  CHECK(baggage_value("p=" + std::string(8186, 'v') + ",x=1", "x") == "1");
  CHECK_FALSE(baggage_value("p=" + std::string(8186, 'v') + ",x=12", "x"));
  CHECK_FALSE(baggage_value("p=" + std::string(9000, 'v') + ",x=1", "x"));
}

TEST_CASE("a correlation id is 1 to 128 visible characters", "[trace_context][correlation]") {
  CHECK(valid_correlation_id("!~"));
  CHECK(valid_correlation_id(std::string(128, 'x')));
  CHECK_FALSE(valid_correlation_id(std::string(129, 'x')));
  CHECK_FALSE(valid_correlation_id(""));
  CHECK_FALSE(valid_correlation_id("a b"));
  CHECK_FALSE(valid_correlation_id("a\n"));
  CHECK_FALSE(valid_correlation_id("\x7f"));
  CHECK_FALSE(valid_correlation_id("\xc3\xa9"));
}

TEST_CASE("an X-Ray header is read in any order", "[trace_context][xray]") {
  const auto trace = parse_xray(
      "Self=1-00000000-000000000000000000000000; Sampled=1;Parent=53995c3f42cd8ad8;"
      "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=a:1");

  REQUIRE(trace);
  CHECK(trace->root == "1-5759e988-bd862e3fe1be46a994272793");
  CHECK(to_hex(trace->trace_id) == "5759e988bd862e3fe1be46a994272793");
  CHECK(to_hex(trace->parent.value()) == "53995c3f42cd8ad8");
  CHECK(trace->sampled == true);
}

TEST_CASE("an X-Ray decision may be left to us", "[trace_context][xray]") {
  const auto trace = parse_xray("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?;Parent=x");

  REQUIRE(trace);
  CHECK_FALSE(trace->sampled);
  CHECK_FALSE(trace->parent);
}

TEST_CASE("without a good root an X-Ray header says nothing", "[trace_context][xray]") {
  CHECK_FALSE(parse_xray(""));
  CHECK_FALSE(parse_xray("Parent=53995c3f42cd8ad8;Sampled=1"));
  CHECK_FALSE(parse_xray("Root=2-5759e988-bd862e3fe1be46a994272793"));
  CHECK_FALSE(parse_xray("Root=1-5759E988-bd862e3fe1be46a994272793"));
  CHECK_FALSE(parse_xray("Root=1-00000000-000000000000000000000000"));
  CHECK_FALSE(parse_xray("Root=1-5759e988-bd862e3fe1be46a99427279"));
}

}  // namespace
}  // namespace sonde::trace_context
