#pragma once

#include <cstdint>
#include <string>

#include "model/call_record.h"

namespace sonde {

/// The bytes of an argument or result object as the tap kept them.
struct Body {
  std::string bytes;              ///< Raw JSON; a prefix if truncated; empty if not kept.
  std::uint64_t size = 0;         ///< Of the whole value.
  bool truncated = false;         ///< `bytes` is not the whole value.
  std::uint64_t hash_stream = 0;  ///< Not 0: the whole was fed to the recorder as this stream.
  bool hashed = true;             ///< False: so much was hashed this second that this is not.
};

/// A finished call before privacy: the record without what only privacy may derive from
/// raw content (hashes, keys, messages, names), and that content.
///
/// Ownership.  Moves from the data path to the recorder; nobody else sees it.
struct ObservedCall {
  CallRecord record;  ///< Its texts from the wire (tool_name, resource_uri, …) are still raw.
  Body arguments;
  Body result;
  std::string error_text;  ///< error.message, or the text of an `isError` result; at most 4 KiB.
};

}  // namespace sonde
