// `forward`: what one forwarded packet costs, beside the least that it can cost.
#pragma once

#include <span>

#include "workload.h"

namespace sluice::bench {

struct ForwardOptions {
  unsigned ticks = 40;    ///< of one round: pictures, or 20 ms of sound
  unsigned rounds = 100;  ///< of each subject, in turn
};

/// Measures each workload and prints a table of the figures and the ratios. Returns the exit code.
int run_forward(std::span<const Workload> workloads, const ForwardOptions& options);

}  // namespace sluice::bench
