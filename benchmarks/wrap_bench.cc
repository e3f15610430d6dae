// What `sonde wrap` costs, beside two `cat`s doing the same and observing nothing
// (design section 13).  Everything that is compared is started by this program, in
// interleaved rounds, pinned to one CPU or free.
//
//   wrap_bench [--sonde PATH] [--npm-tap CLI.JS] [--rounds N] [--free] [--sockets] [--only NAME]
//   [--json]

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/peer.h"

namespace sonde::bench {
namespace {

struct Options {
  std::string sonde = "out/bin/sonde";
  std::string npm_tap;  ///< A tap written in JavaScript, run by node; empty: none.
  std::string only;
  int rounds = 5;
  bool pinned = true;
  bool sockets = false;
  bool json = false;
};

// What stands between client and server.
enum class Through { kNothing, kCats, kWrap, kWrapNoInject, kNpmTap };

constexpr std::array kAllWays{Through::kNothing, Through::kCats, Through::kWrap,
                              Through::kWrapNoInject};

const char* name_of(Through way) {
  switch (way) {
    case Through::kNothing:
      return "direct";
    case Through::kCats:
      return "cat x2";
    case Through::kWrap:
      return "wrap";
    case Through::kWrapNoInject:
      return "wrap --no-inject";
    case Through::kNpmTap:
      return "npm tap";
  }
  return "";
}

struct Case {
  std::string name;
  std::size_t request_bytes;
  std::size_t result_bytes;
  int calls;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"426 B", 426, 426, 20'000},           {"16 KiB", 16'384, 16'384, 10'000},
      {"64 KiB result", 426, 65'536, 4'000}, {"256 KiB result", 426, 262'144, 1'000},
      {"1 MiB result", 426, 1'048'576, 300},
  };
  return all;
}

/// The figures of all rounds of one way through one case.
struct Series {
  std::vector<double> p50, p99, cpu;
  static double least(const std::vector<double>& v) { return *std::ranges::min_element(v); }
  static double median(std::vector<double> v) {
    std::ranges::sort(v);
    return v[v.size() / 2];
  }
};

using Results = std::map<std::string, std::map<Through, Series>>;

std::vector<std::string> wrap_command(const Options& options, Through way,
                                      const std::vector<std::string>& server) {
  std::vector<std::string> command{options.sonde, "wrap"};
  if (way == Through::kWrapNoInject) command.emplace_back("--no-inject");
  command.emplace_back("--");
  command.insert(command.end(), server.begin(), server.end());
  return command;
}

Peer start(const Options& options, Through way, const std::vector<std::string>& server) {
  const Peer::Streams streams = options.sockets ? Peer::Streams::kSockets : Peer::Streams::kPipes;
  if (way == Through::kNothing) return Peer::start({server}, streams);
  if (way == Through::kCats) return Peer::start({{"cat"}, server, {"cat"}}, streams);
  if (way == Through::kNpmTap) {
    const std::string trace = std::string(std::getenv("HOME")) + "/trace.json";
    std::vector<std::string> command{"node", options.npm_tap, "wrap", "--trace", trace, "--"};
    command.insert(command.end(), server.begin(), server.end());
    return Peer::start({command}, streams);
  }
  return Peer::start({wrap_command(options, way, server)}, streams);
}

std::vector<std::string> server_of(std::size_t result_bytes) {
  return {std::filesystem::canonical("/proc/self/exe").string(), "--server",
          std::to_string(result_bytes)};
}

void ping_pong(const Options& options, const Case& a_case, Through way, Series& series) {
  Peer peer = start(options, way, server_of(a_case.result_bytes));
  std::string request = make_request(a_case.request_bytes);
  const int warm_up = std::max(a_case.calls / 10, 20);
  std::vector<double> times;
  double cpu_before = 0;
  for (int i = 0; i < warm_up + a_case.calls; ++i) {
    if (i == warm_up) cpu_before = peer.cpu_us_between();
    set_id(request, i);
    const double begin = now_us();
    peer.send(request);
    peer.receive_line(a_case.result_bytes);
    if (i >= warm_up) times.push_back(now_us() - begin);
  }
  series.cpu.push_back((peer.cpu_us_between() - cpu_before) / a_case.calls);
  std::ranges::sort(times);
  series.p50.push_back(times[times.size() / 2]);
  series.p99.push_back(times[times.size() * 99 / 100]);
}

