#include "privacy/hash_key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>
#include <system_error>

#include "base/fd.h"
#include "privacy/keyed_hash.h"

namespace sonde::privacy {
namespace {

Fd open_file(const std::string& path, int flags, mode_t mode = 0) {
  return Fd(open(path.c_str(), flags | O_CLOEXEC, mode));
}

struct Trust {
  mode_t forbidden;  ///< Permission bits that would let others in.
  bool own;          ///< Must belong to this user and be no link.
};

// A key handed to a container is often readable by the group of its volume.
constexpr Trust kConfigured{.forbidden = S_IWGRP | S_IRWXO, .own = false};
constexpr Trust kOurs{.forbidden = S_IRWXG | S_IRWXO, .own = true};

std::unexpected<Error> failed(const std::string& path, std::string_view doing) {
  return fail(Errc::kInternal, "hash key " + path + ": " + std::string(doing) + ": " +
                                   std::generic_category().message(errno));
}

Status check(const Fd& file, const std::string& path, Trust trust) {
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return failed(path, "stat");
  if (!S_ISREG(status.st_mode)) {
    return fail(Errc::kInvalidInput, "hash key " + path + ": not a regular file");
  }
  if ((status.st_mode & trust.forbidden) != 0) {
    return fail(Errc::kInvalidInput,
                "hash key " + path + ": open to other users; run `chmod 600` on it");
  }
  if (trust.own && status.st_uid != geteuid()) {
    return fail(Errc::kInvalidInput, "hash key " + path + ": belongs to another user");
  }
  return {};
}

Result<HashKey> read_key(const Fd& file, const std::string& path) {
  std::array<char, HashKey::kBytesMax + 3> bytes{};  // Room for a line end, and to see more.
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(file.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, "read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  auto key = HashKey::from_secret({bytes.data(), size});
  wipe(bytes.data(), bytes.size());
  if (!key) return fail(std::move(key).error().within(path));
  return key;
}

/// Nothing if there is no such file.
Result<std::optional<HashKey>> open_key(const std::string& path, Trust trust) {
  // O_NONBLOCK: a FIFO must not hold us up.
  const Fd file = open_file(path, O_RDONLY | O_NONBLOCK | (trust.own ? O_NOFOLLOW : 0));
  if (!file && errno == ENOENT) return std::optional<HashKey>();
  if (!file) return failed(path, "open");
  SONDE_RETURN_IF_ERROR(check(file, path, trust));
  auto key = read_key(file, path);
  if (!key) return fail(std::move(key).error());
  return std::optional<HashKey>(*std::move(key));
}

Status write_all(const Fd& file, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(file.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed(path, "write");
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Status write_secret(const std::string& path) {
  const Fd file = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (!file) return failed(path, "create");
  std::string secret = random_secret() + "\n";
  const Status written = write_all(file, path, secret);
  wipe(secret.data(), secret.size());
  SONDE_RETURN_IF_ERROR(written);
  // A crash right after the link must not leave an empty key behind.
  if (fsync(file.get()) != 0) return failed(path, "fsync");
  return {};
}

/// Gives `made` the name `path` unless that exists: whoever comes first wins.
Status publish(const std::string& made, const std::string& path) {
  if (link(made.c_str(), path.c_str()) == 0 || errno == EEXIST) return {};
  // Some file systems know no hard links.
  if (renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0 ||
      errno == EEXIST) {
    return {};
  }
  return failed(path, "link");
}

Status make_folders(std::string_view folder) {
  for (std::size_t end = 1; end <= folder.size(); ++end) {
    if (end != folder.size() && folder[end] != '/') continue;
    const std::string part(folder.substr(0, end));
    if (mkdir(part.c_str(), S_IRWXU) != 0 && errno != EEXIST) return failed(part, "make folder");
  }
  return {};
}

Status make_key(const std::string& path, std::string_view folder) {
  SONDE_RETURN_IF_ERROR(make_folders(folder));
  const std::string made = path + "." + random_secret().substr(0, 16) + ".tmp";
  Status status = write_secret(made);
  if (status) status = publish(made, path);
  unlink(made.c_str());
  return status;
}

/// What open_key has found, or else an Error that says `none`.
Result<HashKey> found_key(Result<std::optional<HashKey>> key, Error none) {
  if (!key) return fail(std::move(key).error());
  std::optional<HashKey>& found = *key;
  if (!found) return fail(std::move(none));
  return *std::move(found);
}

Result<HashKey> key_of_user(std::string_view state_dir) {
  const std::string path = std::string(state_dir) + "/hash.key";
  auto key = open_key(path, kOurs);
  if (key && !key->has_value()) {
    SONDE_RETURN_IF_ERROR(make_key(path, state_dir));
    key = open_key(path, kOurs);
  }
  return found_key(std::move(key), Error(Errc::kInternal, "hash key " + path + ": vanished"));
}

Result<HashKey> key_of_environment(const std::string& name) {
  // Nothing in this program calls setenv.
  const char* const value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return fail(Errc::kInvalidInput, "hash key: $" + name + " is not set");
  auto key = HashKey::from_secret(value);
  if (!key) return fail(std::move(key).error().within("$" + name));
  return key;
}

}  // namespace

Result<HashKey> load_hash_key(const PrivacyConfig& config, std::string_view state_dir) {
  constexpr std::string_view kEnvironment = "env:";
  if (config.hash_key.empty()) return key_of_user(state_dir);
  if (config.hash_key.starts_with(kEnvironment)) {
    return key_of_environment(config.hash_key.substr(kEnvironment.size()));
  }
  return found_key(open_key(config.hash_key, kConfigured),
                   Error(Errc::kInvalidInput, "hash key " + config.hash_key + ": no such file"));
}

}  // namespace sonde::privacy
