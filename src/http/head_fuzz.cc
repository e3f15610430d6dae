// Property: the same verdict and the same fields however a stream is cut; what is accepted
// and written anew is accepted again, with the same framing and the same fields that are not
// for one connection only; a message is taken up to its end and no byte further.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/cuts_for_test.h"
#include "http/head_writer.h"
#include "http/transcript_for_test.h"

namespace sonde::http {
namespace {

/// Small enough that the inputs of a fuzzer reach them.
constexpr Limits kTight{.head_bytes_max = 200,
                        .target_bytes_max = 20,
                        .field_bytes_max = 50,
                        .fields_max = 4,
                        .body_bytes_max = 30,
                        .chunk_extension_bytes_max = 10,
                        .trailer_bytes_max = 40};

void require(bool condition, const char* what, std::string_view text) {
  if (condition) return;
  std::fprintf(stderr, "%s\n%.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

struct How {
  Side side;
  bool answers_head;
  const Limits& limits;
};

std::string read_all(std::string_view stream, std::string_view sizes, const How& how) {
  Conversation conversation(how.side, how.answers_head, how.limits);
  for (Cuts next(sizes); !stream.empty();) {
    const std::string_view chunk = stream.substr(0, next());
    const std::size_t taken = conversation.feed(chunk);
    require(taken == chunk.size() || conversation.refused(), "bytes were left", chunk);
    stream.remove_prefix(chunk.size());
  }
  return conversation.text() + '\n' + conversation.fields();
}

std::string end_to_end(const Head& head) {
  std::string text(head.side == Side::kRequest ? head.method : head.reason);
  text.append("\n").append(head.path).append(std::to_string(head.status)).append("\n");
  for (const Field& field : head.fields) {
    if (field.hop_by_hop || field.id == FieldId::kContentLength) continue;
    text.append(field.name).append(":").append(field.value).append("\n");
  }
  return text;
}

void check_written(const Head& head, const How& how) {
  std::string written;
  const Rewrite::NewField host[] = {{.name = "Host", .value = "h"}};
  Rewrite rewrite;
  const bool lacks_host = how.side == Side::kRequest && head.find(FieldId::kHost) == nullptr;
  if (lacks_host) rewrite.set = host;
  require(append_head(written, head, rewrite).has_value(), "not written", head.target);

  HeadReader again(how.side, Limits{.head_bytes_max = 64 * 1024});
  again.reset(how.answers_head);
  const std::size_t taken = again.feed(written + "more");
  require(again.state() == State::kDone, "not accepted again", written);
  require(taken == written.size(), "not taken to its end", written);
  const Head& other = again.head();
  require(other.framing == head.framing && other.declared == head.declared &&
              other.content_length == head.content_length,
          "another framing", written);
  const std::string expected = end_to_end(head) + (lacks_host ? "Host:h\n" : "");
  require(end_to_end(other) == expected, "other fields", written);
  for (const Field& field : other.fields) {
    const bool close = field.id == FieldId::kConnection && other.framing == Framing::kUntilClose;
    require(!field.hop_by_hop || close || field.id == FieldId::kTransferEncoding,
            "a field for one connection passed on", written);
  }
}

void check_head(std::string_view stream, const How& how) {
  HeadReader reader(how.side, how.limits);
  reader.reset(how.answers_head);
  const std::size_t taken = reader.feed(stream);
  require(taken <= stream.size() && reader.bytes() == taken, "the sum is wrong", stream);
  if (reader.state() != State::kDone) return;
  require(stream.substr(0, taken).ends_with("\r\n\r\n"), "not taken to its end", stream);
  HeadReader exact(how.side, how.limits);
  exact.reset(how.answers_head);
  for (std::size_t at = 0; at < taken; ++at) {
    require(exact.state() == State::kReading, "done too early", stream);
    require(exact.feed(stream.substr(at, 1)) == 1, "not taken", stream);
  }
  require(exact.state() == State::kDone, "needed what follows", stream);
  check_written(reader.head(), how);
}

}  // namespace
}  // namespace sonde::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sonde::http;
  constexpr std::size_t kSizes = 4;
  if (size <= kSizes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view stream = input.substr(kSizes);
  const Limits usual;
  for (const Limits* limits : {&usual, &kTight}) {
    // Every start line says by its first bytes of which side it is.
    const bool response = stream.starts_with("HTTP/");
    const How how{.side = response ? Side::kResponse : Side::kRequest,
                  .answers_head = response && (data[0] & 1U) != 0,
                  .limits = *limits};
    const std::string whole = read_all(stream, {}, how);
    require(whole == read_all(stream, input.substr(0, kSizes), how), "cut", stream);
    require(whole == read_all(stream, std::string_view("\0", 1), how), "byte by byte", stream);
    check_head(stream, how);
  }
  return 0;
}
