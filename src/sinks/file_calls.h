#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>

namespace sonde::sinks {

/// The system calls of LineFile, so that a test can let each of them fail.
///
/// Results and errno are those of the system.
class FileCalls {
 public:
  FileCalls() = default;
  FileCalls(const FileCalls&) = delete;
  FileCalls& operator=(const FileCalls&) = delete;
  virtual ~FileCalls() = default;

  virtual int open(const char* path, int flags, mode_t mode);
  virtual int close(int fd);
  virtual int mkdir(const char* path, mode_t mode);
  virtual int flock(int fd, int operation);
  virtual int fstat(int fd, struct stat* status);
  virtual int stat(const char* path, struct stat* status);
  virtual ssize_t pread(int fd, char* bytes, std::size_t size, off_t offset);
  virtual ssize_t write(int fd, const char* bytes, std::size_t size);
  virtual int ftruncate(int fd, off_t size);
  virtual int rename(const char* from, const char* to);
  virtual int unlink(const char* path);
};

}  // namespace sonde::sinks
