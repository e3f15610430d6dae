#include "jsonrpc/scanner.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::jsonrpc {
namespace {

/// One message, with what its views refer to.
class Scanned {
 public:
  /// REQUIRES: `stream` holds one message.
  explicit Scanned(std::string stream) : stream_(std::move(stream)) {
    scanner_.feed(stream_);
    const Message* message = scanner_.next();
    REQUIRE(message != nullptr);
    message_ = *message;
  }

  const Message& operator*() const { return message_; }
  const Message* operator->() const { return &message_; }
  std::string_view text(Field field) const { return message_[field].text; }
  std::uint64_t elements(Field field) const { return message_[field].elements; }
  std::string_view bytes() const {
    return std::string_view(stream_).substr(message_.begin, message_.size());
  }

 private:
  std::string stream_;
  Scanner scanner_;
  Message message_;
};

Scanned line(std::string_view text) { return Scanned(std::string(text) + "\n"); }

std::vector<Kind> kinds(std::string_view stream) {
  Scanner scanner;
  std::vector<Kind> found;
  scanner.feed(stream);
  while (const Message* message = scanner.next()) found.push_back(message->kind);
  if (const Message* message = scanner.finish()) found.push_back(message->kind);
  return found;
}

using Kinds = std::vector<Kind>;

TEST_CASE("a message is what its keys make it", "[jsonrpc][scanner]") {
  const auto [text, kind] = GENERATE(table<std::string, Kind>({
      {R"({"jsonrpc":"2.0","id":1,"method":"ping"})", Kind::kRequest},
      {R"({"method":"ping","id":1})", Kind::kRequest},
      {R"({"id":null,"method":"ping"})", Kind::kRequest},
      {R"({"method":"notifications/initialized"})", Kind::kNotification},
      {R"({"id":1,"result":{}})", Kind::kResponse},
      {R"({"result":null})", Kind::kResponse},
      {R"({"id":1,"error":{"code":-32601,"message":"no"}})", Kind::kError},
      {R"({"id":null,"error":{"code":-32700,"message":"no"}})", Kind::kError},
      {R"({"error":null})", Kind::kError},
      {R"({"id":1,"result":{},"error":null})", Kind::kResponse},
      {R"({"id":1,"result":null,"error":{}})", Kind::kError},
      {R"({"id":1,"method":"ping","result":{}})", Kind::kRequest},
      {R"({"id":1,"method":5})", Kind::kNotJsonRpc},
      {R"({"id":1})", Kind::kNotJsonRpc},
      {"{}", Kind::kNotJsonRpc},
      {"[]", Kind::kNotJsonRpc},
      {"17", Kind::kNotJsonRpc},
      {"-0.5e+3", Kind::kNotJsonRpc},
      {"true", Kind::kNotJsonRpc},
      {R"("text")", Kind::kNotJsonRpc},
  }));
  INFO(text);

  CHECK(kinds(text + "\n") == Kinds{kind});
}

TEST_CASE("a line that is no JSON has a size and no fields", "[jsonrpc][scanner]") {
  const auto* text =
      GENERATE("hello", "[INFO] started", "{foo}", "{", "[", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
               "{\"method\":\"x\"} trailing", "truely", "nul", "01", "1.", "--1", "{]", "[1 2]",
               "{\"id\":1]", "{\"result\":{\"a\":[1}}", "\"open", "{\"id\":1}{\"id\":2}", "[1,]",
               "[1] started", "[17 INFO]", "12:30:01 ready", "[2026-11-21] ready", "\x1b[31mred",
               "}", ",", "{\"id\":\\u0031}", "{\"params\":{\"a\" 1}}", "{1:2}", "{\"a\":[}",
               "{\"a\":[1}}", "{\"a\":{\"b\":1]}", "\xEF\xBBx");
  INFO(text);
  const Scanned message = line(text);

  CHECK(message->kind == Kind::kNotJson);
  CHECK(message->begin == 0);
  CHECK(message.bytes() == text);
  CHECK_FALSE(message->splice);
  for (const Value& value : message->fields) CHECK_FALSE(value.present);
}

TEST_CASE("values are the raw text between the blanks", "[jsonrpc][scanner]") {
  const Scanned call = line(
      R"( { "jsonrpc" : "2.0" , "id" : 7 , "method":"tools/call","params" : {"name":"a\/b",)"
      R"("uri":"file:///x", "arguments": {"q":[1,2], "r":{}} ,"_meta":{"progressToken":7}} } )");

  CHECK(call->begin == 1);
  CHECK(call.bytes().front() == '{');
  CHECK(call.bytes().back() == '}');
  CHECK(call.text(Field::kJsonrpc) == R"("2.0")");
  CHECK(call.text(Field::kId) == "7");
  CHECK(call.text(Field::kMethod) == R"("tools/call")");
  CHECK(call.text(Field::kName) == R"("a\/b")");
  CHECK(call.text(Field::kUri) == R"("file:///x")");
  CHECK(call.text(Field::kArguments) == R"({"q":[1,2], "r":{}})");
  CHECK(call.text(Field::kMeta) == R"({"progressToken":7})");
  CHECK(call.text(Field::kParams).starts_with(R"({"name")"));
  CHECK(call.text(Field::kParams).ends_with("7}}"));
}

TEST_CASE("the members of a result are found", "[jsonrpc][scanner]") {
  const Scanned response =
      line(R"({"result":{"content":[{"type":"text","text":"[,]"},{}],"structuredContent":{"a":1},)"
           R"("isError":true,"resultType":"complete","tools":[],"_meta":{"x":null}},"id":"s"})");

  CHECK(response.text(Field::kContent) == R"([{"type":"text","text":"[,]"},{}])");
  CHECK(response.text(Field::kStructured) == R"({"a":1})");
  CHECK(response.text(Field::kIsError) == "true");
  CHECK(response.text(Field::kResultType) == R"("complete")");
  CHECK(response.text(Field::kTools) == "[]");
  CHECK(response.text(Field::kResultMeta) == R"({"x":null})");
  CHECK_FALSE((*response)[Field::kMeta].present);
}

TEST_CASE("the members of an error are found", "[jsonrpc][scanner]") {
  const Scanned response = line(R"({"error":{"message":"no","code":-32601,"data":{}},"id":1})");

  CHECK(response.text(Field::kErrorCode) == "-32601");
  CHECK(response.text(Field::kErrorMessage) == R"("no")");
  CHECK(response.elements(Field::kError) == 3);
}

TEST_CASE("a key counts only where it belongs", "[jsonrpc][scanner]") {
  const Scanned call = line(
      R"({"name":"top","params":{"id":9,"method":"in","result":{},"arguments":{"name":"deep"}},)"
      R"("isError":true,"x":{"id":5,"method":"y"},"method":"m"})");

  CHECK(call->kind == Kind::kNotification);
  CHECK(call.text(Field::kMethod) == R"("m")");
  CHECK_FALSE((*call)[Field::kName].present);
  CHECK_FALSE((*call)[Field::kIsError].present);
  CHECK_FALSE((*call)[Field::kResult].present);
}

TEST_CASE("ids keep their type and every digit", "[jsonrpc][scanner]") {
  const auto* id = GENERATE("0", "1", "\"1\"", "null", "123456789012345678901234567890", "1e400",
                            "-0.0", "1.5", "\"\"", "{\"a\":1}", "[1]", "true", "\"\\u0031\"");
  const Scanned message = line(std::string(R"({"method":"m","id":)") + id + "}");

  CHECK(message->kind == Kind::kRequest);
  CHECK(message.text(Field::kId) == id);
}

TEST_CASE("elements and members are counted", "[jsonrpc][scanner]") {
  const auto [arguments, count] = GENERATE(table<std::string, std::uint64_t>({
      {"{}", 0},
      {"[]", 0},
      {"[ \t ]", 0},
      {R"({"a":1})", 1},
      {R"([[],[],[]])", 3},
      {R"(["a,b","]","\",",{"x":[1,2,3],"y":","}])", 4},
      {R"("a,b,c")", 0},
      {"17", 0},
      {R"([{"a":{"b":[{},{}]},"c":1},{"a":[[[1,2],3],4]},[1,2]])", 3},
  }));
  INFO(arguments);
  const Scanned call = line(R"({"params":{"x":0,"arguments":)" + arguments + R"(},"method":"m"})");

  CHECK(call.elements(Field::kArguments) == count);
  CHECK(call.elements(Field::kParams) == 2);
}

TEST_CASE("many elements are counted over many blocks", "[jsonrpc][scanner]") {
  std::string items = "[0";
  for (int i = 1; i < 5000; ++i) items += i % 3 == 0 ? R"(,{"k":[1,2],"t":"a,\"b"})" : ",12";
  const Scanned response = line(R"({"result":{"content":)" + items + R"(]},"id":1})");

  CHECK(response.elements(Field::kContent) == 5000);
}

