#include "privacy/hash_streams.h"

namespace sonde::privacy {

void HashStreams::feed(std::uint64_t stream, std::string_view bytes) {
  auto found = values_.find(stream);
  if (found == values_.end()) {
    if (values_.size() == kStreamsMax) values_.erase(values_.begin());
    found = values_.emplace(stream, Value{.all = hasher_.begin(), .prefix = {}, .kept = {}}).first;
  }
  Value& value = found->second;
  keep(value, bytes);
  if (!value.prefix && value.size + bytes.size() >= kPrefixBytes) {
    const std::size_t missing = kPrefixBytes - static_cast<std::size_t>(value.size);
    value.all.update(bytes.substr(0, missing));
    value.prefix = value.all;
    value.size += missing;
    bytes.remove_prefix(missing);
  }
  value.all.update(bytes);
  value.size += bytes.size();
}

void HashStreams::keep(Value& value, std::string_view bytes) {
  if (value.kept.size() != value.size) return;  // Given up before.
  if (value.size + bytes.size() <= kResultCanonicalMax) {
    value.kept.append(bytes);
  } else {
    std::string().swap(value.kept);
  }
}

std::optional<std::string> HashStreams::take(std::uint64_t stream, std::uint64_t size,
                                             std::size_t canonical_max) {
  const auto found = values_.find(stream);
  if (found == values_.end()) return std::nullopt;
  Value& value = found->second;
  std::optional<std::string> hash;
  if (value.kept.size() == size) {
    hash = hasher_.whole(value.kept, canonical_max);
  } else if (value.size == size) {
    hash = ValueHasher::raw(value.all);
  } else if (value.prefix) {
    hash = ValueHasher::prefix(*value.prefix, size);
  }
  values_.erase(found);
  return hash;
}

}  // namespace sonde::privacy
