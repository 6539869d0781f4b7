// `forward`: what one forwarded packet costs, beside the least that it can cost.
#pragma once

#include "video_source.h"

namespace sluice::bench {

struct ForwardOptions {
  VideoShape video;
  unsigned receivers = 100;
  unsigned frames = 40;   ///< of one round
  unsigned rounds = 100;  ///< of each subject, in turn
};

/// Prints a table of the figures and the ratio. Returns the exit code.
int run_forward(const ForwardOptions& options);

}  // namespace sluice::bench