TEST_CASE("keys may be written with escapes", "[jsonrpc][scanner]") {
  const Scanned call = line(
      R"({"\u006dethod":"m","\u0069\u0064":1,"par\u0061ms":{"\u005fmeta":{},"n\u0061me":"x"}})");

  CHECK(call->kind == Kind::kRequest);
  CHECK(call.text(Field::kName) == R"("x")");
  CHECK(call.text(Field::kMeta) == "{}");
}

TEST_CASE("even the longest key may be all escapes", "[jsonrpc][scanner]") {
  std::string key;
  for (const char c : std::string_view("structuredContent")) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    key += "\\u00";
    key += kDigits[static_cast<unsigned char>(c) / 16];
    key += kDigits[static_cast<unsigned char>(c) % 16];
  }
  const Scanned response = line(R"({"id":1,"result":{")" + key + R"(":[1]}})");

  CHECK(response.text(Field::kStructured) == "[1]");
}

TEST_CASE("a key that only looks alike is another key", "[jsonrpc][scanner]") {
  const auto* key = GENERATE("Method", "method ", "metho", "methods", "\\u004dethod", "meth\\od",
                             "\\u006", "\\u006dethod\\u0000", "\\uD800method", "\\u016dethod", "");
  const Scanned message = line(std::string("{\"") + key + R"(":"m","id":1})");

  CHECK_FALSE((*message)[Field::kMethod].present);
}

