// One connection of this dialect: a peer in a room. It turns requests into calls of the room, and
// what happens in the room into notifications (foundryvtt 2). Control thread only; needs no socket,
// only a way to send text.
//
// Every request is answered before `on_text` returns, so answers come in the order of requests.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "dialects/foundry/announcements.h"
#include "dialects/foundry/message.h"
#include "dialects/foundry/room_watch.h"
#include "rooms/room.h"

namespace sluice::foundry {

class SessionGroup;

/// The socket, as far as a session needs it. Neither call may destroy the session.
struct Wire {
  std::function<void(std::string text)> send;
  /// Asks the other end for a sign of life, and drops the connection when there is none.
  std::function<void()> probe;
};

class Session {
 public:
  /// `peer` has just joined its room and leaves it when the session is destroyed.
  /// `candidate_addresses`: see candidates.h; empty: the engine's own.
  Session(SessionGroup& group, rooms::Peer& peer, Wire wire,
          std::vector<std::string> candidate_addresses);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// A text frame from the peer.
  void on_text(std::string_view text);
  /// The connection has been open for kSilence.
  void on_silence() { announcements_.on_silence(); }
  void probe() { wire_.probe(); }

  [[nodiscard]] const rooms::Peer& peer() const { return peer_; }

 private:
  /// Whether an answer makes the peer able to receive.
  enum class Reception : uint8_t { kUnchanged, kUndirected, kDeclared };
  struct Outcome {
    boost::json::object data;
    Reception reception = Reception::kUnchanged;
  };
  struct Method;
  struct TransportUse {
    std::string id;
    bool producing = false;
    bool consuming = false;
  };

  static const Method* find_method(std::string_view name);

  Result<Outcome> get_capabilities(const Request& request);
  Result<Outcome> create_transport(const Request& request);
  Result<Outcome> connect_transport(const Request& request);
  Result<Outcome> transport_state(const Request& request);
  Result<Outcome> watch_room(const Request& request);
  Result<Outcome> produce(const Request& request);
  Result<Outcome> pause_producer(const Request& request);
  Result<Outcome> resume_producer(const Request& request);
  Result<Outcome> close_producer(const Request& request);
  Result<Outcome> consume(const Request& request);
  Result<Outcome> pause_consumer(const Request& request);
  Result<Outcome> resume_consumer(const Request& request);
  Result<Outcome> close_consumer(const Request& request);

  void handle(const Request& request);
  void fail(const Request& request, std::string_view type, const std::string& error);
  void learn_user(const Request& request);
  // What a request names and this peer owns.
  Result<std::shared_ptr<media::WebRtcTransport>> own_transport(const Request& request) const;
  Result<std::shared_ptr<media::Producer>> own_producer(const Request& request);
  Result<std::shared_ptr<media::Consumer>> own_consumer(const Request& request) const;
  Result<std::string> receiving_transport(const Request& request) const;
  void close_replaced(const std::string& media_tag, ortc::MediaKind kind);
  [[nodiscard]] std::vector<ProducerNotice> notices_of_others();
  void subscribe();
  void warn(const std::string& sentence);

  SessionGroup& group_;
  rooms::Peer& peer_;
  Wire wire_;
  Announcements announcements_;
  std::optional<RoomWatch> watch_;
  std::vector<std::string> candidate_addresses_;
  std::vector<TransportUse> transports_;  ///< oldest first
  /// One for all producers of this peer, over all its transports: lip sync goes by it.
  std::string cname_;
  bool user_known_ = false;
  unsigned warnings_ = 0;
  uint64_t added_listener_ = 0;
  uint64_t closed_listener_ = 0;
  uint64_t left_listener_ = 0;
};

}  // namespace sluice::foundry
