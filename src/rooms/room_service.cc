#include "rooms/room_service.h"

#include "base/log.h"

namespace sluice::rooms {

RoomService::RoomService(media::Engine& engine, std::vector<ortc::RtpCodecCapability> codecs,
                         Limits limits)
    : engine_(engine), codecs_(std::move(codecs)), limits_(limits) {}

RoomService::~RoomService() = default;

Result<Room*> RoomService::find_or_create(const std::string& name) {
  if (Room* const room = find(name)) {
    return room;
  }
  if (draining_) {
    return generic_error("the server is shutting down and opens no new room");
  }
  if (rooms_.size() >= limits_.rooms) {
    return generic_error("limit reached: " + std::to_string(limits_.rooms) + " rooms");
  }
  auto router = engine_.create_router(codecs_);
  if (!router) {
    return std::unexpected(router.error());
  }
  auto room = std::make_unique<Room>(*this, name, *router, limits_);
  Room* const result = room.get();
  rooms_.emplace(name, std::move(room));
  logger("rooms")->info("room created room={} loop={}", name, (*router)->home_loop());
  on_room_created.emit(*result);
  return result;
}

Room* RoomService::find(const std::string& name) {
  const auto found = rooms_.find(name);
  return found == rooms_.end() ? nullptr : found->second.get();
}

size_t RoomService::peer_count() const {
  size_t count = 0;
  for (const auto& [name, room] : rooms_) {
    count += room->peer_count();
  }
  return count;
}

void RoomService::drain(std::function<void()> empty) {
  draining_ = true;
  if (rooms_.empty()) {
    empty();
    return;
  }
  on_empty_ = std::move(empty);
}

void RoomService::remove(const std::string& name) {
  const auto node = rooms_.extract(name);
  if (node.empty()) {
    return;
  }
  logger("rooms")->info("room removed room={}", name);
  on_room_removed.emit(name);
  if (rooms_.empty() && on_empty_) {
    const auto empty = std::move(on_empty_);
    on_empty_ = nullptr;
    empty();
  }
}

}  // namespace sluice::rooms
