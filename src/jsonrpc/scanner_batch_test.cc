#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "jsonrpc/scanner.h"

namespace sonde::jsonrpc {
namespace {

struct Seen {
  Kind kind;
  bool in_batch;
  std::string bytes;

  bool operator==(const Seen&) const = default;
};

std::vector<Seen> scan(const std::string& stream) {
  Scanner scanner;
  std::vector<Seen> seen;
  scanner.feed(stream);
  while (const Message* message = scanner.next()) {
    seen.push_back(
        {message->kind, message->in_batch, stream.substr(message->begin, message->size())});
  }
  return seen;
}

TEST_CASE("the elements of a batch come one by one", "[jsonrpc][batch]") {
  CHECK(scan("[{\"method\":\"a\",\"id\":1} , {\"result\":{},\"id\":2},{\"method\":\"b\"}]\n") ==
        std::vector<Seen>{{Kind::kRequest, true, R"({"method":"a","id":1})"},
                          {Kind::kResponse, true, R"({"result":{},"id":2})"},
                          {Kind::kNotification, true, R"({"method":"b"})"}});
}

TEST_CASE("an element comes before its batch has ended", "[jsonrpc][batch]") {
  Scanner scanner;
  scanner.feed(R"([{"method":"a","id":1})");

  REQUIRE(scanner.next());
  CHECK_FALSE(scanner.next());
  scanner.feed(R"(,{"method":"b","id":2})");
  REQUIRE(scanner.next());
}

TEST_CASE("an element of a batch that is no object is JSON all the same", "[jsonrpc][batch]") {
  CHECK(scan("[{},1,\"a\",[{}],null]\n") == std::vector<Seen>{{Kind::kNotJsonRpc, true, "{}"},
                                                              {Kind::kNotJsonRpc, true, "1"},
                                                              {Kind::kNotJsonRpc, true, "\"a\""},
                                                              {Kind::kNotJsonRpc, true, "[{}]"},
                                                              {Kind::kNotJsonRpc, true, "null"}});
}

TEST_CASE("an array that does not begin with an object is one value", "[jsonrpc][batch]") {
  const auto* array =
      GENERATE("[ ]", "[1,2,3]", "[\"a\"]", "[[{\"id\":1}],{}]", "[null , {\"id\":1}]");

  CHECK(scan(std::string(" ") + array + " \n") ==
        std::vector<Seen>{{Kind::kNotJsonRpc, false, array}});
}

TEST_CASE("what follows a fault in a batch is one line that is no JSON", "[jsonrpc][batch]") {
  CHECK(scan("[{\"id\":1},{\"id\"],{}]\n{}\n") ==
        std::vector<Seen>{{Kind::kNotJsonRpc, true, R"({"id":1})"},
                          {Kind::kNotJson, false, R"(,{"id"],{}])"},
                          {Kind::kNotJsonRpc, false, "{}"}});
  CHECK(scan("[{\"id\":1}] x\n") == std::vector<Seen>{{Kind::kNotJsonRpc, true, R"({"id":1})"},
                                                      {Kind::kNotJson, false, "] x"}});
}

TEST_CASE("nothing is spliced into a batch", "[jsonrpc][batch]") {
  Scanner scanner;
  scanner.feed(R"([{"method":"tools/call","params":{"_meta":{}},"id":1})");
  const Message* message = scanner.next();

  REQUIRE(message);
  CHECK_FALSE(message->splice);
  CHECK_FALSE(scanner.next());
  CHECK_FALSE(scanner.hold_from());
}

}  // namespace
}  // namespace sonde::jsonrpc
