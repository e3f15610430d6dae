#include "jsonrpc/splice.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <string>
#include <string_view>

#include "jsonrpc/splice_model.h"

namespace sonde::jsonrpc {
namespace {

std::string spliced(std::string_view message, std::size_t chunk_bytes = 100000) {
  Forwarder forwarder;
  std::string_view rest = message;
  while (!rest.empty()) {
    const std::string_view chunk = rest.substr(0, chunk_bytes);
    rest.remove_prefix(chunk.size());
    forwarder.feed(chunk);
  }
  std::string sent = forwarder.finish();
  REQUIRE(forwarder.fault().empty());
  return sent;
}

const char* const kRequests[] = {
    R"({"method":"m","id":1})",
    R"({"method":"m","params":{},"id":1})",
    R"({"method":"m","params":{ },"id":1})",
    R"({"method":"m","params":{"name":"x"},"id":1})",
    R"({"method":"m","params":{"name":"x","_meta":{}},"id":1})",
    R"({"method":"m","params":{"_meta": { "a" : 1 } , "name":"x"},"id":1})",
    R"({"params":{"_meta":{"a":{"_meta":1}},"arguments":{"_meta":[]}},"method":"m"})",
    R"({"params":{"arguments":{"params":{}}},"id":"s","method":"m"})",
    R"(  { "id" : 1 , "method" : "notifications/x" }  )",
    R"({"p\u0061rams":{"\u005fmeta":{"a":"}"}},"method":"m","id":1})",
    R"({"x":{"params":{}},"method":"m","y":[{}],"id":1})",
};

TEST_CASE("a splice adds its members and changes nothing else", "[jsonrpc][splice]") {
  const auto* request = GENERATE(from_range(std::begin(kRequests), std::end(kRequests)));
  const std::string after = spliced(request);
  INFO(after);

  CHECK(after.size() > std::string_view(request).size());
  CHECK(only_added(request, after));
}

TEST_CASE("a splice is the same however the request is cut", "[jsonrpc][splice]") {
  const auto* request = GENERATE(from_range(std::begin(kRequests), std::end(kRequests)));
  const std::string two_lines = std::string(request) + "\n" + request + "\n";
  const std::string whole = spliced(two_lines);

  for (std::size_t chunk_bytes = 1; chunk_bytes < two_lines.size(); ++chunk_bytes) {
    CHECK(spliced(two_lines, chunk_bytes) == whole);
  }
}

TEST_CASE("messages without a site go as they are", "[jsonrpc][splice]") {
  const auto* message = GENERATE(
      R"({"id":1,"result":{"_meta":{}}})", R"({"id":1,"error":{"code":1}})",
      R"({"method":"m","params":[],"id":1})", R"({"method":"m","params":null,"id":1})",
      R"({"method":"m","params":{"_meta":1},"id":1})", R"({"method":1,"params":{"_meta":{}}})",
      R"({"method":"m","params":{},"params":{},"id":1})",
      R"({"method":"m","params":{"_meta":{},"_meta":{}},"id":1})",
      R"({"method":"m","params":{"_meta":{}},"id":1,"result":{}})",
      R"([{"method":"m","params":{"_meta":{}},"id":1}])", R"({"params":{"_meta":{}}})",
      R"({"method":"m","params":{"_meta":{}},"id":1} trailing)", "log", R"({"method":"m","id":1)");
  INFO(message);
  const std::size_t chunk_bytes = GENERATE(std::size_t{1}, std::size_t{17}, std::size_t{1000});

  CHECK(spliced(message, chunk_bytes) == message);
}

TEST_CASE("the text fits its place", "[jsonrpc][splice]") {
  using enum SpliceSite::Form;

  CHECK(splice_text({0, kAfterMetaOpen, false}, R"("a":1)") == R"("a":1,)");
  CHECK(splice_text({0, kAfterMetaOpen, true}, R"("a":1)") == R"("a":1)");
  CHECK(splice_text({0, kBeforeParamsEnd, false}, R"("a":1)") == R"(,"_meta":{"a":1})");
  CHECK(splice_text({0, kBeforeParamsEnd, true}, R"("a":1)") == R"("_meta":{"a":1})");
  CHECK(splice_text({0, kBeforeMessageEnd, false}, R"("a":1)") == R"(,"params":{"_meta":{"a":1}})");
  CHECK(splice_text({0, kBeforeMessageEnd, false}, "").empty());
}

TEST_CASE("only a member at the top of _meta is a traceparent", "[jsonrpc][splice]") {
  CHECK(has_traceparent(R"({"traceparent":"00-a-b-01"})"));
  CHECK(has_traceparent(R"({"a":{},"trace\u0070arent":null})"));
  CHECK_FALSE(has_traceparent("{}"));
  CHECK_FALSE(has_traceparent(R"({"a":{"traceparent":1}})"));
  CHECK_FALSE(has_traceparent(R"({"a":"traceparent","Traceparent":1,"traceparents":2})"));
  CHECK_FALSE(has_traceparent(R"(["traceparent"])"));
}

/// Feeds the beginning of a message.
Scanner fed(std::string_view beginning) {
  Scanner scanner;
  scanner.feed(beginning);
  REQUIRE_FALSE(scanner.next());
  return scanner;
}

TEST_CASE("bytes are held back from the first possible site on", "[jsonrpc][splice]") {
  // The bar marks the place.
  const auto* text = GENERATE(R"({"params":{"_meta":{|)", R"({"params":{"_meta":{|"a":1)",
                              R"({"params":{"_meta":{|"a":1},"name":"x"},"id":1,)",
                              R"({"params":{"name":"x"|})", R"({"params":{|}  ,"id":12)",
                              R"({"method":"m","id":1|})", R"({"method":"m","id":1|}   )");
  std::string beginning = text;
  const std::size_t bar = beginning.find('|');
  beginning.erase(bar, 1);
  INFO(text);

  CHECK(fed(beginning).hold_from() == bar);
}

TEST_CASE("nothing is held back without need", "[jsonrpc][splice]") {
  const auto* beginning =
      GENERATE("", "  ", "{", R"({"method":"m","id":1)", R"({"params":{"name":"x","arguments":{)",
               R"({"params":{"_meta":)", R"({"params":[1],"id":1)", R"({"params":{"_meta":[)",
               R"({"result":{"_meta":{)", R"({"id":1,"result":{}})", R"({"id":1,"error":{}})",
               R"([{"params":{"_meta":{)", "hello {", R"({"method":1,"params":{}})", R"({"id":1})");
  INFO(beginning);

  CHECK_FALSE(fed(beginning).hold_from());
}

TEST_CASE("a site is sure once the method and all of _meta are known", "[jsonrpc][splice]") {
  using enum SpliceSite::Form;
  const auto sure = [](std::string_view beginning) {
    return fed(beginning).splice_now().value_or(SpliceSite{});
  };

  CHECK(sure(R"({"method":"m","params":{"_meta":{"a":1})").offset == 33);
  CHECK(sure(R"({"method":"m","params":{"_meta":{},"x":)").empty);
  CHECK(sure(R"({"method":"m","params":{"x":1})").form == kBeforeParamsEnd);
  CHECK(sure(R"({"params":{},"method":"m")").offset == 11);
  CHECK(sure(R"({"method":"m","id":1})").form == kBeforeMessageEnd);
}

TEST_CASE("a site is not sure as long as anything may forbid it", "[jsonrpc][splice]") {
  const auto* beginning = GENERATE(
      R"({"params":{"_meta":{}})", R"({"method":"m","params":{"_meta":{"a":1)",
      R"({"method":"m","params":{"_meta":{"traceparent":"00-a-b-01"})",
      R"({"method":"notifications/progress","params":{})",
      R"({"method":"notif\u0069cations\/progress","params":{})", R"({"params":{},"method":"m)",
      R"({"method":"m","params":{"x":1)", R"({"method":"m","id":1)", "");
  INFO(beginning);

  CHECK_FALSE(fed(beginning).splice_now());
}

TEST_CASE("a _meta beyond its limit may hide a traceparent", "[jsonrpc][splice]") {
  const std::string meta = R"({"a":")" + std::string(20000, 'x') + "\"}";
  const Scanner scanner = fed(R"({"method":"m","params":{"_meta":)" + meta);

  CHECK(scanner.hold_from() == 33);
  CHECK_FALSE(scanner.splice_now());
}

}  // namespace
}  // namespace sonde::jsonrpc
