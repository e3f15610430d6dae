#include "proxy/successor.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

namespace sonde::proxy {
namespace {

/// NUL-terminated texts one after the other, as /proc has them.
std::vector<std::string> texts_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < all.size();) {
    texts.emplace_back(all.c_str() + at);
    at += texts.back().size() + 1;
  }
  return texts;
}

/// The file that we were started from, be it another one by now.
std::string program() {
  std::array<char, 4096> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  std::string text(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  constexpr std::string_view kDeleted = " (deleted)";
  if (text.ends_with(kDeleted)) text.resize(text.size() - kDeleted.size());
  return text;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::string joined(std::span<const int> numbers) {
  std::string text;
  for (const int number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

std::vector<std::string> environment_with(std::span<const int> sockets, int ready) {
  std::vector<std::string> variables;
  const std::string listen = std::string(Successor::kSocketsVariable) + '=';
  const std::string tell = std::string(Successor::kReadyVariable) + '=';
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with(listen) && !text.starts_with(tell)) variables.emplace_back(text);
  }
  variables.push_back(listen + joined(sockets));
  variables.push_back(tell + std::to_string(ready));
  return variables;
}

struct Actions {
  Actions() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
  }
  ~Actions() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;

  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
};

}  // namespace

Result<std::unique_ptr<Successor>> Successor::start(std::span<const int> sockets) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return fail(Errc::kUnavailable, "no descriptors are left");
  }
  Fd ready(ends[0]);
  const Fd tell(ends[1]);
  Actions actions;
  // The same number given twice: it stays open over the exec.
  for (const int fd : sockets) posix_spawn_file_actions_adddup2(&actions.files, fd, fd);
  posix_spawn_file_actions_adddup2(&actions.files, tell.get(), tell.get());
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&actions.attributes, &none);
  posix_spawnattr_setflags(&actions.attributes, POSIX_SPAWN_SETSIGMASK);

  std::vector<std::string> arguments = texts_of("/proc/self/cmdline");
  std::vector<std::string> variables = environment_with(sockets, tell.get());
  const std::string file = program();
  pid_t pid = 0;
  const int error = posix_spawn(&pid, file.c_str(), &actions.files, &actions.attributes,
                                pointers(arguments).data(), pointers(variables).data());
  if (error != 0) {
    return fail(Errc::kUnavailable, "cannot start " + file + ": " +
                                        std::strerror(error));  // NOLINT(concurrency-mt-unsafe)
  }
  return std::unique_ptr<Successor>(new Successor(std::move(ready), pid));
}

bool Successor::serves() const noexcept {
  char told = 0;
  return ::read(ready_.get(), &told, 1) == 1;
}

void tell_predecessor() {
  const char* const number =
      std::getenv(Successor::kReadyVariable);  // NOLINT(concurrency-mt-unsafe)
  if (number == nullptr) return;
  int fd = -1;
  std::from_chars(number, number + std::strlen(number), fd);
  if (fd <= 2) return;
  const Fd tell(fd);
  [[maybe_unused]] const ssize_t written = ::write(fd, "1", 1);
}

}  // namespace sonde::proxy