TEST_CASE("of equal keys the last one counts, and it is said", "[jsonrpc][scanner]") {
  const Scanned call = line(R"({"id":1,"method":"a","id":2,"\u006dethod":"b"})");

  CHECK(call.text(Field::kId) == "2");
  CHECK(call.text(Field::kMethod) == R"("b")");
  CHECK(call->duplicate_keys);
  CHECK_FALSE(line(R"({"id":1,"x":1,"x":2,"method":"a"})")->duplicate_keys);
}

TEST_CASE("a second params takes with it what the first one held", "[jsonrpc][scanner]") {
  const Scanned call =
      line(R"({"method":"m","params":{"name":"x","uri":"u"},"params":{"uri":"v"}})");

  CHECK_FALSE((*call)[Field::kName].present);
  CHECK(call.text(Field::kUri) == R"("v")");
  CHECK(call->duplicate_keys);
}

TEST_CASE("a message leaves nothing behind in the next one", "[jsonrpc][scanner]") {
  Scanner scanner;
  const std::string stream = R"({"result":{"isError":true},"id":1})"
                             "\n{\"method\":\"m\"}\nlog\n";
  scanner.feed(stream);
  REQUIRE(scanner.next());
  const Message* second = scanner.next();

  REQUIRE(second);
  CHECK_FALSE((*second)[Field::kResult].present);
  CHECK((*second)[Field::kIsError].text.empty());
  CHECK_FALSE((*scanner.next())[Field::kMethod].present);
}

