#pragma once

#include <string>
#include <string_view>

#include <sys/stat.h>

#include "base/result.h"

namespace sonde::install {

/// A file of somebody else's, as it was read.
struct OwnedFile {
  bool exists = false;  ///< If not, there is nothing else either.
  std::string target;   ///< Behind all symbolic links.
  std::string text{};
  struct stat was{};
};

/// Reads a whole file, if it is there.
///
/// Failure.  kInvalidInput for what is no regular file, kLimitExceeded above
/// JsoncDocument::kBytesMax, kInternal with the system's word for it.
Result<OwnedFile> read_owned(const std::string& path);

/// Puts `text` in the place of a file's, all at once: whoever opens it sees the old text or
/// the new one.  Owner, mode and extended attributes stay; symbolic links are followed.
///
/// Failure.  kUnavailable if the file is no longer what was read.  kInvalidInput if it has
/// other hard links, which replacing would cut off.  The file then is as it was.
Status replace_owned(const OwnedFile& file, std::string_view text);

/// Makes a folder of our own (0700), if it is not there.
Status make_own_folder(const std::string& path);

/// Writes a file of our own, all at once, with its folder.
Status write_own(const std::string& path, std::string_view bytes, mode_t mode);

}  // namespace sonde::install
