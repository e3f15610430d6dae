#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include "jsonrpc/scanner_transcript.h"
using namespace sonde::jsonrpc;
TEST_CASE("x") {
  std::string s =
      R"({"method":"tools/call","params":{"name":"search","arguments":{"q":"a,b","n":[1,2]},"_meta":{}},"jsonrpc":"2.0","id":3}
{"result":{"content":[{"type":"text","text":"h\"ello, [x]"},{}],"isError":false},"jsonrpc":"2.0","id":"a"}
[INFO] started
{foo}
hello

  {"method":"notifications/x"}
[{"id":1,"method":"a"},{"error":{"code":-1,"message":"m"},"id":null} , 12]
123
[]
{"params":{"_meta":{"a":1}},"method":"x","id":12})";
  auto t = transcribe(s);
  for (auto& l : t) printf("%s\n", l.c_str());
  for (size_t i = 1; i < s.size(); ++i) CHECK(transcribe_by(i, s) == t);
}
