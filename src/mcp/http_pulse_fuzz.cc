#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mcp/http_pulse.h"

namespace sonde::mcp {
namespace {

/// What became of a server's answers, taken from `bytes` and fed in pieces of `piece`.
///
/// An answer is a byte for the status, one for the content type, one for the end, and what follows
/// up to the next 0 byte; `@` in a body is the id that was asked.
class Script {
 public:
  explicit Script(std::string_view bytes) : bytes_(bytes) {}

  std::string play(std::size_t piece) {
    HttpPulse pulse({.paths = {"/mcp", "/"},
                     .event_path = "/sse",
                     .expected_tools = {"a", "b"},
                     .tap_version = "1"});
    std::string log;
    // Twice, so that what was remembered is used.
    for (int round = 0; round < 2; ++round) {
      pulse.begin();
      std::uint32_t requests = 0;
      while (const HttpPulse::Request* request = pulse.request()) {
        if (++requests > HttpPulse::kRequestsMax) std::abort();
        log.append(request->method).append(request->path).append(request->body);
        for (const auto& [name, value] : request->headers) log.append(name).append(value);
        answer(pulse, *request, piece);
      }
      const PulseResult& result = pulse.result();
      log += std::to_string(static_cast<int>(result.kind)) + result.detail;
      for (const std::string& tool : result.missing_tools) log += tool;
    }
    return log;
  }

 private:
  unsigned char take() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }

  void answer(HttpPulse& pulse, const HttpPulse::Request& request, std::size_t piece) {
    constexpr int kStatuses[] = {200, 200, 200, 202, 302, 400, 401, 404, 405, 500};
    const int status = kStatuses[take() % std::size(kStatuses)];
    const bool events = take() % 2 == 1;
    if (take() % 16 == 15) return pulse.fail(PulseResult::Kind::kClosed, "why");
    const std::string_view raw = bytes_.substr(0, bytes_.find('\0'));
    bytes_.remove_prefix(std::min(raw.size() + 1, bytes_.size()));
    const std::size_t at = request.body.find("\"id\":");
    const std::string id = at == std::string::npos
                               ? "0"
                               : request.body.substr(at + 5, request.body.find(',', at) - at - 5);
    std::string body;
    for (const char c : raw) c == '@' ? body += id : body += c;
    pulse.on_head({.status = status,
                   .content_type = events ? "text/event-stream" : "application/json",
                   .session_id = "s"});
    for (std::string_view left = body; !left.empty();) {
      const std::string_view now = left.substr(0, piece);
      left.remove_prefix(now.size());
      if (pulse.on_body(now)) break;
    }
    pulse.on_end();
  }

  std::string_view bytes_;
};

}  // namespace
}  // namespace sonde::mcp

// Property: whatever a server answers, a pulse ends, and where the answers are cut makes no
// difference to what is asked and found.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sonde::mcp::Script;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = Script(bytes).play(size + 1);
  if (Script(bytes).play(1) != whole || Script(bytes).play(7) != whole) std::abort();
  return 0;
}
