#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::config {

/// One thing that is wrong with the configuration, told so that a person can act on it:
/// where, what, and what to do.
struct Fault {
  std::string source{};      ///< The file's name, "environment" or "command line".
  std::uint32_t line = 0;    ///< From 1; 0 when it is not about a line.
  std::uint32_t column = 0;  ///< From 1; 0 likewise.
  std::string key{};         ///< `emf.mode`, `SONDE_EMF_MODE` or `--emf-mode`.
  std::string problem{};     ///< "unknown key"
  std::string advice{};      ///< "did you mean `emf.mode`?"
};

/// "sonde.yaml:7:3: emf.modee: unknown key; did you mean `emf.mode`?"
std::string to_string(const Fault& fault);

/// The faults of one source of configuration, up to a limit.
class Faults {
 public:
  static constexpr std::size_t kFaultsMax = 100;

  /// What comes after kFaultsMax faults is dropped; the list then says so itself.
  void add(Fault fault);

  const std::vector<Fault>& list() const noexcept { return list_; }
  bool empty() const noexcept { return list_.empty(); }

 private:
  std::vector<Fault> list_;
};

/// "did you mean `near`?", or nothing if `near` is empty.
std::string did_you_mean(std::string_view near);

}  // namespace sonde::config
