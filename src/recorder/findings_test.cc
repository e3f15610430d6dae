#include <memory>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "privacy/value_hash.h"
#include "recorder/recorder.h"

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;

/// Keeps all it gets; looked at once the recorder has stopped.
class KeepingSink final : public sinks::Sink {
 public:
  explicit KeepingSink(std::shared_ptr<std::vector<sinks::Entry>> kept) : kept_(std::move(kept)) {}
  std::string_view name() const override { return "keeping"; }
  Status write(std::span<const sinks::Entry> batch, Moment) override {
    kept_->insert(kept_->end(), batch.begin(), batch.end());
    return {};
  }
  Status close(Moment) override { return {}; }

 private:
  std::shared_ptr<std::vector<sinks::Entry>> kept_;
};

ObservedCall call_of(int second) {
  ObservedCall call;
  call.record.method = "tools/call";
  call.record.tool_name = "read_file";
  call.record.session_id = "s-1";
  call.record.started_at = std::chrono::seconds(1'795'176'000 + 2 * second);
  call.record.ended_at = call.record.started_at + 1s;
  call.arguments.bytes = R"({"path":"a"})";
  call.arguments.size = call.arguments.bytes.size();
  call.result.bytes = R"({"content":[]})";
  call.result.size = call.result.bytes.size();
  return call;
}

struct Rig {
  explicit Rig(const ThrashConfig& config)
      : recorder(
            [this, config](Stats& stats) {
              auto key =
                  *privacy::HashKey::from_secret("a key that every test of this file shares");
              Outlets made;
              auto denials = std::make_shared<Denials>(key);
              TapIdentity tap;
              tap.server_name = "files";
              made.tap = std::make_shared<const TapIdentity>(std::move(tap));
              made.scrubber = std::move(*privacy::Scrubber::make({}, {}, key, stats));
              made.detector = std::make_unique<thrash::Detector>(
                  config, thrash::Context{}, thrash::Limits{}, stats, &denials->table);
              made.settings.denials = std::move(denials);
              made.sinks.push_back(std::make_unique<KeepingSink>(kept));
              return made;
            },
            clock, {.gather = 1ms}) {}

  std::vector<Event> events(Event::Type type) const {
    std::vector<Event> found;
    for (const sinks::Entry& entry : *kept) {
      const auto* const event = std::get_if<Event>(&entry);
      if (event != nullptr && event->type == type) found.push_back(*event);
    }
    return found;
  }
  void run(int calls) {
    REQUIRE(recorder.start());
    for (int i = 0; i < calls; ++i) REQUIRE(recorder.record(call_of(i)));
    REQUIRE(recorder.stop(clock.now().monotonic + 10s));
  }

  SystemClock clock;
  std::shared_ptr<std::vector<sinks::Entry>> kept = std::make_shared<std::vector<sinks::Entry>>();
  Recorder recorder;
};

TEST_CASE("an agent that goes in circles is told to the sinks, behind its call", "[recorder]") {
  Rig rig({});
  rig.run(7);
  const auto told = rig.events(Event::Type::kThrash);
  REQUIRE(told.size() == 1);
  CHECK(told[0].count == 6);
  CHECK(told[0].tap->server_name == "files");
  CHECK(told[0].thrash->args_hash.starts_with("c1:"));
  REQUIRE(rig.kept->size() == 9);
  CHECK(std::holds_alternative<Event>((*rig.kept)[6]));
}

TEST_CASE("the turn that is open at the end is told", "[recorder]") {
  Rig rig({});
  rig.run(3);
  const auto turns = rig.events(Event::Type::kTurnEnd);
  REQUIRE(turns.size() == 1);
  CHECK(turns[0].turn->iterations == 3);
}

TEST_CASE("the data path learns what is denied, with the key that hashes are made with",
          "[recorder]") {
  Rig rig({.action = ThrashConfig::Action::kDeny});
  rig.run(6);
  const DataPathSettings* const settings = rig.recorder.settings();
  REQUIRE(settings != nullptr);
  REQUIRE(settings->denials);
  const std::string args_hash =
      privacy::ValueHasher(settings->denials->key).whole(R"({ "path": "a" })", 1024);
  const auto now = rig.clock.now().monotonic;
  const auto denial = settings->denials->table.find({.session = thrash::session_key("s-1"),
                                                     .server = "files",
                                                     .tool = "read_file",
                                                     .args_hash = args_hash},
                                                    now);
  REQUIRE(denial);
  CHECK(denial->calls == 6);
  CHECK(denial->until > now + 50s);
}

}  // namespace
}  // namespace sonde::recorder
