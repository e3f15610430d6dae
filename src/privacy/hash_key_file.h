#pragma once

#include <string_view>

#include "base/result.h"
#include "model/config.h"
#include "privacy/hash_key.h"

namespace sonde::privacy {

/// The key that PrivacyConfig::hash_key names: a file, `env:NAME`, or, if empty,
/// `<state_dir>/hash.key`, which is made when it is not there.
///
/// Limits.  One regular file of at most HashKey::kBytesMax bytes and a line end.
/// Threads.  Any, and any number of processes at once: all get the key of the one that was
/// first.  Blocking.  On the disk; an fsync when the file is made.
/// Failure.  kInvalidInput if the key is unfit or others may read it, kInternal if the
/// disk fails; never a key that is not the one asked for.  The caller may go on with
/// HashKey::ephemeral().
Result<HashKey> load_hash_key(const PrivacyConfig& config, std::string_view state_dir);

}  // namespace sonde::privacy
