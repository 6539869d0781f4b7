// Rooms on a real engine, and what happens in them written down in order.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "protocol/ortc/json.h"
#include "rooms/room_service.h"
#include "support/engine_world.h"

namespace sluice::rooms {

inline ortc::RtpParameters microphone(uint32_t ssrc) {
  const auto value = boost::json::parse(R"({"codecs": [{"mimeType": "audio/opus",
      "payloadType": 111, "clockRate": 48000, "channels": 2}], "encodings": [{"ssrc": )" +
                                        std::to_string(ssrc) + "}]}");
  return ortc::parse_rtp_parameters(&value).value();
}

inline std::vector<ortc::RtpCodecCapability> opus() {
  const auto value =
      boost::json::parse(R"([{"mimeType": "audio/opus", "clockRate": 48000, "channels": 2}])");
  return ortc::parse_media_codecs(&value).value();
}

class RoomsWorld {
  // First, because rooms still tell of what closes when the service goes.
  std::vector<std::string> heard_;

 public:
  explicit RoomsWorld(Limits limits = {}, unsigned loops = 1, unsigned before_spread = 16)
      : engine(loops, {.transports_before_spread = before_spread}),
        service(engine.engine(), opus(), limits) {
    service.on_room_created.connect([this](Room& room) { listen(room); });
    service.on_room_removed.connect([this](const std::string& name) { note("removed " + name); });
  }

  Room& room(const std::string& name = "hall") { return *service.find_or_create(name).value(); }
  Peer& join(const std::string& name, const std::string& room_name = "hall") {
    return *room(room_name).join(name, name).value();
  }
  static std::string transport(Peer& peer) { return peer.create_transport({}).value()->id(); }

  Result<RoomProducer*> try_produce(Peer& peer, const std::string& transport,
                                    const std::string& source) {
    Peer::Production production;
    production.options.kind = ortc::MediaKind::kAudio;
    production.options.rtp_parameters = microphone(++last_ssrc_);
    production.app_data = {{"who", peer.user_id}};
    production.source = source;
    return peer.produce(transport, std::move(production));
  }
  RoomProducer& produce(Peer& peer, const std::string& source = "mic") {
    return *try_produce(peer, transport(peer), source).value();
  }

  Result<std::shared_ptr<media::Consumer>> try_consume(Peer& peer, const std::string& transport,
                                                       const std::string& producer_id) {
    return peer.consume(transport, {.producer_id = producer_id,
                                    .rtp_capabilities = peer.room().router().rtp_capabilities()});
  }
  std::shared_ptr<media::Consumer> consume(Peer& peer, const RoomProducer& producer) {
    return try_consume(peer, transport(peer), producer.producer->id()).value();
  }

  /// What the signals of all rooms said since the last call, oldest first.
  std::vector<std::string> heard() { return std::exchange(heard_, {}); }
  void note(std::string sentence) { heard_.push_back(std::move(sentence)); }

  test::EngineWorld engine;
  RoomService service;

 private:
  static std::string name(const RoomProducer& producer) {
    return producer.owner->user_id + "/" + producer.source;
  }

  void listen(Room& room) {
    note("created " + room.name());
    room.on_peer_joined.connect([this](Peer& peer) { note("joined " + peer.user_id); });
    room.on_peer_named.connect(
        [this](Peer& peer) { note("named " + peer.user_id + " " + peer.display_name); });
    room.on_peer_left.connect([this](Peer& peer) { note("left " + peer.user_id); });
    room.on_producer_added.connect([this](RoomProducer& it) { note("added " + name(it)); });
    room.on_producer_pause_changed.connect([this](RoomProducer& it) {
      note((it.producer->paused() ? "paused " : "resumed ") + name(it));
    });
    room.on_producer_closed.connect([this](RoomProducer& it) { note("closed " + name(it)); });
  }

  uint32_t last_ssrc_ = 1000;
};

inline std::vector<std::string> names(const std::vector<Peer*>& peers) {
  std::vector<std::string> all;
  for (const Peer* peer : peers) {
    all.push_back(peer->user_id);
  }
  return all;
}

inline std::vector<std::string> sources(const std::vector<RoomProducer*>& producers) {
  std::vector<std::string> all;
  for (const RoomProducer* producer : producers) {
    all.push_back(producer->source);
  }
  return all;
}

}  // namespace sluice::rooms
