// The Prometheus text of /metrics, from counts taken elsewhere.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "app/room_census.h"
#include "media/engine.h"
#include "web/server.h"

namespace sluice::app {

/// Of this process, from the kernel; zero where it does not tell.
struct ProcessCounts {
  double start_time_seconds = 0;  ///< Unix time
  double cpu_seconds = 0;
  uint64_t resident_bytes = 0;
  uint64_t open_descriptors = 0;
};
ProcessCounts count_process();

struct Snapshot {
  RoomCounts rooms;
  web::ServerStats http;
  std::span<const media::LoopLoad> loops;
  uint32_t packet_buffers_per_loop = 0;
  ProcessCounts process;
  bool draining = false;
};

/// Content type of the text format.
inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

std::string render_metrics(const Snapshot& snapshot);

}  // namespace sluice::app
