// All rooms of this server, by name. Lives on the control thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "media/engine.h"
#include "rooms/limits.h"
#include "rooms/room.h"

namespace sluice::rooms {

class RoomService {
 public:
  /// `codecs` are the media codecs of every room's router. `engine` outlives the service.
  RoomService(media::Engine& engine, std::vector<ortc::RtpCodecCapability> codecs, Limits limits);
  ~RoomService();
  RoomService(const RoomService&) = delete;
  RoomService& operator=(const RoomService&) = delete;

  /// The room of that name, made on the least loaded loop when there is none yet. A new room stays
  /// until its last peer leaves. Errors: limit of rooms; draining; codecs that no router takes.
  Result<Room*> find_or_create(const std::string& name);
  [[nodiscard]] Room* find(const std::string& name);

  [[nodiscard]] size_t room_count() const { return rooms_.size(); }
  [[nodiscard]] size_t peer_count() const;
  [[nodiscard]] media::Engine& engine() { return engine_; }

  /// From now on no new room is made; those that exist go on. `empty` runs once the last is gone,
  /// at once when there is none.
  void drain(std::function<void()> empty);
  [[nodiscard]] bool draining() const { return draining_; }

  /// The room is still empty.
  Signal<Room&> on_room_created;
  /// The name is free again.
  Signal<const std::string&> on_room_removed;

 private:
  friend class Room;
  void remove(const std::string& name);

  media::Engine& engine_;
  std::vector<ortc::RtpCodecCapability> codecs_;
  Limits limits_;
  bool draining_ = false;
  std::function<void()> on_empty_;
  std::unordered_map<std::string, std::unique_ptr<Room>> rooms_;
};

}  // namespace sluice::rooms
