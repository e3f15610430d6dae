#include "mcp/http_pulse.h"

#include <algorithm>
#include <array>

#include "base/json_reader.h"
#include "mcp/pulse_message.h"
#include "mcp/wire_values.h"

namespace sonde::mcp {
namespace {

using Kind = PulseResult::Kind;

constexpr int kOk = 200;
constexpr int kRedirects = 300;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kTooMany = 429;
constexpr int kServerErrors = 500;
constexpr std::size_t kSessionBytesMax = 1024;
constexpr std::size_t kVersionBytesMax = 64;
constexpr std::size_t kToolNamesMax = 100'000;

/// Errors that only a server of the modern era gives (mcp.md 1.5).
constexpr std::array<std::int64_t, 3> kModernErrors = {-32020, -32021, -32022};

jsonrpc::Limits limits() {
  jsonrpc::Limits limits;
  limits.result = limits.tools = HttpPulse::kBodyBytesMax;
  return limits;
}

/// Answers after which no client tries another era: they say nothing about it.
bool says_nothing_of_eras(int status) noexcept {
  return status == kUnauthorized || status == kForbidden || status == kTooMany ||
         (status >= kRedirects && status < 400);
}

bool is_type(std::string_view content_type, std::string_view wanted) noexcept {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  return std::ranges::equal(content_type, wanted, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// A handle that can stand in a header.
bool visible(std::string_view text) noexcept {
  return text.size() <= kSessionBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

HttpPulse::HttpPulse(Options options) : options_(std::move(options)) {}

void HttpPulse::begin() {
  result_.reset();
  requests_ = 0;
  ids_ = 0;
  paths_tried_ = 1;
  first_status_ = 0;
  session_.clear();
  version_.clear();
  cursor_.clear();
  missing_ = options_.expected_tools;
  switch (era_) {
    case Era::kUnknown:
    case Era::kModern:
      return ask(Step::kDiscover);
    case Era::kLegacy:
      return ask(Step::kInitialize);
    case Era::kEvents:
      return ask(Step::kEvents);
  }
}

void HttpPulse::ask(Step step) {
  if (++requests_ > kRequestsMax) {
    if (!result_) decide(Kind::kBadAnswer, "it has more to say than a pulse may ask");
    return finish();
  }
  step_ = step;
  status_ = 0;
  events_ = too_long_ = false;
  answer_session_.clear();
  body_.clear();
  sse_.reset();
  answer_.reset();
  request_ = Request{.method = "POST", .path = options_.paths[path_], .headers = {}, .body = {}};
  request_->headers.emplace_back("User-Agent",
                                 std::string(kPulseClient) + '/' + options_.tap_version);
  if (step == Step::kEvents) {
    request_->method = "GET";
    request_->path = options_.event_path;
    request_->headers.emplace_back("Accept", "text/event-stream");
    return;
  }
  if (step == Step::kDelete) request_->method = "DELETE";
  add_post_headers(write_message(step));
}

/// The body, if there is one; returns its method.
std::string_view HttpPulse::write_message(Step step) {
  const std::string id = next_id();
  const PulseWords words{.id = id, .tap_version = options_.tap_version};
  std::string& body = request_->body;
  switch (step) {
    case Step::kDiscover:
      body = discover_message(words);
      return "server/discover";
    case Step::kInitialize:
      body = initialize_message(words);
      return "initialize";
    case Step::kInitialized:
      body = initialized_message();
      return "notifications/initialized";
    case Step::kTools:
      body = tools_list_message(words, era_ == Era::kModern, cursor_);
      return "tools/list";
    case Step::kPing:
      body = ping_message(id);
      return "ping";
    case Step::kEvents:
    case Step::kDelete:
      return {};
  }
  return {};
}

void HttpPulse::add_post_headers(std::string_view method) {
  auto& headers = request_->headers;
  if (!request_->body.empty()) {
    headers.emplace_back("Content-Type", "application/json");
    headers.emplace_back("Accept", "application/json, text/event-stream");
  }
  if (asks_modern()) {
    headers.emplace_back("MCP-Protocol-Version", kModernVersion);
    headers.emplace_back("Mcp-Method", method);
  } else if (!version_.empty()) {
    headers.emplace_back("MCP-Protocol-Version", version_);
  }
  if (!session_.empty()) headers.emplace_back("Mcp-Session-Id", session_);
}

void HttpPulse::on_head(const Head& head) {
  status_ = head.status;
  events_ = is_type(head.content_type, "text/event-stream");
  if (visible(head.session_id)) answer_session_ = head.session_id;
  if (events_) sse_.emplace(limits());
}

bool HttpPulse::on_body(std::string_view bytes) {
  if (step_ == Step::kEvents || step_ == Step::kInitialized || step_ == Step::kDelete) return true;
  if (answer_ || too_long_) return true;
  body_.append(bytes.substr(0, kBodyBytesMax - std::min(body_.size(), kBodyBytesMax)));
  too_long_ = body_.size() >= kBodyBytesMax;
  if (!sse_) return too_long_;
  sse_->feed(bytes);
  for (auto step = sse_->next(); step != jsonrpc::SseScanner::Step::kNothing; step = sse_->next()) {
    if (step == jsonrpc::SseScanner::Step::kMessage && !answer_) take(sse_->message());
  }
  return answer_.has_value() || too_long_;
}

/// The answer to what was asked last; what the server says beside it does not matter.
void HttpPulse::take(const jsonrpc::Message& message) {
  using jsonrpc::Field;
  if (message.kind != jsonrpc::Kind::kResponse && message.kind != jsonrpc::Kind::kError) return;
  const bool error = message.kind == jsonrpc::Kind::kError;
  // Some errors of servers lack the id: 400 with `"id":null`.
  if (!error && message[Field::kId].text != std::to_string(ids_)) return;
  Answer answer{.is_result = !error, .error_code = 0, .result = {}, .tools = {}};
  if (error) {
    answer.error_code = json_integer(message[Field::kErrorCode].text).value_or(0);
  } else if (!message[Field::kResult].truncated) {
    answer.result = message[Field::kResult].text;
    answer.tools = message[Field::kTools].text;
  }
  answer_ = std::move(answer);
}

void HttpPulse::read_body() {
  if (sse_ || body_.empty() || too_long_) return;
  jsonrpc::Scanner scanner(limits());
  // A document may be laid out over lines, which on stdio would be messages.
  std::ranges::replace(body_, '\n', ' ');
  scanner.feed(body_);
  while (const jsonrpc::Message* message = scanner.next()) take(*message);
  if (answer_) return;
  if (const jsonrpc::Message* last = scanner.finish()) take(*last);
}

void HttpPulse::on_end() {
  read_body();
  request_.reset();
  conclude();
}

void HttpPulse::fail(Kind kind, std::string detail) {
  request_.reset();
  if (!result_) decide(kind, std::move(detail));
}

void HttpPulse::conclude() {
  if (!answer_ && too_long_) {
    decide(Kind::kBadAnswer, "its answer is longer than 4 MiB");
    return finish();
  }
  switch (step_) {
    case Step::kDiscover:
      return on_discover();
    case Step::kInitialize:
      return on_initialize();
    case Step::kInitialized:
      return ask(options_.expected_tools.empty() ? Step::kPing : Step::kTools);
    case Step::kTools:
      return on_tools();
    case Step::kPing:
      return on_ping();
    case Step::kEvents:
      return on_events();
    case Step::kDelete:
      return;
  }
}

void HttpPulse::on_discover() {
  const bool modern_error =
      answer_ && std::ranges::find(kModernErrors, answer_->error_code) != kModernErrors.end();
  if (answer_ && (answer_->is_result || modern_error)) {
    era_ = Era::kModern;
    if (answer_->is_result && !options_.expected_tools.empty()) return ask(Step::kTools);
    return decide(Kind::kAnswer, modern_error ? "it speaks another modern version" : "");
  }
  if (!answer_ && says_nothing_of_eras(status_)) return decide_by_status();
  // A modern server that is broken is not asked as a legacy one.
  if (!answer_ && era_ == Era::kModern && status_ >= kServerErrors) return decide_by_status();
  forget_and_ask(Step::kInitialize);
}

void HttpPulse::forget_and_ask(Step step) {
  if (!answer_ && first_status_ == 0) first_status_ = status_;
  era_ = Era::kUnknown;
  ask(step);
}

void HttpPulse::on_initialize() {
  if (answer_ && answer_->is_result) {
    era_ = Era::kLegacy;
    session_ = answer_session_;
    if (const auto version = find_member(answer_->result, "protocolVersion")) {
      version_ = read_text(*version, kVersionBytesMax);
      if (!visible(version_)) version_.clear();
    }
    return ask(Step::kInitialized);
  }
  if (answer_) {
    if (era_ == Era::kLegacy) return forget_and_ask(Step::kDiscover);
    return decide(Kind::kAnswer,
                  "it refuses `initialize` with error " + std::to_string(answer_->error_code));
  }
  if (says_nothing_of_eras(status_) || status_ >= kServerErrors) return decide_by_status();
  // It was legacy once; perhaps it is another server now.
  if (era_ == Era::kLegacy) return forget_and_ask(Step::kDiscover);
  forget_and_ask(Step::kEvents);
}

void HttpPulse::on_tools() {
  if (!answer_) return decide_by_status();
  if (!answer_->is_result) {
    decide(Kind::kAnswer);
    return;  // None of those expected was listed.
  }
  KnownTools tools(kToolNamesMax);
  tools.learn(answer_->tools, true);
  std::erase_if(missing_, [&](const std::string& name) { return tools.knows(name); });
  const auto next = find_member(answer_->result, "nextCursor");
  if (next && next->starts_with('"') && !missing_.empty()) {
    cursor_ = *next;
    return ask(Step::kTools);
  }
  decide(Kind::kAnswer);
}

void HttpPulse::on_ping() {
  if (answer_) return decide(Kind::kAnswer);
  decide_by_status();
}

void HttpPulse::on_events() {
  if (status_ == kOk && events_) {
    era_ = Era::kEvents;
    return decide(Kind::kAnswer);
  }
  if (era_ == Era::kEvents) return forget_and_ask(Step::kDiscover);
  if (says_nothing_of_eras(status_)) return decide_by_status();
  try_next_path();
}

void HttpPulse::try_next_path() {
  if (paths_tried_ < options_.paths.size()) {
    ++paths_tried_;
    path_ = (path_ + 1) % options_.paths.size();
    return ask(Step::kDiscover);
  }
  path_ = 0;
  if (first_status_ != 0) status_ = first_status_;
  decide_by_status();
}

void HttpPulse::decide_by_status() {
  if (status_ < kRedirects) return decide(Kind::kBadAnswer);
  std::string detail;
  if (status_ == kNotFound && era_ == Era::kUnknown) {
    detail = "nothing at " + options_.paths.front() + "; see pulse.path";
  }
  decide(Kind::kStatus, std::move(detail));
}

void HttpPulse::decide(Kind kind, std::string detail) {
  result_ = PulseResult{.kind = kind, .http_status = status_, .detail = std::move(detail)};
  // Whoever answers tools/list with an error lists none of them.
  const bool asked = step_ == Step::kTools;
  if (kind == Kind::kAnswer && asked) result_->missing_tools = missing_;
  finish();
}

/// A session of ours is not left behind.
void HttpPulse::finish() {
  const bool reached = result_->kind == Kind::kAnswer || result_->kind == Kind::kStatus;
  if (reached && !session_.empty() && step_ != Step::kDelete && requests_ < kRequestsMax) {
    return ask(Step::kDelete);
  }
  request_.reset();
}

}  // namespace sonde::mcp
