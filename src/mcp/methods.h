#pragma once

#include <cstdint>
#include <string_view>

#include "model/call_record.h"

namespace sonde::mcp {

/// What a method means to the tracker beyond being a call.
enum class Role : std::uint8_t {
  kOther,
  kInitialize,
  kDiscover,
  kToolsList,
  kToolsCall,
  kSampling,     ///< Asks the client's model.
  kElicitation,  ///< Asks the user.
  kTaskGet,
  kTaskResult,
  kTaskUpdate,
  kTaskCancel,
  kCancelled,  ///< A notification, as are the following.
  kProgress,
  kToolsChanged,
  kTaskNews,
};

/// Which member of params says on what a method acts.
enum class Target : std::uint8_t { kNone, kName, kUri };

/// A method of any version of the protocol.
struct Method {
  std::string_view name;
  Role role = Role::kOther;
  Target target = Target::kNone;
  bool from_client = false;  ///< May go to the server.
  bool from_server = false;  ///< May go to the client.
  bool may_ask = false;      ///< May answer that it needs input (MRTR).
  bool waits = false;        ///< Open for long by design: never pending.
  bool modern = false;       ///< Exists since 2026-07-28 only.

  bool goes(Direction direction) const noexcept {
    return direction == Direction::kToServer ? from_client : from_server;
  }
};

/// The method of that name; one with an empty name and both directions if the protocol
/// knows none.  Lives for ever.
const Method& find_method(std::string_view name) noexcept;

}  // namespace sonde::mcp
