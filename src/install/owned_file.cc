#include "install/owned_file.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/guard.h"
#include "install/jsonc_document.h"

namespace sonde::install {
namespace {

std::unexpected<Error> system_error(std::string_view doing) {
  return fail(Errc::kInternal, std::string(doing) + ": " + std::generic_category().message(errno));
}

Result<std::string> read_all(int fd) {
  std::string bytes;
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t got = read(fd, block.data(), block.size());
    if (got == 0) return bytes;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read");
    bytes.append(block.data(), static_cast<std::size_t>(got));
    if (bytes.size() > JsoncDocument::kBytesMax) {
      return fail(Errc::kLimitExceeded, "is larger than 64 MiB");
    }
  }
}

Status write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error("write");
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

/// A new file beside another, gone again unless it takes the other's place.
class NewFile {
 public:
  static Result<NewFile> beside(const std::string& target) {
    const std::filesystem::path path(target);
    std::string name = path.parent_path() / ("." + path.filename().string() + ".sonde-XXXXXX");
    const int fd = mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) return system_error("create a file beside it");
    return NewFile(Fd(fd), std::move(name));
  }
  NewFile(NewFile&& other) noexcept
      : fd_(std::move(other.fd_)), name_(std::exchange(other.name_, {})) {}
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile() {
    if (!name_.empty()) unlink(name_.c_str());
  }

  int fd() const noexcept { return fd_.get(); }

  Status take_place_of(const std::string& target) {
    if (fsync(fd_.get()) != 0) return system_error("sync");
    if (rename(name_.c_str(), target.c_str()) != 0) return system_error("rename");
    name_.clear();
    const std::string folder = std::filesystem::path(target).parent_path();
    const Fd opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened) fsync(opened.get());  // The new text is there either way.
    return {};
  }

 private:
  NewFile(Fd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

  Fd fd_;
  std::string name_;
};

/// Access lists and labels: what cannot be read or set is left to the system's defaults.
void copy_attributes(const std::string& from, int to) {
  const ssize_t size = listxattr(from.c_str(), nullptr, 0);
  if (size <= 0) return;
  std::vector<char> names(static_cast<std::size_t>(size));
  const ssize_t got = listxattr(from.c_str(), names.data(), names.size());
  for (ssize_t at = 0; at < got;) {
    const std::string name(names.data() + at);
    at += static_cast<ssize_t>(name.size()) + 1;
    std::vector<char> value(65536);  // XATTR_SIZE_MAX
    const ssize_t length = getxattr(from.c_str(), name.c_str(), value.data(), value.size());
    if (length >= 0) {
      fsetxattr(to, name.c_str(), value.data(), static_cast<std::size_t>(length), 0);
    }
  }
}

Status dress(const OwnedFile& file, int fd) {
  const bool same_owner = file.was.st_uid == geteuid() && file.was.st_gid == getegid();
  if (!same_owner && fchown(fd, file.was.st_uid, file.was.st_gid) != 0) {
    return system_error("keep the file's owner");
  }
  copy_attributes(file.target, fd);
  if (fchmod(fd, file.was.st_mode & 07777) != 0) return system_error("keep the file's mode");
  return {};
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

}  // namespace

Result<OwnedFile> read_owned(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> target(realpath(path.c_str(), nullptr),
                                                           &std::free);
  if (!target && (errno == ENOENT || errno == ENOTDIR)) return OwnedFile{};
  if (!target) return system_error("find the file");
  OwnedFile file{.exists = true, .target = target.get()};
  // Without waiting, should it be a pipe.
  const Fd fd(open(target.get(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return system_error("open");
  if (fstat(fd.get(), &file.was) != 0) return system_error("look at the file");
  if (!S_ISREG(file.was.st_mode)) return fail(Errc::kInvalidInput, "is no regular file");
  auto text = read_all(fd.get());
  if (!text) return fail(std::move(text).error());
  file.text = *std::move(text);
  return file;
}

Status replace_owned(const OwnedFile& file, std::string_view text) {
  if (file.was.st_nlink > 1) {
    return fail(Errc::kInvalidInput, "has another hard link, which replacing it would cut off");
  }
  auto fresh = NewFile::beside(file.target);
  if (!fresh) return fail(std::move(fresh).error());
  SONDE_RETURN_IF_ERROR(write_all(fresh->fd(), text));
  SONDE_RETURN_IF_ERROR(dress(file, fresh->fd()));
  struct stat now{};
  if (stat(file.target.c_str(), &now) != 0 || !same(now, file.was)) {
    return fail(Errc::kUnavailable, "was changed by somebody else in this moment; try again");
  }
  return fresh->take_place_of(file.target);
}

Status make_own_folder(const std::string& path) {
  return guard("create " + path, [&] {
    if (std::filesystem::create_directories(path)) {
      std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
  });
}

Status write_own(const std::string& path, std::string_view bytes, mode_t mode) {
  SONDE_RETURN_IF_ERROR(make_own_folder(std::filesystem::path(path).parent_path()));
  auto fresh = NewFile::beside(path);
  if (!fresh) return fail(std::move(fresh).error());
  SONDE_RETURN_IF_ERROR(write_all(fresh->fd(), bytes));
  if (fchmod(fresh->fd(), mode) != 0) return system_error("set the mode");
  return fresh->take_place_of(path);
}

}  // namespace sonde::install
