#include "cli/hash.h"

#include <string>

#include <fcntl.h>
#include <catch2/catch_test_macros.hpp>

#include "base/json_reader.h"
#include "cli/fake_world.h"
#include "privacy/hash_key_file.h"
#include "privacy/value_hash.h"

namespace sonde::cli {
namespace {

std::string hash_in(const FakeWorld& world, std::string_view value) {
  return privacy::hash_value(value, *privacy::load_hash_key({}, world.state()));
}

TEST_CASE("hash prints what the log says of the same value", "[cli][hash]") {
  FakeWorld world;
  const std::string file = world.write("a.json", "{ \"b\": 1, \"a\": 12345678901234567890 }\n");
  CHECK(world.run("hash " + file) == kDone);
  CHECK(world.out == hash_in(world, R"({"a":12345678901234567890,"b":1})") + "  " + file + "\n");
  CHECK(world.out.starts_with("c1:"));
}

TEST_CASE("hash reads standard input", "[cli][hash]") {
  FakeWorld world;
  const std::string file = world.write("a.json", "[1,2]");
  const Fd in(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  world.io.in = in.get();
  CHECK(world.run("hash -") == kDone);
  CHECK(world.out == hash_in(world, "[1,2]") + "  -\n");
}

TEST_CASE("json names the key too", "[cli][hash]") {
  FakeWorld world;
  const std::string file = world.write("a.json", "{}");
  CHECK(world.run("hash --json " + file) == kDone);
  CHECK(json_string(find_member(world.out, "hash").value_or("")) == hash_in(world, "{}"));
  CHECK(json_string(find_member(world.out, "hash_key_id").value_or("")) ==
        privacy::load_hash_key({}, world.state())->id());
}

TEST_CASE("large values are hashed as arguments or as results are", "[cli][hash]") {
  FakeWorld world;
  const std::string file = world.write("a.json", '"' + std::string(100'000, 'x') + '"');
  world.run("hash " + file);
  CHECK(world.out.starts_with("c1:"));
  world.run("hash --result " + file);
  CHECK(world.out.starts_with("r1:"));
}

TEST_CASE("one file that is missing does not hide the others", "[cli][hash]") {
  FakeWorld world;
  const std::string file = world.write("a.json", "{}");
  CHECK(world.run("hash /nowhere " + file) == kProblem);
  CHECK(world.err == "sonde: hash: /nowhere: No such file or directory\n");
  CHECK(world.out.ends_with("  " + file + "\n"));
}

}  // namespace
}  // namespace sonde::cli
