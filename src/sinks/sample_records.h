#pragma once

// Records for tests, fuzzers and benchmarks of this module.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "model/call_record.h"
#include "model/event.h"

namespace sonde::sinks {

/// 2026-11-20T12:00:00Z.
inline constexpr std::chrono::nanoseconds kNoon = std::chrono::seconds(1'795'176'000);

inline std::shared_ptr<const TapIdentity> sample_tap(std::string server_name = "search") {
  return std::make_shared<const TapIdentity>(TapIdentity{.server_name = std::move(server_name),
                                                         .service = "search-service",
                                                         .environment = "production",
                                                         .instance = "host-1",
                                                         .tap_version = "0.1.0"});
}

inline SpanContext sample_span() {
  SpanContext span;
  for (std::size_t i = 0; i < span.trace_id.bytes.size(); ++i) {
    span.trace_id.bytes[i] = static_cast<std::uint8_t>(i + 1);
  }
  span.span_id.bytes = {0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8};
  span.parent_span_id.bytes = {0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8};
  return span;
}

/// A call of a known tool that went well, with every usual field filled.
inline CallRecord sample_call(std::string_view tool = "find_documents") {
  using std::chrono::microseconds;
  CallRecord call;
  call.tap = sample_tap();
  call.client = std::make_shared<const Peer>(Peer{.name = "claude-code", .version = "2.1.0"});
  call.server = std::make_shared<const Peer>(Peer{.name = "search-srv", .version = "1.4.2"});
  call.request_id = "01978a3e-7d5c-7c2e-9f00-0123456789ab";
  call.wire_id = {.type = WireId::Type::kNumber, .text = "7"};
  call.tool_call_id = "toolu_01A09q90qw90lq917835lq9";
  call.correlation_id = "c-4711";
  call.session_id = "b7b2e9c4-6c1e-4b0e-8a52-0d9f6f2f7f10";
  call.session_confidence = Confidence::kExact;
  call.method = "tools/call";
  call.tool_name = tool;
  call.tool_known = true;
  call.protocol_version = "2025-11-25";
  call.args_hash = "c1:0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff0";
  call.args_keys = {"query", "limit"};
  call.args_size_bytes = 48;
  call.hash_key_id = "9f86d081";
  call.result_hash = "c1:8899aabbccddeeff00112233445566770f1e2d3c4b5a69788796a5b4c3d2e1f0";
  call.result_size_bytes = 2048;
  call.result_count = 3;
  call.result_tokens_est = 512;
  call.started_at = kNoon;
  call.ended_at = kNoon + microseconds(12'500);
  call.duration = microseconds(12'500);
  call.overhead = microseconds(14);
  call.span = sample_span();
  return call;
}

inline CallRecord failed_call(CallStatus status = CallStatus::kError) {
  CallRecord call = sample_call();
  call.status = status;
  call.result_count.reset();
  call.result_hash.clear();
  call.result_size_bytes = 0;
  call.result_tokens_est = 0;
  call.error_code = -32603;
  call.error_type = "-32603";
  call.error_message = "no such file: <path>";
  return call;
}

inline Event sample_event(Event::Type type) {
  Event event;
  event.type = type;
  event.tap = sample_tap();
  event.at = kNoon;
  event.session_id = "none";
  return event;
}

}  // namespace sonde::sinks
