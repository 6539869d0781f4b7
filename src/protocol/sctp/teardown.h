// The graceful end of an association (RFC 9260 section 9.2): SHUTDOWN once everything is delivered,
// SHUTDOWN ACK, SHUTDOWN COMPLETE.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "protocol/sctp/packet_builder.h"

namespace sluice::sctp {

class Teardown {
 public:
  enum class State : uint8_t {
    kNone,
    kPending,   ///< we want to end, data is still on its way
    kSent,      ///< SHUTDOWN sent
    kReceived,  ///< SHUTDOWN received, data of ours is still on its way
    kAckSent,   ///< SHUTDOWN ACK sent
  };

  void request();
  void on_shutdown();
  /// True when this ends the association: SHUTDOWN COMPLETE is due.
  [[nodiscard]] bool on_shutdown_ack() const {
    return state_ == State::kSent || state_ == State::kAckSent;
  }
  /// True when this ends the association.
  [[nodiscard]] bool on_complete() const { return state_ == State::kAckSent; }
  /// DATA arrived: a SHUTDOWN of ours needs to say it.
  void on_data();
  /// A peer in the middle of setting up was met: it has missed our SHUTDOWN ACK.
  void repeat();

  /// Moves on when the sender has nothing left.
  void advance(bool sender_idle);
  /// Appends what is due and fits. `cumulative`: of what the peer sent.
  void write(PacketBuilder& packet, uint32_t cumulative, Micros rto, Micros now);

  [[nodiscard]] std::optional<Micros> next_timeout() const { return t2_; }
  /// True when the peer owes an answer, which counts against it.
  bool on_timeout(Micros now);

  [[nodiscard]] State state() const { return state_; }
  /// New DATA of the peer is welcome.
  [[nodiscard]] bool takes_data() const { return state_ <= State::kSent; }

 private:
  void enter(State state);

  State state_ = State::kNone;
  bool due_ = false;
  std::optional<Micros> t2_;
};

}  // namespace sluice::sctp
