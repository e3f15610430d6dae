// Property: whatever a head says, what is taken for an id can stand in a header and a log line; a
// subject is bounded; and metadata that are rewritten differ in one place only.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/head_reader.h"
#include "proxy/request_facts.h"
#include "proxy/resource_metadata.h"
#include "trace_context/correlation.h"

namespace {

using namespace sonde;
using namespace sonde::proxy;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  http::HeadReader reader(http::Side::kRequest);
  reader.feed("POST / HTTP/1.1\r\nHost: h\r\n" + std::string(text) + "\r\n\r\n");
  if (reader.state() == http::State::kDone) {
    const RequestFacts facts = read_facts(reader.head(), "");
    for (const std::string& id : {facts.request_id, facts.correlation_id}) {
      require(id.empty() || trace_context::valid_correlation_id(id));
    }
    require(facts.subject.size() <= 1024);
    require(!facts.json || !facts.encoded);
  }
  const Origins origins{.upstream = "h:1", .asked = "localhost", .known_as = "https://m"};
  if (const auto rewritten = with_origin(text, origins)) {
    // It leads where it led, and is not rewritten again.
    require(rewritten->contains("https://m"));
    require(!with_origin(*rewritten, origins));
  }
  challenge_with_origin(text, origins);
  return 0;
}
