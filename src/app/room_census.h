// Counts of what the rooms hold, for /metrics. Control thread only.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "rooms/room_service.h"

namespace sluice::app {

struct RoomCounts {
  size_t rooms = 0;
  size_t peers = 0;
  size_t transports = 0;
  size_t audio_producers = 0;
  size_t video_producers = 0;
  size_t consumers = 0;
  /// Since the start.
  uint64_t rooms_created = 0;
  uint64_t peers_joined = 0;
};

class RoomCensus {
 public:
  /// `rooms` outlives the census.
  explicit RoomCensus(rooms::RoomService& rooms);
  ~RoomCensus();
  RoomCensus(const RoomCensus&) = delete;
  RoomCensus& operator=(const RoomCensus&) = delete;

  [[nodiscard]] RoomCounts count() const;

 private:
  rooms::RoomService& rooms_;
  uint64_t created_connection_;
  uint64_t removed_connection_;
  std::unordered_map<std::string, rooms::Room*> known_;
  uint64_t rooms_created_ = 0;
  uint64_t peers_joined_ = 0;
};

}  // namespace sluice::app