TEST_CASE("lines end at 0x0A and nowhere else", "[jsonrpc][scanner]") {
  const std::string separators = "\xE2\x80\xA8\xE2\x80\xA9\xC2\x85\r\v\f";

  CHECK(kinds("{\"method\":\"" + separators + "\"}\n") == Kinds{Kind::kNotification});
  CHECK(kinds("{\"method\":\"a\nb\"}\n") == Kinds{Kind::kNotJson, Kind::kNotJson});
  CHECK(kinds("{\"method\":\"a\\\n{}\n") == Kinds{Kind::kNotJson, Kind::kNotJsonRpc});
}

TEST_CASE("blank lines, CRLF and a byte order mark are no messages", "[jsonrpc][scanner]") {
  const auto ping = Kind::kNotification;

  CHECK(kinds("\n\r\n \t\r\n\n").empty());
  CHECK(kinds("\xEF\xBB\xBF{\"method\":\"a\"}\r\n\r\n  {\"method\":\"b\"} \r\n") ==
        Kinds{ping, ping});
  CHECK(Scanned("\xEF\xBB\xBF {}\r\n").bytes() == "{}");
}

TEST_CASE("bytes that are no UTF-8, and NUL, pass in strings", "[jsonrpc][scanner]") {
  const std::string odd = std::string("\xFF\xFE\x80 ") + '\0' + " \x01 \xC3\x28 \\uD800 \\uDFFF";
  const Scanned message = line("{\"method\":\"" + odd + "\",\"id\":1}");

  CHECK(message->kind == Kind::kRequest);
  CHECK(message.text(Field::kMethod) == "\"" + odd + "\"");
}

TEST_CASE("backslashes before a quote are counted", "[jsonrpc][scanner]") {
  const std::size_t run = GENERATE(range(std::size_t{0}, std::size_t{62}));
  const std::string text = std::string(2 * run, '\\') + "\\\"" + std::string(2 * run, '\\');
  const Scanned message = line("{\"x\":[\"" + text + "\"],\"method\":\"" + text + "\",\"id\":1}");

  CHECK(message->kind == Kind::kRequest);
  CHECK(message.text(Field::kMethod) == "\"" + text + "\"");
}

TEST_CASE("a last line needs no newline", "[jsonrpc][scanner]") {
  CHECK(kinds(R"({"id":1,"method":"a"})") == Kinds{Kind::kRequest});
  CHECK(kinds("17") == Kinds{Kind::kNotJsonRpc});
  CHECK(kinds("").empty());
  CHECK(kinds("   ").empty());
  CHECK(kinds("killed in mid-sent") == Kinds{Kind::kNotJson});
  CHECK(kinds(R"({"id":1,"method":"a")") == Kinds{Kind::kNotJson});
  CHECK(kinds(R"([{"id":1,"method":"a"},1)") == Kinds{Kind::kRequest, Kind::kNotJson});
}

TEST_CASE("the end of the stream adds no byte to it", "[jsonrpc][scanner]") {
  Scanner scanner;
  scanner.feed("{}");
  CHECK_FALSE(scanner.next());
  const Message* last = scanner.finish();

  REQUIRE(last);
  CHECK(last->end == 2);
  CHECK(scanner.offset() == 2);
  CHECK_FALSE(scanner.finish());
}

TEST_CASE("messages know their line and their place", "[jsonrpc][scanner]") {
  const std::string stream = "\n{}\nlog\n\n[{},1]\n{\"id\":1}";
  Scanner scanner;
  std::vector<std::string> seen;
  const auto note = [&](const Message& message) {
    seen.push_back(std::to_string(message.line) + ":" +
                   stream.substr(message.begin, message.size()));
  };
  scanner.feed(stream);
  while (const Message* message = scanner.next()) note(*message);
  note(*scanner.finish());

  CHECK(seen == std::vector<std::string>{"2:{}", "3:log", "5:{}", "5:1", "6:{\"id\":1}"});
}

}  // namespace
}  // namespace sonde::jsonrpc
