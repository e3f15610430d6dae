#include "aws/wording.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace sonde::aws {
namespace {

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// FNV-1a, as 8 hexadecimal digits: tells apart what is the same once only letters are left.
std::string short_hash(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  std::string digits(8, '0');
  for (std::size_t i = 8; i-- > 0; hash >>= 4U) digits[i] = "0123456789abcdef"[hash & 15U];
  return digits;
}

/// "my-server" becomes "MyServer".
std::string camel(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (!alphanumeric(c)) {
      begins = true;
      continue;
    }
    out += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = false;
  }
  return out;
}

}  // namespace

std::string Wording::group(std::string_view name, const Config& config) const {
  const bool derived = config.aws.log_group.empty() && name == log_groups(config).front();
  return derived ? "/mcp/" + environment : std::string(name);
}

Wording plain_wording(const Config& config) {
  return {.environment = config.environment, .suffix = suffix_of(config)};
}

Wording template_wording() { return {.environment = "${Environment}", .suffix = "${Suffix}"}; }

Wording widest_wording() {
  return {.environment = std::string(kEnvironmentMax, 'e'), .suffix = std::string(kSuffixMax, '-')};
}

std::string alarm_name(Kind kind, const Subject& subject, const Wording& wording) {
  std::string name = "MCP-" + std::string(info(kind).name) + wording.suffix;
  for (const std::string* part : {&subject.server, &subject.tool, &subject.log_group}) {
    if (!part->empty()) name += '/' + *part;
  }
  return name;
}

std::string dashboard_name(const Wording& wording) { return "mcp-${AWS::Region}" + wording.suffix; }

std::string logical_id(Kind kind, const Subject& subject) {
  std::string id(info(kind).name);
  const std::string all = subject.server + '\n' + subject.tool + '\n' + subject.log_group;
  if (all.size() == 2) return id;
  for (const std::string* part : {&subject.server, &subject.tool, &subject.log_group}) {
    id += camel(*part).substr(0, 60);
  }
  return id + short_hash(all);
}

std::string number_text(double value) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end.ptr};
}

}  // namespace sonde::aws
