#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/config.h"

namespace sonde::config {

using List = std::vector<std::string>;
using ListOfLists = std::vector<List>;

enum class Type : std::uint8_t {
  kBoolean,      ///< true or false
  kInteger,      ///< 500
  kBytes,        ///< 16MiB
  kDuration,     ///< 500ms, 30s, 5m, 2h, 7d
  kNumber,       ///< 0.5
  kString,       ///< any text
  kPath,         ///< absolute, or from ~/
  kChoice,       ///< one of `choices`
  kList,         ///< texts
  kListOfLists,  ///< lists of texts
};

/// The member of Config that a field sets.
using Target =
    std::variant<bool& (*)(Config&), std::uint32_t& (*)(Config&), std::uint64_t& (*)(Config&),
                 double& (*)(Config&), std::chrono::milliseconds& (*)(Config&),
                 std::string& (*)(Config&), List& (*)(Config&), ListOfLists& (*)(Config&),
                 EmfConfig::Mode& (*)(Config&), ThrashConfig::Action& (*)(Config&),
                 RestartPolicy& (*)(Config&)>;

/// What is wrong with a text that has the right type; empty if nothing is.
using Check = std::string_view (*)(std::string_view text);

/// One thing that can be configured.
///
/// Purpose.  The one place that names it: the check of the YAML file, flags, environment
/// variables, documentation, help, completions and man pages are made from this.  The
/// default is that of the member in model/config.h.
struct Field {
  std::string_view key;  ///< "emf.mode"
  Type type{};
  /// It must be known before the file is read: flag or variable only.
  bool never_in_file = false;
  Target target{};
  /// For numbers the value (milliseconds, bytes), for texts the length, for lists how many.
  double min = 0;
  double max = 0;
  std::span<const std::string_view> choices{};
  std::string_view standard_variable{};  ///< "AWS_EMF_NAMESPACE": read when ours is not set.
  std::string_view short_flag{};         ///< "inject" for `--inject` and `--no-inject`.
  std::string_view fallback{};           ///< What an empty value stands for.
  std::string_view help{};               ///< One sentence.
  Check check = nullptr;                 ///< Of the text, or of each text of a list.
};

/// All of them, grouped by section.  Constant: costs nothing at start-up.
std::span<const Field> fields() noexcept;

/// The field with this key; null if there is none.
const Field* find_field(std::string_view key) noexcept;

/// The field with this flag, given without dashes ("emf-mode", "inject"); null if none.
const Field* find_flag(std::string_view flag) noexcept;

/// Whether it means anything to that command: "wrap", "proxy", "aws template", ….
bool applies_to(const Field& field, std::string_view command) noexcept;

/// Whether `name` is the first part of a key, as "emf" of "emf.mode".
bool is_section(std::string_view name) noexcept;

/// "SONDE_EMF_MODE"
std::string variable_name(const Field& field);
/// "--emf-mode"
std::string flag_name(const Field& field);

/// Names of the program's own that are no fields, such as SONDE_CONFIG.
std::span<const std::string_view> other_variables() noexcept;

}  // namespace sonde::config
