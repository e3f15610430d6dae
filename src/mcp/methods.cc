#include "mcp/methods.h"

#include <algorithm>
#include <array>

namespace sonde::mcp {
namespace {

// The union of ClientRequest, ServerRequest, ClientNotification and ServerNotification of
// every schema from 2024-11-05 to 2026-07-28.  Sorted by name.
constexpr std::array kMethods{
    Method{.name = "completion/complete", .from_client = true},
    Method{.name = "elicitation/create", .role = Role::kElicitation, .from_server = true},
    Method{.name = "initialize", .role = Role::kInitialize, .from_client = true},
    Method{.name = "logging/setLevel", .from_client = true},
    Method{.name = "notifications/cancelled",
           .role = Role::kCancelled,
           .from_client = true,
           .from_server = true},
    Method{.name = "notifications/elicitation/complete", .from_server = true},
    Method{.name = "notifications/initialized", .from_client = true},
    Method{.name = "notifications/message", .from_server = true},
    Method{.name = "notifications/progress",
           .role = Role::kProgress,
           .from_client = true,
           .from_server = true},
    Method{.name = "notifications/prompts/list_changed", .from_server = true},
    Method{.name = "notifications/resources/list_changed", .from_server = true},
    Method{.name = "notifications/resources/updated", .from_server = true},
    Method{.name = "notifications/roots/list_changed", .from_client = true},
    Method{.name = "notifications/subscriptions/acknowledged", .from_server = true},
    Method{.name = "notifications/tasks", .role = Role::kTaskNews, .from_server = true},
    Method{.name = "notifications/tasks/status",
           .role = Role::kTaskNews,
           .from_client = true,
           .from_server = true},
    Method{.name = "notifications/tools/list_changed",
           .role = Role::kToolsChanged,
           .from_server = true},
    Method{.name = "ping", .from_client = true, .from_server = true},
    Method{.name = "prompts/get", .target = Target::kName, .from_client = true, .may_ask = true},
    Method{.name = "prompts/list", .from_client = true},
    Method{.name = "resources/list", .from_client = true},
    Method{.name = "resources/read", .target = Target::kUri, .from_client = true, .may_ask = true},
    Method{.name = "resources/subscribe", .target = Target::kUri, .from_client = true},
    Method{.name = "resources/templates/list", .from_client = true},
    Method{.name = "resources/unsubscribe", .target = Target::kUri, .from_client = true},
    Method{.name = "roots/list", .from_server = true},
    Method{.name = "sampling/createMessage", .role = Role::kSampling, .from_server = true},
    Method{.name = "server/discover", .role = Role::kDiscover, .from_client = true, .modern = true},
    Method{.name = "subscriptions/listen", .from_client = true, .waits = true, .modern = true},
    Method{.name = "tasks/cancel",
           .role = Role::kTaskCancel,
           .from_client = true,
           .from_server = true},
    Method{.name = "tasks/get", .role = Role::kTaskGet, .from_client = true, .from_server = true},
    Method{.name = "tasks/list", .from_client = true, .from_server = true},
    Method{.name = "tasks/result",
           .role = Role::kTaskResult,
           .from_client = true,
           .from_server = true,
           .waits = true},
    Method{.name = "tasks/update", .role = Role::kTaskUpdate, .from_client = true, .modern = true},
    Method{.name = "tools/call",
           .role = Role::kToolsCall,
           .target = Target::kName,
           .from_client = true,
           .may_ask = true},
    Method{.name = "tools/list", .role = Role::kToolsList, .from_client = true},
};
static_assert(std::ranges::is_sorted(kMethods, {}, &Method::name));

constexpr Method kUnknown{.name = "", .from_client = true, .from_server = true};

}  // namespace

const Method& find_method(std::string_view name) noexcept {
  const auto* const found = std::ranges::lower_bound(kMethods, name, {}, &Method::name);
  return found != kMethods.end() && found->name == name ? *found : kUnknown;
}

}  // namespace sonde::mcp
