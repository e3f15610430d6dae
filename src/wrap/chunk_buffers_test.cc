#include "wrap/chunk_buffers.h"

#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace sonde::wrap {
namespace {

constexpr std::size_t kBytes = 1024;

std::string_view fill(ChunkBuffers& buffers, char letter) {
  const auto space = buffers.next();
  std::memset(space.data(), letter, space.size());
  return {space.data(), space.size()};
}

std::string_view text_of(const SharedBuffer& buffer) { return {buffer.data(), buffer.size()}; }

TEST_CASE("a lane that nobody holds a chunk of reads into one buffer", "[wrap][chunks]") {
  ChunkBuffers buffers(kBytes);
  const char* const first = buffers.next().data();
  for (int i = 0; i < 10; ++i) CHECK(buffers.next().data() == first);
}

TEST_CASE("a held chunk keeps its bytes while the lane reads on", "[wrap][chunks]") {
  ChunkBuffers buffers(kBytes);
  std::vector<SharedBuffer> held;
  for (char letter = 'a'; letter <= 'e'; ++letter) {
    held.push_back(buffers.hold(fill(buffers, letter)));
    REQUIRE(held.back());
  }
  fill(buffers, 'z');
  for (std::size_t i = 0; i < held.size(); ++i) {
    CHECK(text_of(held[i]) == std::string(kBytes, static_cast<char>('a' + i)));
  }
}

TEST_CASE("a buffer is used again when nobody holds it any more", "[wrap][chunks]") {
  ChunkBuffers buffers(kBytes);
  std::set<const char*> seen;
  for (int i = 0; i < 100; ++i) {
    const SharedBuffer held = buffers.hold(fill(buffers, 'x'));
    REQUIRE(held);
    seen.insert(held.data());
  }
  CHECK(seen.size() <= 3);
}

TEST_CASE("bytes that lie elsewhere are not held", "[wrap][chunks]") {
  ChunkBuffers buffers(kBytes);
  const std::string_view chunk = fill(buffers, 'x');
  const std::string elsewhere(16, 'y');
  CHECK_FALSE(buffers.hold(elsewhere));
  CHECK(buffers.hold(chunk.substr(10, 20)));
  CHECK_FALSE(buffers.hold({chunk.data() + 1, chunk.size()}));
}

TEST_CASE("where too many chunks are held the next is to be copied", "[wrap][chunks]") {
  ChunkBuffers buffers(kBytes);
  std::vector<SharedBuffer> held;
  for (SharedBuffer one = buffers.hold(fill(buffers, 'x')); one;
       one = buffers.hold(fill(buffers, 'x'))) {
    held.push_back(one);
    REQUIRE(held.size() < 2 * ChunkBuffers::kSpareMax);
  }
  CHECK(held.size() >= ChunkBuffers::kSpareMax);
  const char* const last = buffers.next().data();
  CHECK(buffers.next().data() == last);
  held.clear();
  CHECK(buffers.hold(fill(buffers, 'x')));
}

TEST_CASE("another thread reads what it holds and lets go", "[wrap][chunks]") {
  ChunkBuffers buffers(kBytes);
  for (int round = 0; round < 200; ++round) {
    const char letter = static_cast<char>('a' + round % 26);
    SharedBuffer held = buffers.hold(fill(buffers, letter));
    REQUIRE(held);
    bool same = false;
    std::thread reader([&, mine = std::exchange(held, {})]() mutable {
      same = text_of(mine).find_first_not_of(letter) == std::string_view::npos;
      mine = {};
    });
    fill(buffers, '-');
    reader.join();
    CHECK(same);
  }
}

}  // namespace
}  // namespace sonde::wrap
