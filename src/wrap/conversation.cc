#include "wrap/conversation.h"

#include <algorithm>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "mcp/pulse_message.h"
#include "mcp/wire_values.h"

namespace sonde::wrap {
namespace {

using jsonrpc::Field;
using jsonrpc::Kind;
using jsonrpc::Message;

constexpr std::size_t kMethodBytesMax = 256;
constexpr std::size_t kVersionBytesMax = 64;
constexpr std::string_view kPulseIds = "sonde-pulse-";
constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
/// Of the range that MCP leaves to implementations; -32010 is a denial by policy.
constexpr int kServerGone = -32012;

std::string_view id_of(const Message& message) noexcept {
  const jsonrpc::Value& id = message[Field::kId];
  return id.present && !id.truncated && id.text != "null" ? id.text : std::string_view();
}

template <class Entries>
bool forget(Entries& entries, std::string_view id) {
  const auto found = std::ranges::find_if(entries, [&](const auto& one) { return one.id == id; });
  if (found == entries.end()) return false;
  entries.erase(found);
  return true;
}

}  // namespace

Conversation::Conversation(Options options, Stats& stats)
    : options_(std::move(options)), stats_(stats) {}

Conversation::Verdict Conversation::on_message(Direction direction, const Message& message,
                                               bool lost) {
  return direction == Direction::kToServer ? from_client(message, lost) : from_server(message);
}

void Conversation::on_line(Direction direction, std::string_view line) {
  if (direction != Direction::kToServer) return;
  switch (std::exchange(keep_, Keep::kNothing)) {
    case Keep::kNothing:
      return;
    case Keep::kInitialize:
      initialize_ = line;
      return;
    case Keep::kInitialized:
      initialized_ = line;
      return;
  }
}

Conversation::Verdict Conversation::from_client(const Message& message, bool lost) {
  switch (message.kind) {
    case Kind::kRequest:
      on_request(message, mcp::read_text(message[Field::kMethod], kMethodBytesMax), lost);
      return Verdict::kPass;
    case Kind::kNotification: {
      const std::string method = mcp::read_text(message[Field::kMethod], kMethodBytesMax);
      if (method == "notifications/cancelled") on_cancelled(message);
      if (method == "notifications/initialized") keep_ = Keep::kInitialized;
      return Verdict::kPass;
    }
    case Kind::kResponse:
    case Kind::kError:
      forget(asked_, id_of(message));
      // A new server does not know what the old one had asked.
      return forget(dead_, id_of(message)) ? Verdict::kDrop : Verdict::kPass;
    default:
      return Verdict::kPass;
  }
}

void Conversation::on_request(const Message& message, std::string_view method, bool lost) {
  const std::string_view id = id_of(message);
  if (id.empty()) return;
  if (lost) return append_error(answers_, id, "the server ended while this was sent to it");
  if (method == "initialize") {
    era_ = Era::kLegacy;
    keep_ = Keep::kInitialize;
    initialize_id_ = id;
    initialize_answered_ = false;
    initialized_.clear();
  } else if (const auto version = find_member(message[Field::kMeta].text, kVersionKey)) {
    era_ = Era::kModern;
    version_ = mcp::read_text(*version, kVersionBytesMax);
  }
  remember(open_, {.id = std::string(id), .endless = method == "subscriptions/listen"});
}

void Conversation::on_cancelled(const Message& message) {
  if (const auto id = find_member(message[Field::kParams].text, "requestId")) forget(open_, *id);
}

void Conversation::remember(std::vector<Open>& where, Open one) {
  if (where.size() >= options_.open_max) {
    where.erase(where.begin());
    stats_.add(Stat::kOutstandingEvicted);
  }
  where.push_back(std::move(one));
}

Conversation::Verdict Conversation::from_server(const Message& message) {
  switch (message.kind) {
    case Kind::kRequest:
      if (const std::string_view id = id_of(message); !id.empty()) {
        remember(asked_, {.id = std::string(id)});
      }
      return Verdict::kPass;
    case Kind::kResponse:
    case Kind::kError:
      return on_answer(message);
    default:
      return Verdict::kPass;
  }
}

Conversation::Verdict Conversation::on_answer(const Message& message) {
  const std::string_view id = id_of(message);
  server_heard_ = true;
  if (take_pulse_answer(id)) return Verdict::kDrop;
  const bool known = forget(open_, id);
  if (id.empty() || id != initialize_id_) return Verdict::kPass;
  const bool refused = message.kind == Kind::kError;
  if (replay_ == Replay::kWaiting) {
    replay_ = refused ? Replay::kRefused : Replay::kAnswered;
    // The first server may have ended before it had answered; its client still waits.
    if (initialize_answered_) return Verdict::kDrop;
  }
  if (refused || (!known && replay_ == Replay::kNone)) return Verdict::kPass;
  initialize_answered_ = true;
  const auto capabilities = find_member(message[Field::kResult].text, "capabilities");
  has_tools_ = capabilities && find_member(*capabilities, "tools").has_value();
  return Verdict::kPass;
}

/// Late answers are ours, too.
bool Conversation::take_pulse_answer(std::string_view id) {
  const std::string ours = '"' + std::string(kPulseIds) + options_.token + '-';
  if (!id.starts_with(ours)) return false;
  if (id == ours + std::to_string(pulses_) + '"') pulse_open_ = false;
  return true;
}

bool Conversation::idle() const noexcept {
  if (replay_ != Replay::kNone) return false;
  if (!std::ranges::all_of(open_, &Open::endless)) return false;
  return era_ == Era::kModern ||
         (era_ == Era::kLegacy && initialize_answered_ && !initialized_.empty());
}

std::string Conversation::pulse() {
  pulse_open_ = true;
  const std::string id =
      '"' + std::string(kPulseIds) + options_.token + '-' + std::to_string(++pulses_) + '"';
  if (era_ == Era::kLegacy) return mcp::ping_message(id) + '\n';
  return mcp::discover_message(
             {.id = id, .tap_version = options_.tap_version, .protocol_version = version_}) +
         '\n';
}

void Conversation::append_error(std::string& out, std::string_view id, std::string_view why) const {
  JsonWriter json(out);
  json.begin_object().member("jsonrpc", "2.0").key("id").raw(id).key("error").begin_object();
  json.key("code").number(kServerGone);
  json.member("message",
              std::string(why) +
                  ". sonde wrap starts it again. What was asked may have been done or not, and is "
                  "not asked again; state that the server held may be lost.");
  json.key("data").begin_object().member("state_lost", "unknown").end_object();
  json.end_object().end_object();
  out += '\n';
}

std::string Conversation::server_gone(std::string_view why) {
  std::string out = take_answers();
  // `initialize` has no effect, so it can be asked again.
  const bool again = !initialize_.empty() && !initialize_answered_;
  for (const Open& one : open_) {
    if (!again || one.id != initialize_id_) append_error(out, one.id, why);
  }
  std::erase_if(open_, [&](const Open& one) { return !again || one.id != initialize_id_; });
  for (Open& one : asked_) {
    JsonWriter json(out);
    json.begin_object().member("jsonrpc", "2.0").member("method", "notifications/cancelled");
    json.key("params").begin_object().key("requestId").raw(one.id).member("reason", why);
    json.end_object().end_object();
    out += '\n';
    remember(dead_, std::move(one));
  }
  asked_.clear();
  pulse_open_ = false;
  replay_ = Replay::kNone;
  return out;
}

std::optional<std::string> Conversation::begin_replay() {
  server_heard_ = false;
  if (initialize_.empty()) return std::nullopt;
  replay_ = Replay::kWaiting;
  return initialize_;
}

std::string Conversation::finish_replay() {
  replay_ = Replay::kNone;
  return initialized_;
}

// In the modern era a server says nothing that it was not asked for.
std::string Conversation::notice(std::string_view why) const {
  if (era_ != Era::kLegacy || initialized_.empty()) return {};
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("jsonrpc", "2.0").member("method", "notifications/message");
  json.key("params").begin_object().member("level", "warning").member("logger", "sonde");
  json.key("data").begin_object();
  json.member("message", std::string(why) +
                             ", and was started again by sonde wrap; state that it "
                             "held may be lost");
  json.member("state_lost", "unknown").end_object().end_object().end_object();
  out += '\n';
  if (has_tools_) {
    out += R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})"
           "\n";
  }
  return out;
}

}  // namespace sonde::wrap
