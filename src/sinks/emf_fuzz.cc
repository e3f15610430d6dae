// Property: any record gives exactly one line of valid JSON within the limit, without a raw
// control byte, with its metrics and dimensions as CloudWatch wants them, inline and
// gathered; and captured content stands only where it is shown.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "sinks/call_sink.h"
#include "sinks/emf_checker.h"

namespace sonde::sinks {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

/// Takes values from the fuzzer's bytes; zeros when they are used up.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  std::uint64_t word() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
  }
  /// A text that a byte of length precedes; 255 repeats what follows it 300 times.
  std::string text() {
    const std::size_t length = byte();
    if (length == 255) {
      const std::string unit(1 + byte() % 4, static_cast<char>(byte()));
      std::string text;
      for (int i = 0; i < 300; ++i) text += unit;
      return text;
    }
    const std::string text(bytes_.substr(0, length));
    bytes_.remove_prefix(text.size());
    return text;
  }

 private:
  std::string_view bytes_;
};

std::chrono::nanoseconds nanoseconds(Bytes& bytes) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(bytes.word() >> (bytes.byte() % 64)));
}

CallRecord record_of(Bytes& bytes) {
  CallRecord call;
  const std::uint8_t flags = bytes.byte();
  TapIdentity tap;
  for (std::string* text : {&tap.server_name, &tap.service, &tap.environment, &tap.instance}) {
    *text = bytes.text();
  }
  if ((flags & 1U) == 0) call.tap = std::make_shared<const TapIdentity>(tap);
  if ((flags & 2U) != 0) {
    call.client = call.server =
        std::make_shared<const Peer>(Peer{.name = bytes.text(), .version = bytes.text()});
  }
  call.method = (flags & 4U) == 0 ? "tools/call" : bytes.text();
  call.tool_known = (flags & 8U) == 0;
  call.direction = (flags & 16U) == 0 ? Direction::kToServer : Direction::kToClient;
  call.status = static_cast<CallStatus>(bytes.byte() % 6);
  call.wire_id = {.type = static_cast<WireId::Type>(bytes.byte() % 4), .text = bytes.text()};
  for (std::string* text :
       {&call.tool_name, &call.request_id, &call.tool_call_id, &call.correlation_id,
        &call.session_id, &call.mcp_session_id, &call.turn_id, &call.user_id, &call.resource_uri,
        &call.protocol_version, &call.args_hash, &call.hash_key_id, &call.result_hash,
        &call.result_summary, &call.error_type, &call.error_message}) {
    *text = bytes.text();
  }
  for (int i = bytes.byte() % 80; i > 0; --i) call.args_keys.push_back(bytes.text());
  call.args_size_bytes = bytes.word();
  call.result_size_bytes = bytes.word() >> (bytes.byte() % 64);
  call.result_tokens_est = bytes.word();
  if ((flags & 32U) != 0) call.result_count = bytes.byte() % 3;
  if ((flags & 64U) != 0) call.error_code = static_cast<std::int64_t>(bytes.word());
  for (auto* time : {&call.started_at, &call.ended_at, &call.duration, &call.human_wait,
                     &call.sampling_wait, &call.overhead}) {
    *time = nanoseconds(bytes);
  }
  call.captured_arguments = bytes.text();
  call.captured_result = bytes.text();
  return call;
}

struct StringOutput final : LineOutput {
  explicit StringOutput(std::string& wanted) : text(wanted) {}
  std::string_view name() const override { return "string"; }
  Result<std::size_t> write(std::string_view lines, Moment /*now*/) override {
    text += lines;
    return lines.size();
  }
  std::string& text;
};

void check_line(std::string_view line, std::size_t line_bytes_max) {
  require(line.size() < line_bytes_max);
  require(std::ranges::none_of(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
  JsonReader reader(line);
  require(reader.skip(reader.next()).has_value() && reader.next() == JsonToken::kEnd);
  const EmfChecker checker(line);
  if (checker.has_metrics()) require(checker.faults().empty());
}

/// The lines that the record gives, each of which is checked, and whose number is known.
std::string lines_of(const CallRecord& call, Shows shows, EmfConfig::Mode mode,
                     std::size_t expected) {
  std::string text;
  Stats stats;
  EmfConfig config;
  config.mode = mode;
  config.dimensions.push_back({"Instance", "Transport", "ClientName", "Service"});
  CallRoute route{.output = std::make_unique<StringOutput>(text),
                  .shows = shows,
                  .envelope = agent_envelope(config, call.tap ? call.tap->service : "")};
  const std::size_t line_bytes_max = route.line_bytes_max;
  auto sink = CallSink::make(std::move(route), config, stats);
  const std::vector<Entry> batch{call};
  require((*sink)->write(batch, ManualClock().now()).has_value());
  require((*sink)->close(ManualClock().now()).has_value());
  require(stats.read(Stat::kLinesDropped) == 0);

  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const std::size_t end = text.find('\n', at);
    require(end != std::string::npos);
    check_line(std::string_view(text).substr(at, end - at), line_bytes_max);
    at = end + 1;
  }
  require(lines == expected);
  return text;
}

}  // namespace
}  // namespace sonde::sinks

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sonde;
  using namespace sonde::sinks;
  Bytes bytes({reinterpret_cast<const char*>(data), size});
  CallRecord call = record_of(bytes);
  const std::size_t gathered = is_tool_call(call) ? 1 : 0;
  const std::string hidden = lines_of(call, {}, EmfConfig::Mode::kInline, 1);
  lines_of(call, {.content = Content::kCaptured}, EmfConfig::Mode::kInline, 1);
  lines_of(call, {}, EmfConfig::Mode::kAggregate, 1 + gathered);
  call.captured_arguments.clear();
  call.captured_result.clear();
  require(lines_of(call, {}, EmfConfig::Mode::kInline, 1) == hidden);
  return 0;
}
