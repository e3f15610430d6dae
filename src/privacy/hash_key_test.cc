#include "privacy/hash_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "privacy/hash_key_file.h"

namespace sonde::privacy {
namespace {

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

/// A state folder that is gone after the test.
class Folder {
 public:
  Folder() {
    std::string path = std::filesystem::temp_directory_path() / "sonde-key-XXXXXX";
    path_ = mkdtemp(path.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name, std::string_view content, mode_t mode = 0600) const {
    const std::string path = path_ + "/" + name;
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
    return path;
  }

 private:
  std::string path_;
};

PrivacyConfig config(std::string hash_key) {
  PrivacyConfig made;
  made.hash_key = std::move(hash_key);
  return made;
}

mode_t mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

TEST_CASE("a key is told by the first digits of its SHA-256", "[privacy][key]") {
  // printf 0123456789abcdef0123456789abcdef | sha256sum
  CHECK(HashKey::from_secret(kSecret)->id() == "3eb1bd43");
}

TEST_CASE("a key shorter than 32 bytes is refused", "[privacy][key]") {
  CHECK_FALSE(HashKey::from_secret(kSecret.substr(1)));
  CHECK_FALSE(HashKey::from_secret(""));
  CHECK_FALSE(HashKey::from_secret(std::string(4097, 'x')));
}

TEST_CASE("the line end of a key file is no part of the key", "[privacy][key]") {
  CHECK(HashKey::from_secret(std::string(kSecret) + "\r\n")->id() == "3eb1bd43");
}

TEST_CASE("a binary key that ends like a line stays whole", "[privacy][key]") {
  CHECK(HashKey::from_secret(std::string(31, 'x') + "\n")->secret().size() == 32);
}

TEST_CASE("ephemeral keys differ", "[privacy][key]") {
  CHECK(HashKey::ephemeral().id() != HashKey::ephemeral().id());
}

TEST_CASE("a key that was moved away leaves nothing behind", "[privacy][key]") {
  HashKey from = *HashKey::from_secret(kSecret);
  const HashKey to = std::move(from);
  CHECK(to.secret() == kSecret);
  CHECK(from.secret().empty());  // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
}

TEST_CASE("the key of a user is made once and found again", "[privacy][key]") {
  const Folder folder;
  const std::string state = folder.path() + "/not/there/yet";
  const auto first = load_hash_key(config(""), state);
  REQUIRE(first);
  CHECK(load_hash_key(config(""), state)->secret() == first->secret());
  CHECK(mode_of(state + "/hash.key") == 0600);
  CHECK(mode_of(state) == 0700);
}

TEST_CASE("making a key leaves no other file behind", "[privacy][key]") {
  const Folder folder;
  REQUIRE(load_hash_key(config(""), folder.path()));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    CHECK(entry.path().filename() == "hash.key");
    ++files;
  }
  CHECK(files == 1);
}

struct Pipe {
  Pipe() { REQUIRE(pipe(ends) == 0); }
  int ends[2];
};

/// Starts a process that waits for the end of `start`, loads the key and says its id.
pid_t load_in_child(const std::string& state, const Pipe& start, const Pipe& answers) {
  const pid_t child = fork();
  if (child != 0) return child;
  close(start.ends[1]);
  char byte = 0;
  if (read(start.ends[0], &byte, 1) != 0) _exit(2);
  const auto key = load_hash_key(config(""), state);
  const std::string id = key ? key->id() : "failed!!";
  _exit(write(answers.ends[1], id.data(), 8) == 8 ? 0 : 1);
}

TEST_CASE("fifty processes that start at once end with the same key", "[privacy][key]") {
  const Folder folder;
  const Pipe start;
  const Pipe answers;
  std::vector<pid_t> children;
  children.reserve(50);
  for (int i = 0; i < 50; ++i) children.push_back(load_in_child(folder.path(), start, answers));
  close(start.ends[1]);  // The end of file lets all of them go.
  for (const pid_t child : children) waitpid(child, nullptr, 0);
  close(answers.ends[1]);

  std::vector<std::string> ids;
  char id[8];
  while (read(answers.ends[0], id, sizeof id) == sizeof id) ids.emplace_back(id, sizeof id);
  CHECK(ids == std::vector<std::string>(50, load_hash_key(config(""), folder.path())->id()));
}

TEST_CASE("a key that others can read is refused", "[privacy][key]") {
  const Folder folder;
  folder.file("hash.key", kSecret, 0640);
  CHECK_FALSE(load_hash_key(config(""), folder.path()));
  CHECK_FALSE(load_hash_key(config(folder.file("open", kSecret, 0644)), folder.path()));
}

TEST_CASE("a key given by name may be readable by its group", "[privacy][key]") {
  const Folder folder;
  CHECK(load_hash_key(config(folder.file("mounted", kSecret, 0440)), folder.path())->id() ==
        "3eb1bd43");
}

TEST_CASE("a key given by name must be there", "[privacy][key]") {
  const Folder folder;
  const auto key = load_hash_key(config(folder.path() + "/none"), folder.path());
  REQUIRE_FALSE(key);
  CHECK(key.error().message() == "hash key " + folder.path() + "/none: no such file");
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/hash.key"));
}

TEST_CASE("the key of a user must not be a link to elsewhere", "[privacy][key]") {
  const Folder folder;
  const std::string elsewhere = folder.file("elsewhere", kSecret);
  std::filesystem::create_symlink(elsewhere, folder.path() + "/hash.key");
  CHECK_FALSE(load_hash_key(config(""), folder.path()));
}

TEST_CASE("something that is no file does not hold us up", "[privacy][key]") {
  const Folder folder;
  REQUIRE(mkfifo((folder.path() + "/hash.key").c_str(), 0600) == 0);
  CHECK_FALSE(load_hash_key(config(""), folder.path()));
}

TEST_CASE("a key may come from the environment", "[privacy][key]") {
  const Folder folder;
  setenv("SONDE_TEST_KEY", std::string(kSecret).c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  CHECK(load_hash_key(config("env:SONDE_TEST_KEY"), folder.path())->id() == "3eb1bd43");
  unsetenv("SONDE_TEST_KEY");  // NOLINT(concurrency-mt-unsafe)
  CHECK_FALSE(load_hash_key(config("env:SONDE_TEST_KEY"), folder.path()));
}

}  // namespace
}  // namespace sonde::privacy
