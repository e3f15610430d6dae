#include "aws/collector.h"

#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "base/printable.h"

namespace sonde::aws {
namespace {

/// Attributes that X-Ray can be asked for; all others can be read, but not searched.
constexpr std::array kIndexed = std::to_array<std::string_view>({
    "sonde.correlation_id",
    "sonde.request_id",
    "sonde.turn.id",
    "sonde.server.name",
    "gen_ai.conversation.id",
    "gen_ai.tool.name",
    "gen_ai.tool.call.id",
    "mcp.session.id",
    "mcp.method.name",
    "jsonrpc.request.id",
    "rpc.response.status_code",
    "error.type",
    "enduser.id",
});

constexpr std::uint32_t kMemoryMin = 64;
constexpr std::size_t kDigestDigits = 64;

constexpr std::string_view kHead =
    "# Written by `sonde aws adot collector`.\n"
    "# OTLP from the containers of this task, to X-Ray.  There is no pipeline for metrics: those\n"
    "# of calls come from the tap's log lines, and a second copy would count every call twice.\n"
    "extensions:\n"
    "  health_check:\n"
    "    endpoint: 127.0.0.1:13133\n"
    "receivers:\n"
    "  otlp:\n"
    "    protocols:\n"
    "      grpc:\n"
    "        endpoint: 127.0.0.1:4317\n"
    "      http:\n"
    "        endpoint: 127.0.0.1:4318\n";

constexpr std::string_view kService =
    "service:\n"
    "  extensions: [health_check]\n"
    "  pipelines:\n"
    "    traces:\n"
    "      receivers: [otlp]\n"
    "      processors: [memory_limiter, batch/traces]\n"
    "      exporters: [awsxray]\n";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);  // A JSON string is one of YAML too.
  return out;
}

}  // namespace

bool pinned(std::string_view image) {
  constexpr std::string_view kDigest = "@sha256:";
  if (const std::size_t at = image.find(kDigest); at != std::string_view::npos) {
    const std::string_view digits = image.substr(at + kDigest.size());
    return at > 0 && digits.size() == kDigestDigits && std::ranges::all_of(digits, [](char c) {
             return is_digit(c) || (c >= 'a' && c <= 'f');
           });
  }
  const std::size_t slash = image.rfind('/');
  const std::size_t colon = image.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  if (slash != std::string_view::npos && colon < slash) return false;  // A port.
  const std::string_view tag = image.substr(colon + 1);
  return !tag.empty() && tag != "latest";
}

bool is_region(std::string_view text) {
  // Letters, then words, then a number: what the region is called is AWS's business.
  const std::size_t last = text.rfind('-');
  return text.size() <= 32 && last != std::string_view::npos && last + 1 < text.size() &&
         text.find('-') < last && is_lower(text.front()) &&
         std::ranges::all_of(text.substr(last + 1), is_digit) &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

Result<std::string> collector_yaml(const CollectorOptions& options) {
  if (!is_region(options.region)) {
    return fail(Errc::kInvalidInput,
                '`' + printable(options.region, 64) + "` is no region; write one as us-east-1");
  }
  if (options.memory_mib < kMemoryMin) {
    return fail(Errc::kInvalidInput, "the collector needs at least 64 MiB");
  }
  std::string out(kHead);
  out +=
      "processors:\n"
      "  memory_limiter:\n"
      "    check_interval: 1s\n"
      "    limit_mib: " +
      std::to_string(options.memory_mib * 4 / 5) +
      "\n"
      "    spike_limit_mib: " +
      std::to_string(options.memory_mib / 5) +
      "\n"
      "  batch/traces:\n"
      "    timeout: 1s\n"
      "    send_batch_size: 50\n"
      "exporters:\n"
      "  awsxray:\n"
      "    region: " +
      quoted(options.region) + "\n";
  if (!options.log_group.empty()) {
    out += "    aws_log_groups: [" + quoted(options.log_group) + "]\n";
  }
  out += "    indexed_attributes:\n";
  for (const std::string_view name : kIndexed) out.append("      - ").append(name).append("\n");
  return out.append(kService);
}

}  // namespace sonde::aws
