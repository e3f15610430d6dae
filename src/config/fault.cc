#include "config/fault.h"

#include <utility>

namespace sonde::config {

std::string to_string(const Fault& fault) {
  std::string text = fault.source;
  if (fault.line > 0) {
    text += ':' + std::to_string(fault.line);
    if (fault.column > 0) text += ':' + std::to_string(fault.column);
  }
  if (!fault.key.empty()) text += ": " + fault.key;
  text += ": " + fault.problem;
  if (!fault.advice.empty()) text += "; " + fault.advice;
  return text;
}

void Faults::add(Fault fault) {
  if (list_.size() > kFaultsMax) return;
  if (list_.size() == kFaultsMax) {
    fault.problem = "more faults follow";
    fault.key.clear();
    fault.advice = "correct these first";
  }
  list_.push_back(std::move(fault));
}

std::string did_you_mean(std::string_view near) {
  if (near.empty()) return {};
  return "did you mean `" + std::string(near) + "`?";
}

}  // namespace sonde::config
