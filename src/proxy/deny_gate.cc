#include "proxy/deny_gate.h"

#include "mcp/shown_id.h"
#include "trace_context/meta.h"

namespace sonde::proxy {
namespace {

using jsonrpc::Field;

// As mcp::HttpSessions keeps of a conversation.
constexpr std::size_t kConversationBytesMax = 256;

}  // namespace

struct DenyGate::Hashes {
  explicit Hashes(const privacy::HashKey& key) : ids(key.secret()), values(key) {}
  privacy::KeyedHash ids;
  privacy::ValueHasher values;
};

DenyGate::DenyGate(const ReportSink& reports) : reports_(reports) {}

DenyGate::~DenyGate() = default;

DenyGate::Hashes& DenyGate::hashes(const recorder::Denials& denials) {
  if (!hashes_) hashes_ = std::make_unique<Hashes>(denials.key);
  return *hashes_;
}

bool DenyGate::shut(Time now) const noexcept {
  const recorder::Denials* const denials = reports_.denials();
  return denials != nullptr && denials->table.any(now);
}

std::optional<thrash::DenyTable::Denial> DenyGate::find(const Asked& asked, Time now) {
  const recorder::Denials* const denials = reports_.denials();
  if (denials == nullptr || !denials->table.lists(asked.upstream, asked.tool, now)) {
    return std::nullopt;
  }
  const jsonrpc::Value& arguments = asked.message[Field::kArguments];
  if (arguments.truncated || asked.message.duplicate_keys) return std::nullopt;
  const auto session = session_of(asked, *denials);
  if (!session) return std::nullopt;
  const std::string hash = arguments.present ? hashes(*denials).values.whole(
                                                   arguments.text, privacy::kArgumentsCanonicalMax)
                                             : std::string();
  return denials->table.find(
      {.session = *session, .server = asked.upstream, .tool = asked.tool, .args_hash = hash}, now);
}

/// In the order of mcp::Connection::assign_session.
std::optional<std::uint64_t> DenyGate::session_of(const Asked& asked,
                                                  const recorder::Denials& denials) {
  const RequestFacts& facts = asked.facts;
  const jsonrpc::Value& raw_meta = asked.message[Field::kMeta];
  if (raw_meta.present) {
    const auto meta = trace_context::read_meta(raw_meta.text);
    if (!meta.conversation.empty()) return thrash::session_key(meta.conversation);
  }
  if (!facts.conversation.empty()) {
    return thrash::session_key(
        std::string_view(facts.conversation).substr(0, kConversationBytesMax));
  }
  if (!facts.session_id.empty()) {
    if (denials.raw_session_id) return thrash::session_key(facts.session_id);
    return thrash::session_key(mcp::shown_id(hashes(denials).ids, 's', facts.session_id));
  }
  if (facts.relayed || facts.connection == 0) return std::nullopt;
  return thrash::session_key(facts.connection);
}

}  // namespace sonde::proxy
