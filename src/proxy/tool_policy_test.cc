#include "proxy/tool_policy.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace sonde::proxy;
using Texts = std::vector<std::string>;

TEST_CASE("without rules every tool may be called", "[proxy][policy]") {
  const ToolPolicy policy;
  CHECK_FALSE(policy.any());
  CHECK(policy.allows("a", "anything"));
}

TEST_CASE("what is denied is denied, whatever is allowed", "[proxy][policy]") {
  const ToolPolicy policy(Texts{"*"}, Texts{"delete_*", "git/push"});
  CHECK(policy.any());
  CHECK_FALSE(policy.allows("files", "delete_all"));
  CHECK_FALSE(policy.allows("git", "push"));
  CHECK(policy.allows("files", "push"));
  CHECK(policy.allows("files", "read"));
}

TEST_CASE("once a tool is allowed by name no other is", "[proxy][policy]") {
  const ToolPolicy policy(Texts{"files/read_*", "search"}, Texts{});
  CHECK(policy.allows("files", "read_text"));
  CHECK(policy.allows("git", "search"));
  CHECK_FALSE(policy.allows("git", "read_text"));
  CHECK_FALSE(policy.allows("files", ""));
}

TEST_CASE("a star stands for any text", "[proxy][policy]") {
  const auto [pattern, text, fits] =
      GENERATE(Catch::Generators::table<const char*, const char*, bool>({{"", "", true},
                                                                         {"", "a", false},
                                                                         {"*", "", true},
                                                                         {"*", "abc", true},
                                                                         {"a*c", "abc", true},
                                                                         {"a*c", "ac", true},
                                                                         {"a*c", "abcd", false},
                                                                         {"*b*", "abc", true},
                                                                         {"a*b*c", "aXbYbZc", true},
                                                                         {"a*b*c", "acb", false},
                                                                         {"**", "x", true},
                                                                         {"a", "A", false}}));
  CAPTURE(pattern, text);
  CHECK(matches_pattern(pattern, text) == fits);
}
