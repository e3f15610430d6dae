#include "wrap/denier.h"

#include "base/json_reader.h"
#include "privacy/value_hash.h"
#include "thrash/denial.h"
#include "trace_context/meta.h"

namespace sonde::wrap {
namespace {

using jsonrpc::Field;

std::string text_of(const jsonrpc::Value& value) {
  if (!value.present || value.truncated) return {};
  return json_string(value.text).value_or(std::string());
}

}  // namespace

struct Denier::Hashes {
  explicit Hashes(const privacy::HashKey& key) : values(key) {}
  privacy::ValueHasher values;
};

Denier::Denier() = default;
Denier::~Denier() = default;

std::optional<Denier::Denied> Denier::judge(const recorder::Denials& denials,
                                            const jsonrpc::Message& message,
                                            std::string_view session, Time now) {
  if (message.kind != jsonrpc::Kind::kRequest || message.duplicate_keys) return std::nullopt;
  if (text_of(message[Field::kMethod]) != "tools/call") return std::nullopt;
  std::string tool = text_of(message[Field::kName]);
  const jsonrpc::Value& arguments = message[Field::kArguments];
  if (arguments.truncated || !denials.table.lists(denials.server, tool, now)) return std::nullopt;

  const jsonrpc::Value& raw_meta = message[Field::kMeta];
  trace_context::MetaContext meta;
  if (raw_meta.present) meta = trace_context::read_meta(raw_meta.text);
  if (!meta.conversation.empty()) session = meta.conversation;
  if (!hashes_) hashes_ = std::make_unique<Hashes>(denials.key);
  const std::string hash =
      arguments.present ? hashes_->values.whole(arguments.text, privacy::kArgumentsCanonicalMax)
                        : std::string();
  const auto denial = denials.table.find({.session = thrash::session_key(session),
                                          .server = denials.server,
                                          .tool = tool,
                                          .args_hash = hash},
                                         now);
  if (!denial) return std::nullopt;
  std::string answer =
      thrash::denial_response(message[Field::kId].text, thrash::denial_text(tool, *denial, now),
                              !meta.protocol_version.empty());
  answer += '\n';
  return Denied{.tool = std::move(tool), .answer = std::move(answer)};
}

}  // namespace sonde::wrap
