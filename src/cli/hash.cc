#include "cli/hash.h"

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/json_writer.h"
#include "base/printable.h"
#include "cli/place.h"
#include "privacy/hash_key_file.h"
#include "privacy/value_hash.h"

namespace sonde::cli {
namespace {

constexpr std::size_t kValueBytesMax = std::size_t{1024} * 1024 * 1024;

Result<std::string> read_all(int fd) {
  std::string bytes;
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t got = read(fd, block.data(), block.size());
    if (got == 0) return bytes;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Errc::kInternal, std::generic_category().message(errno));
    bytes.append(block.data(), static_cast<std::size_t>(got));
    if (bytes.size() > kValueBytesMax) return fail(Errc::kLimitExceeded, "is larger than 1 GiB");
  }
}

Result<std::string> read_value(const std::string& path, const Io& io) {
  if (path == "-") return read_all(io.in);
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail(Errc::kInvalidInput, std::generic_category().message(errno));
  return read_all(file.get());
}

bool print_hash(const std::string& path, const privacy::HashKey& key, const Arguments& arguments,
                Io& io) {
  const Result<std::string> value = read_value(path, io);
  if (!value) {
    complain(io, "hash: " + printable(path) + ": " + value.error().message());
    return false;
  }
  const std::string hash = privacy::hash_value(
      *value, key,
      arguments.has("result") ? privacy::kResultCanonicalMax : privacy::kArgumentsCanonicalMax);
  if (!arguments.has("json")) return io.out(hash + "  " + printable(path) + '\n');
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("hash", hash).member("hash_key_id", key.id());
  json.member("file", path).end_object();
  return io.out(out + '\n');
}

int run_hash(const Arguments& arguments, Io& io) {
  const config::Loaded loaded = load_config(arguments, io);
  const auto key = privacy::load_hash_key(loaded.config.privacy, loaded.config.state_dir);
  if (!key) {
    complain(io, "hash: " + printable(key.error().message()));
    return kProblem;
  }
  bool all = true;
  for (const std::string_view word : arguments.words()) {
    all = print_hash(std::string(word), *key, arguments, io) && all;
  }
  return all ? kDone : kProblem;
}

constexpr std::array<Option, 4> kOptions = {{
    {.name = "result", .help = "Hash as a result, which is canonical up to 64 KiB, not 1 MiB."},
    kJsonOption,
    kStateOption,
    kConfigOption,
}};

constexpr std::array<Example, 2> kExamples = {{
    {"sonde hash arguments.json", "The args_hash that a call with these arguments has."},
    {"echo '{\"q\":\"rain\"}' | sonde hash -", "The same, from standard input."},
}};

constexpr std::array<Example, 3> kExitCodes = {{
    {"0", "Every value was hashed."},
    {"1", "A file or the key could not be read."},
    {"2", "The command line is wrong."},
}};

}  // namespace

const Command kHashCommand = {
    .name = "hash",
    .arguments = "FILE…|-",
    .summary = "Print the hash that the log has for a value.",
    .description =
        "Prints the keyed hash of a JSON value, as args_hash and result_hash in the "
        "log: so a known value can be looked for without the log holding it. c1: is "
        "the hash of the canonical JSON, r1: that of the bytes as they are.",
    .options = kOptions,
    .examples = kExamples,
    .exit_codes = kExitCodes,
    .arguments_min = 1,
    .arguments_max = 10'000,
    .run = run_hash,
};

}  // namespace sonde::cli
