#pragma once

// The members of JSON test data, for tests of this module.

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"

namespace sonde::alarm {

inline std::string test_data(const std::string& name) {
  std::ifstream file(std::string(SONDE_TEST_DATA) + "/" + name);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string_view member(std::string_view object, std::string_view key) {
  const auto value = find_member(object, key);
  if (!value) FAIL("no member " << key);
  return *value;
}

inline std::string text_member(std::string_view object, std::string_view key) {
  return json_string(member(object, key)).value();
}

inline std::int64_t integer_member(std::string_view object, std::string_view key) {
  return json_integer(member(object, key)).value();
}

inline std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> values;
  JsonElements walk(array);
  while (walk.next()) values.push_back(walk.value());
  REQUIRE(walk.ok());
  return values;
}

}  // namespace sonde::alarm
