// sluice_bench: the measurements of docs/performance.md.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "forward.h"

namespace {

constexpr const char* kUsage =
    "usage: sluice_bench [forward] [--receivers N] [--size BYTES] [--burst N] [--fps N]\n"
    "                    [--frames N] [--rounds N]\n";

}  // namespace

int main(int argc, char** argv) {
  sluice::bench::ForwardOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    unsigned* target = nullptr;
    if (word == "forward") {
      continue;
    }
    if (word == "--receivers") {
      target = &options.receivers;
    } else if (word == "--size") {
      target = &options.video.packet_size;
    } else if (word == "--burst") {
      target = &options.video.burst;
    } else if (word == "--fps") {
      target = &options.video.frames_per_second;
    } else if (word == "--frames") {
      target = &options.frames;
    } else if (word == "--rounds") {
      target = &options.rounds;
    }
    const long value = target != nullptr && i + 1 < argc ? std::strtol(argv[++i], nullptr, 10) : 0;
    if (value <= 0 || value > 100000) {
      std::fputs(kUsage, stderr);
      return 2;
    }
    *target = static_cast<unsigned>(value);
  }
  return sluice::bench::run_forward(options);
}
