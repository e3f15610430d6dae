#pragma once

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>

#include "http/head_reader.h"

namespace sonde::proxy {

/// A head that was read from its text.
class ReadHead {
 public:
  explicit ReadHead(std::string_view text, http::Side side = http::Side::kRequest) : reader_(side) {
    REQUIRE(reader_.feed(text) == text.size());
    REQUIRE(reader_.state() == http::State::kDone);
  }
  const http::Head& operator*() const { return reader_.head(); }

 private:
  http::HeadReader reader_;
};

/// "GET /mcp" with a Host and more fields, each "Name: value".
inline std::string request_text(std::initializer_list<std::string_view> fields,
                                std::string_view line = "POST /mcp HTTP/1.1") {
  std::string text(line);
  text += "\r\n";
  for (const std::string_view field : fields) text.append(field).append("\r\n");
  return text + "\r\n";
}

}  // namespace sonde::proxy