Results measure_ping_pong(const Options& options) {
  Results results;
  for (int round = 0; round < options.rounds; ++round) {
    for (const Case& a_case : cases()) {
      if (!options.only.empty() && a_case.name.find(options.only) == std::string::npos) continue;
      for (const Through way : kAllWays) {
        ping_pong(options, a_case, way, results[a_case.name][way]);
      }
      // It keeps all that it has seen: a tenth of the calls will do.
      if (options.npm_tap.empty() || &a_case != &cases().front()) continue;
      const Case fewer{a_case.name, a_case.request_bytes, a_case.result_bytes, a_case.calls / 10};
      ping_pong(options, fewer, Through::kNpmTap, results[a_case.name][Through::kNpmTap]);
    }
  }
  return results;
}

struct Bulk {
  std::map<Through, std::vector<double>> gigabytes_per_second;
};

Bulk measure_bulk(const Options& options, std::string_view kind) {
  constexpr std::uint64_t kBytes = 1'000'000'000;
  Bulk bulk;
  const std::vector<std::string> server{server_of(0)[0], "--pour", std::string(kind),
                                        std::to_string(kBytes)};
  for (int round = 0; round < options.rounds; ++round) {
    for (const Through way : kAllWays) {
      Peer peer = start(options, way, server);
      const double begin = now_us();
      const std::uint64_t got = peer.drain();
      if (got != kBytes) std::fprintf(stderr, "%s lost bytes: %lu\n", name_of(way), got);
      bulk.gigabytes_per_second[way].push_back(static_cast<double>(got) / 1e3 / (now_us() - begin));
    }
  }
  return bulk;
}

struct StartUp {
  std::map<Through, std::vector<double>> ms;
  std::map<Through, double> rss_kib, pss_kib;
};

StartUp measure_start_up(const Options& options) {
  StartUp found;
  std::string request = make_request(426);
  for (int round = 0; round < options.rounds * 10; ++round) {
    std::vector<Through> ways{Through::kNothing, Through::kWrap, Through::kWrapNoInject};
    if (!options.npm_tap.empty() && round % 10 == 0) ways.push_back(Through::kNpmTap);
    for (const Through way : ways) {
      const double begin = now_us();
      Peer peer = start(options, way, server_of(426));
      set_id(request, 0);
      peer.send(request);
      peer.receive_line(426);
      found.ms[way].push_back((now_us() - begin) / 1000);
      found.rss_kib[way] = std::max(found.rss_kib[way], peer.memory_kib("Rss:"));
      found.pss_kib[way] = std::max(found.pss_kib[way], peer.memory_kib("Pss:"));
    }
  }
  return found;
}

double added(const std::map<Through, Series>& row, Through way, bool least) {
  const auto pick = [&](const std::vector<double>& v) {
    return least ? Series::least(v) : Series::median(v);
  };
  return pick(row.at(way).p50) - pick(row.at(Through::kNothing).p50);
}

void print_ping_pong(const Results& results) {
  std::printf("%-15s %-17s %9s %9s %9s | added p50 / cats %6s %6s | cpu us %7s / cats\n", "case",
              "through", "p50 us", "p99 us", "added us", "min", "median", "");
  for (const Case& a_case : cases()) {
    const auto found = results.find(a_case.name);
    if (found == results.end()) continue;
    const auto& row = found->second;
    for (const auto& [way, series] : row) {
      const double cats_cpu = Series::median(row.at(Through::kCats).cpu);
      std::printf("%-15s %-17s %9.2f %9.2f %9.2f | %24.2f %6.2f | %14.2f %6.2f\n",
                  a_case.name.c_str(), name_of(way), Series::least(series.p50),
                  Series::median(series.p99), added(row, way, true),
                  added(row, way, true) / added(row, Through::kCats, true),
                  added(row, way, false) / added(row, Through::kCats, false),
                  Series::median(series.cpu), Series::median(series.cpu) / cats_cpu);
    }
  }
}

void print_bulk(std::string_view kind, const Bulk& bulk) {
  const double cats = Series::median(bulk.gigabytes_per_second.at(Through::kCats));
  for (const auto& [way, values] : bulk.gigabytes_per_second) {
    std::printf("bulk %-10s %-17s %6.2f GB/s, %.2f x cats\n", std::string(kind).c_str(),
                name_of(way), Series::median(values), Series::median(values) / cats);
  }
}

void print_start_up(const StartUp& found) {
  const double direct = Series::median(found.ms.at(Through::kNothing));
  for (const auto& [way, values] : found.ms) {
    std::printf(
        "start %-17s %6.2f ms, +%.2f ms over direct (best +%.2f), RSS %.0f KiB, PSS %.0f KiB\n",
        name_of(way), Series::median(values), Series::median(values) - direct,
        Series::least(values) - Series::least(found.ms.at(Through::kNothing)),
        found.rss_kib.at(way), found.pss_kib.at(way));
  }
}

