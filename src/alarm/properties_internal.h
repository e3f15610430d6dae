#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sonde::alarm {

/// Values of properties.  Numbers and truths may be texts, as CloudFormation allows.
/// The failures say what is expected; the caller adds of which property.
Result<std::string> text_property(std::string_view raw);
Result<double> number_property(std::string_view raw);
Result<std::uint32_t> count_property(std::string_view raw);
Result<bool> truth_property(std::string_view raw);
Result<std::vector<std::string>> texts_property(std::string_view raw);

/// What to do with each property of an object.
using PropertyReaders = std::map<std::string_view, std::function<Status(std::string_view raw)>>;

/// Reads every member of `object` by its reader.  Fails on one that has none, with the
/// nearest that has, and on what a reader fails on, each with the property's name.
Status read_properties(std::string_view object, const PropertyReaders& readers);

/// A reader that stores what `read` makes of the raw value.
template <class Value, class Into>
std::function<Status(std::string_view)> stored(Result<Value> (*read)(std::string_view),
                                               Into& into) {
  return [read, &into](std::string_view raw) -> Status {
    auto value = read(raw);
    if (!value) return fail(std::move(value).error());
    into = std::move(*value);
    return {};
  };
}

/// A reader of what CloudWatch has and we do not evaluate.
std::function<Status(std::string_view)> unsupported(std::string reason);
/// A reader of what makes no difference to an evaluation.
std::function<Status(std::string_view)> ignored();

}  // namespace sonde::alarm
