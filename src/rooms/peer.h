// A participant of a room, whatever dialect it speaks: its transports and what it sends and
// receives. Owned by its room.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "media/consumer.h"
#include "media/producer.h"
#include "media/webrtc_transport.h"

namespace sluice::rooms {

class Room;
class Peer;

/// A producer as the room sees it: with its owner and what the application said about it.
struct RoomProducer {
  std::shared_ptr<media::Producer> producer;
  Peer* owner = nullptr;
  /// The application's own description, handed on to the other peers unchanged.
  boost::json::object app_data;
  /// What the media is: "mic", "webcam", "screen", ... as far as the dialect tells; may be empty.
  std::string source;
  /// Order of creation within the room.
  uint64_t number = 0;
};

class Peer {
 public:
  /// `number`: order of joining within the room.
  Peer(Room& room, uint64_t number);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// Unique in the process; made by the server.
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] Room& room() { return room_; }
  [[nodiscard]] uint64_t number() const { return number_; }

  /// What the peer calls itself; not verified, not unique.
  std::string user_id;
  std::string display_name;

  /// Errors: limit of transports per peer, and the router's.
  Result<std::shared_ptr<media::WebRtcTransport>> create_transport(
      const media::WebRtcTransportOptions& options);
  /// One of this peer's open transports, or an error "Transport not found: <id>".
  Result<std::shared_ptr<media::WebRtcTransport>> transport(const std::string& id) const;

  struct Production {
    media::ProduceOptions options;
    boost::json::object app_data;
    std::string source;
  };
  /// Announces the new producer to the room. Errors: limit of producers, unknown transport, the
  /// engine's refusal.
  Result<RoomProducer*> produce(const std::string& transport_id, Production production);
  /// One of this peer's own open producers, or an error "Producer not found: <id>".
  Result<RoomProducer*> producer(const std::string& id);
  /// This peer's own open producers, oldest first.
  [[nodiscard]] std::vector<RoomProducer*> producers();

  /// Errors: limit of consumers, unknown transport, "Producer not found: <id>" for a producer that
  /// is closed or in another room, kUnsupported when the capabilities do not fit.
  Result<std::shared_ptr<media::Consumer>> consume(const std::string& transport_id,
                                                   const media::ConsumeOptions& options);
  /// One of this peer's own open consumers, or an error "Consumer not found: <id>".
  Result<std::shared_ptr<media::Consumer>> consumer(const std::string& id) const;
  [[nodiscard]] size_t consumer_count() const { return consumers_.size(); }
  [[nodiscard]] size_t transport_count() const { return transports_.size(); }

 private:
  friend class Room;
  /// Its producers, oldest first, so that the room hears of their end in a settled order; then its
  /// transports with all else.
  void close_all();

  Room& room_;
  uint64_t number_;
  std::string id_;
  std::unordered_map<std::string, std::shared_ptr<media::WebRtcTransport>> transports_;
  std::unordered_map<std::string, std::unique_ptr<RoomProducer>> producers_;
  std::unordered_map<std::string, std::shared_ptr<media::Consumer>> consumers_;
};

}  // namespace sluice::rooms
