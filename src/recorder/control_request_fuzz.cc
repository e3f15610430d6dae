// Property: a request that is accepted means the same when written anew, and one that is
// refused is refused in a short sentence.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "recorder/control_request.h"

namespace {

using sonde::recorder::CaptureRequest;
using sonde::recorder::ControlRequest;
using sonde::recorder::parse_control_request;

constexpr std::size_t kSentenceMax = 256;

std::string written(const ControlRequest& request) {
  const auto* capture = std::get_if<CaptureRequest>(&request);
  if (capture == nullptr) return R"({"command":"stats"})";
  return std::string(R"({"command":"capture","on":)") + (capture->on ? "true" : "false") +
         ",\"for_s\":" + std::to_string(capture->duration.count()) +
         ",\"errors_only\":" + (capture->errors_only ? "true}" : "false}");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto request = parse_control_request(line);
  if (!request) {
    const std::string& message = request.error().message();
    if (message.empty() || message.size() > kSentenceMax) std::abort();
    return 0;
  }
  const auto again = parse_control_request(written(*request));
  if (!again || *again != *request) std::abort();
  return 0;
}
