#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::install {

/// Where the copy of the file at `path` is kept: its path in one word.
std::string backup_path(std::string_view data_dir, std::string_view path);

/// Keeps `text` as what the file at `path` was before it was changed.
Status keep_backup(const std::string& backup, std::string_view text);

/// Removes the copy if it is `text`.
void drop_backup(const std::string& backup, std::string_view text);

}  // namespace sonde::install
