#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/default_alarms.h"

namespace sonde::aws {

/// The pages of docs/runbooks, by their names without `.md`, sorted: put in when this was built.
std::span<const std::string_view> runbooks() noexcept;

/// A sentence for each kind of alarm among these that has no page: whoever is woken by it
/// would find nothing where its description leads.
std::vector<std::string> without_runbook(const DefaultAlarms& alarms,
                                         std::span<const std::string_view> pages = runbooks());

}  // namespace sonde::aws
