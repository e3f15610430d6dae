#include "sinks/file_calls.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

namespace sonde::sinks {

int FileCalls::open(const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); }
int FileCalls::close(int fd) { return ::close(fd); }
int FileCalls::mkdir(const char* path, mode_t mode) { return ::mkdir(path, mode); }
int FileCalls::flock(int fd, int operation) { return ::flock(fd, operation); }
int FileCalls::fstat(int fd, struct stat* status) { return ::fstat(fd, status); }
int FileCalls::stat(const char* path, struct stat* status) { return ::stat(path, status); }
ssize_t FileCalls::pread(int fd, char* bytes, std::size_t size, off_t offset) {
  return ::pread(fd, bytes, size, offset);
}
ssize_t FileCalls::write(int fd, const char* bytes, std::size_t size) {
  return ::write(fd, bytes, size);
}
int FileCalls::ftruncate(int fd, off_t size) { return ::ftruncate(fd, size); }
int FileCalls::rename(const char* from, const char* to) { return ::rename(from, to); }
int FileCalls::unlink(const char* path) { return ::unlink(path); }

}  // namespace sonde::sinks
