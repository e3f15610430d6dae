#include "install/backup.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include <unistd.h>

#include "install/owned_file.h"

namespace sonde::install {
namespace {

constexpr std::size_t kNameMax = 200;  // A file's name may have 255 bytes.

/// FNV-1a: tells long paths apart that end alike.
std::string digest(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
  return digits.data();
}

}  // namespace

std::string backup_path(std::string_view data_dir, std::string_view path) {
  std::string name;
  for (const char c : path) {
    if (c == '%') name += '%';
    name += c == '/' ? '%' : c;
  }
  if (name.size() > kNameMax) name = digest(path) + name.substr(name.size() - kNameMax + 16);
  return std::string(data_dir) + "/backups/" + name;
}

Status keep_backup(const std::string& backup, std::string_view text) {
  // These files hold tokens.
  Status kept = write_own(backup, text, 0600);
  if (!kept) return fail(std::move(kept).error().within("keep a copy"));
  return {};
}

void drop_backup(const std::string& backup, std::string_view text) {
  const auto kept = read_owned(backup);
  if (kept && kept->exists && kept->text == text) unlink(backup.c_str());
}

}  // namespace sonde::install
