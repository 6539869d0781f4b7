// Setting up an association (RFC 9260 sections 5.1, 5.2): INIT, INIT ACK, COOKIE ECHO, COOKIE ACK,
// both ends at once or one after the other, and again when the peer has restarted.
//
// An INIT is answered from a cookie alone; only a COOKIE ECHO with a cookie of ours changes
// anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/sctp/identity.h"
#include "protocol/sctp/init_chunk.h"
#include "protocol/sctp/packet_builder.h"
#include "protocol/sctp/state_cookie.h"

namespace sluice::sctp {

class Handshake {
 public:
  static constexpr int kMaxRetransmits = 8;  // Max.Init.Retransmits

  enum class State : uint8_t { kIdle, kCookieWait, kCookieEchoed, kEstablished, kFailed };

  /// What both ends have agreed upon.
  struct Peering {
    InitFields local;
    InitFields peer;
    Extensions extensions;  ///< of the peer

    [[nodiscard]] uint16_t outgoing_streams() const;
    [[nodiscard]] uint16_t incoming_streams() const;
  };

  enum class CookieResult : uint8_t {
    kRefused,      ///< nothing changed; where an answer is due, it is waiting
    kConfirmed,    ///< of the association there is: the peer missed our COOKIE ACK
    kEstablished,  ///< peering() is new
    kRestarted,    ///< peering() is new and replaces another
  };

  struct Setup {
    uint32_t window = 0;
    uint16_t outgoing_streams = 0;
    uint16_t incoming_streams = 0;
    size_t packet_size = 0;  ///< the largest packet
  };

  Handshake(const Identity& identity, const Setup& setup);

  void start(Micros now);
  /// The association is over. An answer that waits still goes out.
  void stop() { fail({}); }

  void on_init(const InitChunk& init, Micros now);
  void on_init_ack(const InitChunk& init, Micros now);
  /// `tag`: of the packet's header.
  CookieResult on_cookie_echo(Bytes cookie, uint32_t tag, Micros now);
  /// True when this establishes the association.
  bool on_cookie_ack();
  /// The peer found our COOKIE ECHO too old.
  void on_stale_cookie(Micros now);

  [[nodiscard]] std::optional<Micros> next_timeout() const { return t1_; }
  void on_timeout(Micros now);

  /// The next packet of the handshake, written to `buffer`.
  std::optional<Bytes> poll_transmit(MutableBytes buffer);

  [[nodiscard]] State state() const { return state_; }
  /// Valid in the state established.
  [[nodiscard]] const Peering& peering() const { return peering_; }
  /// Ours; the tag that packets to us carry.
  [[nodiscard]] uint32_t local_tag() const { return peering_.local.tag; }
  /// 0 while unknown.
  [[nodiscard]] uint32_t peer_tag() const { return peering_.peer.tag; }
  /// Of INIT and INIT ACK, when it could be measured.
  [[nodiscard]] std::optional<Micros> rtt() const { return rtt_; }
  /// Why it failed, for people.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  /// Cookies refused because they are not ours or damaged.
  [[nodiscard]] uint64_t bad_cookies() const { return bad_cookies_; }

 private:
  struct Reply {
    uint32_t tag = 0;
    uint8_t type = 0;  // chunk
    std::vector<uint8_t> value{};
  };

  void enter(State state, Micros now);
  void fail(std::string reason);
  // INIT ACK and such have no state to wait in: the latest counts.
  void reply(uint32_t tag, uint8_t type, std::vector<uint8_t> value);
  void adopt(const StateCookie& cookie);
  bool write(PacketBuilder& packet);

  CookieKey cookie_key_;
  size_t packet_size_;
  State state_ = State::kIdle;
  Peering peering_;
  std::vector<uint8_t> cookie_;        // to be echoed
  std::vector<uint8_t> unrecognized_;  // parameters of INIT ACK that its sender wants reported
  bool send_due_ = false;              // INIT or COOKIE ECHO, by the state
  std::optional<Reply> reply_;
  std::optional<Micros> t1_;
  Micros t1_interval_{};
  int retransmits_ = 0;
  int stale_cookies_ = 0;
  Micros init_sent_{};
  std::optional<Micros> rtt_;
  std::string failure_;
  uint64_t bad_cookies_ = 0;
};

}  // namespace sluice::sctp
