#include "jsonrpc/sse_scanner.h"

#include "base/check.h"

namespace sonde::jsonrpc {
namespace {

constexpr std::string_view kMessageType = "message";
constexpr std::string_view kEndpointType = "endpoint";

bool is_message(std::string_view named_type) noexcept {
  return named_type.empty() || named_type == kMessageType;
}

}  // namespace

SseScanner::Step SseScanner::next() {
  while (true) {
    message_ = scanner_.next();
    if (message_ != nullptr) {
      if (!other_type_) return Step::kMessage;
      continue;
    }
    switch (reader_.next()) {
      case SseReader::Step::kStarved:
        return Step::kNothing;
      case SseReader::Step::kBegin:
        begin_event();
        break;
      case SseReader::Step::kData:
        take_data();
        break;
      case SseReader::Step::kEnd:
        end_event();
        if (reader_.named_type() == kEndpointType && !head_lost_) return Step::kEndpoint;
        break;
    }
  }
}

void SseScanner::begin_event() noexcept {
  data_offset_ = scanner_.offset();
  other_type_ = false;
  head_.clear();
  head_cut_ = false;
  head_lost_ = false;
}

void SseScanner::take_data() {
  const std::string_view type = reader_.named_type();
  const std::string_view data = reader_.data();
  if (!is_message(type)) other_type_ = true;
  if (type.empty() || type == kEndpointType) {
    keep_head(data);
  } else {
    head_lost_ = true;
  }
  if (other_type_) return;
  if (!reader_.closed_data().empty()) {
    scanner_.feed(reader_.closed_data());
    line_open_ = false;
    // At once, so that the event is complete when its message is yielded.
    SONDE_CHECK(reader_.next() == SseReader::Step::kEnd);
    return;
  }
  scanner_.feed(data == "\n" ? " " : data);
  line_open_ = true;
}

void SseScanner::keep_head(std::string_view data) {
  const std::size_t room = endpoint_bytes_max_ - head_.size();
  if (data.size() > room) head_cut_ = true;
  head_.append(data.substr(0, room));
}

void SseScanner::end_event() {
  if (!is_message(reader_.named_type())) other_type_ = true;
  if (line_open_) scanner_.feed(reader_.line_end());
  line_open_ = false;
}

}  // namespace sonde::jsonrpc
