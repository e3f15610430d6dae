#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jsonrpc/scanner.h"
#include "jsonrpc/splice.h"

/// For tests and fuzzers: a forwarder that splices, and what must be true of its output.
namespace sonde::jsonrpc {

inline constexpr std::string_view kAddedMembers = R"("traceparent":"00-1-2-01","tracestate":"s=1")";

/// Forwards a stream, with kAddedMembers spliced into every message that has a site.
class Forwarder {
 public:
  void feed(std::string_view bytes) {
    held_ += bytes;
    scan(bytes);
    if (!early_) early_ = scanner_.splice_now();
    const std::uint64_t end = scanner_.hold_from().value_or(scanner_.offset());
    release(std::max(end, forwarded_));
  }

  std::string finish() {
    if (const Message* message = scanner_.finish()) show(*message);
    release(scanner_.offset());
    return sent_;
  }

  /// What was done that a Scanner must not make one do.
  const std::string& fault() const { return fault_; }
  std::size_t splices() const { return splices_; }

 private:
  /// The chunk is a copy that is gone afterwards, so that a sanitizer sees its use.
  void scan(std::string_view bytes) {
    const std::vector<char> chunk(bytes.begin(), bytes.end());
    scanner_.feed({chunk.data(), chunk.size()});
    while (const Message* message = scanner_.next()) show(*message);
  }

  void show(const Message& message) {
    const auto early = std::exchange(early_, std::nullopt);
    if (!message.splice) return;
    if (message.splice->offset < forwarded_) {
      fault_ = "a site before bytes that need not have been held";
      return;
    }
    if (early && (early->offset != message.splice->offset || early->form != message.splice->form ||
                  early->empty != message.splice->empty)) {
      fault_ = "the early site is another one";
    }
    release(message.splice->offset);
    sent_ += splice_text(*message.splice, kAddedMembers);
    ++splices_;
  }

  void release(std::uint64_t end) {
    const auto size = static_cast<std::size_t>(end - forwarded_);
    sent_ += held_.substr(0, size);
    held_.erase(0, size);
    forwarded_ = end;
  }

  Scanner scanner_;
  std::string held_;
  std::string sent_;
  std::uint64_t forwarded_ = 0;
  std::optional<SpliceSite> early_;
  std::size_t splices_ = 0;
  std::string fault_;
};

using Members = std::vector<std::pair<std::string, std::string>>;

inline std::optional<Members> members_of(simdjson::dom::element value) {
  simdjson::dom::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  Members members;
  for (const auto member : object) {
    members.emplace_back(std::string(member.key), simdjson::minify(member.value));
  }
  return members;
}

inline std::optional<Members> members_of(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(std::string(text)).get(document) != simdjson::SUCCESS) return std::nullopt;
  return members_of(document);
}

/// The value of the only member of that name.
inline std::string* find(Members& members, std::string_view key) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](auto& one) { return one.first == key; });
  return found == members.end() ? nullptr : &found->second;
}

/// Is `after` the object `before` and kAddedMembers in its params._meta, and nothing else?
inline bool only_added(std::string_view before, std::string_view after) {
  const std::string added = "{" + std::string(kAddedMembers) + "}";
  auto was = members_of(before);
  auto is = members_of(after);
  if (!was || !is) return false;
  std::string* params = find(*was, "params");
  if (params == nullptr) {
    was->emplace_back("params", R"({"_meta":)" + added + "}");
    return *was == *is;
  }
  std::string* new_params = find(*is, "params");
  if (new_params == nullptr) return false;
  auto inner = members_of(*params);
  auto new_inner = members_of(*new_params);
  if (!inner || !new_inner) return false;
  *new_params = *params;
  if (*was != *is) return false;
  std::string* meta = find(*inner, "_meta");
  if (meta == nullptr) {
    inner->emplace_back("_meta", added);
    return *inner == *new_inner;
  }
  std::string* new_meta = find(*new_inner, "_meta");
  if (new_meta == nullptr) return false;
  auto expected = members_of(added);
  const auto old = members_of(*meta);
  const auto now = members_of(*new_meta);
  if (!expected || !old || !now) return false;
  expected->insert(expected->end(), old->begin(), old->end());
  *new_meta = *meta;
  return *inner == *new_inner && *now == *expected;
}

}  // namespace sonde::jsonrpc
