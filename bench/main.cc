// sluice_bench: the measurements of docs/performance.md.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "forward.h"

namespace {

using sluice::bench::Workload;

constexpr const char* kUsage =
    "usage: sluice_bench [forward] [video] [simulcast] [svc] [audio]\n"
    "                    [--receivers N] [--ticks N] [--rounds N]\n"
    "Without a workload, all of them are measured. A round has --ticks pictures (or 20 ms of\n"
    "sound); floor and server take turns for --rounds rounds each.\n";

int usage() {
  std::fputs(kUsage, stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<Workload> known = sluice::bench::workloads();
  std::vector<Workload> chosen;
  sluice::bench::ForwardOptions options;
  unsigned receivers = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "forward") {
      continue;
    }
    if (const auto found = std::ranges::find(known, word, &Workload::name); found != known.end()) {
      chosen.push_back(*found);
      continue;
    }
    unsigned* target = nullptr;
    if (word == "--receivers") {
      target = &receivers;
    } else if (word == "--ticks") {
      target = &options.ticks;
    } else if (word == "--rounds") {
      target = &options.rounds;
    }
    const long value = target != nullptr && i + 1 < argc ? std::strtol(argv[++i], nullptr, 10) : 0;
    if (value <= 0 || value > 100'000) {
      return usage();
    }
    *target = static_cast<unsigned>(value);
  }
  if (chosen.empty()) {
    chosen = known;
  }
  for (Workload& workload : chosen) {
    workload.receivers = receivers > 0 ? receivers : workload.receivers;
  }
  return sluice::bench::run_forward(chosen, options);
}
