// Property: any bytes give a Config whose every value lies within its bounds and which
// can be written out and read back, or at least one fault; every fault has a line.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/value.h"
#include "config/yaml.h"

namespace {

using namespace sonde;
using namespace sonde::config;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Reads the value back from the text that shows it.
void require_round_trip(const Field& field, const Config& config) {
  const std::string shown = show(field, config);
  const Document again = read_yaml(std::string(field.key) + ": " + shown, "again.yaml");
  require(again.faults.empty() && again.common.size() == 1);
  Config copy;
  assign(field, again.common.front().value, copy);
  require(show(field, copy) == shown);
}

void require_sound(const std::vector<Assignment>& assignments) {
  for (const Assignment& assignment : assignments) {
    require(assignment.line > 0);
    Config config;
    assign(*assignment.field, assignment.value, config);
    require_round_trip(*assignment.field, config);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Document document = read_yaml(text, "fuzz.yaml");
  for (const Fault& fault : document.faults.list()) {
    require(fault.line > 0 && fault.column > 0 && !fault.problem.empty());
    require(!to_string(fault).empty());
  }
  require_sound(document.common);
  for (const auto& [name, assignments] : document.servers) require_sound(assignments);
  return 0;
}