void print_json(const Results& results, const Bulk& json_bulk, const Bulk& binary_bulk,
                const StartUp& start_up) {
  std::printf("{\"round_trips\":[");
  const char* comma = "";
  for (const auto& [name, row] : results) {
    for (const auto& [way, series] : row) {
      std::printf(
          "%s\n{\"case\":\"%s\",\"through\":\"%s\",\"p50_us\":%.2f,\"p99_us\":%.2f,"
          "\"added_ratio_min\":%.3f,\"added_ratio_median\":%.3f,\"cpu_us\":%.2f,\"cpu_ratio\":%."
          "3f}",
          comma, name.c_str(), name_of(way), Series::least(series.p50), Series::median(series.p99),
          added(row, way, true) / added(row, Through::kCats, true),
          added(row, way, false) / added(row, Through::kCats, false), Series::median(series.cpu),
          Series::median(series.cpu) / Series::median(row.at(Through::kCats).cpu));
      comma = ",";
    }
  }
  std::printf("],\"bulk\":[");
  comma = "";
  for (const auto& [kind, bulk] : {std::pair("json", &json_bulk), {"binary", &binary_bulk}}) {
    for (const auto& [way, values] : bulk->gigabytes_per_second) {
      std::printf("%s\n{\"kind\":\"%s\",\"through\":\"%s\",\"gigabytes_per_second\":%.3f}", comma,
                  kind, name_of(way), Series::median(values));
      comma = ",";
    }
  }
  std::printf("],\"start\":[");
  comma = "";
  for (const auto& [way, values] : start_up.ms) {
    std::printf("%s\n{\"through\":\"%s\",\"ms\":%.3f,\"rss_kib\":%.0f,\"pss_kib\":%.0f}", comma,
                name_of(way), Series::median(values), start_up.rss_kib.at(way),
                start_up.pss_kib.at(way));
    comma = ",";
  }
  std::printf("]}\n");
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--sonde" && i + 1 < argc) options.sonde = argv[++i];
    if (flag == "--npm-tap" && i + 1 < argc) options.npm_tap = argv[++i];
    if (flag == "--only" && i + 1 < argc) options.only = argv[++i];
    if (flag == "--rounds" && i + 1 < argc) options.rounds = std::atoi(argv[++i]);
    if (flag == "--free") options.pinned = false;
    if (flag == "--sockets") options.sockets = true;
    if (flag == "--json") options.json = true;
  }
  return options;
}

void pin_to_one_cpu() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);
}

int run(const Options& options) {
  if (options.pinned) pin_to_one_cpu();
  std::string load;
  std::getline(std::ifstream("/proc/loadavg"), load);
  // A home of our own: the real log is written, but not to the user's.
  char home[] = "/tmp/sonde-wrap-bench-XXXXXX";
  if (mkdtemp(home) == nullptr) return 1;
  setenv("HOME", home, 1);

  const Results results = measure_ping_pong(options);
  Bulk json_bulk;
  Bulk binary_bulk;
  StartUp start_up;
  if (options.only.empty() || options.only == "bulk") {
    json_bulk = measure_bulk(options, "json");
    binary_bulk = measure_bulk(options, "binary");
  }
  if (options.only.empty() || options.only == "start") start_up = measure_start_up(options);
  std::filesystem::remove_all(home);

  if (options.json) {
    print_json(results, json_bulk, binary_bulk, start_up);
    return 0;
  }
  std::printf("%s, %s, %d rounds, load %s\n", options.pinned ? "pinned to one CPU" : "free",
              options.sockets ? "sockets" : "pipes", options.rounds, load.c_str());
  if (!results.empty()) print_ping_pong(results);
  if (!json_bulk.gigabytes_per_second.empty()) print_bulk("json", json_bulk);
  if (!binary_bulk.gigabytes_per_second.empty()) print_bulk("binary", binary_bulk);
  if (!start_up.ms.empty()) print_start_up(start_up);
  return 0;
}

}  // namespace
}  // namespace sonde::bench

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--server") {
    return sonde::bench::serve(static_cast<std::size_t>(std::atol(argv[2])));
  }
  if (argc == 4 && std::string_view(argv[1]) == "--pour") {
    return sonde::bench::pour(argv[2], static_cast<std::uint64_t>(std::atoll(argv[3])));
  }
  return sonde::bench::run(sonde::bench::parse(argc, argv));
}
