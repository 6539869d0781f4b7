// The sending half of an association: decides when which DATA chunk goes out (RFC 9260
// sections 6.1, 6.3, 7.2), and tells the peer what is given up (RFC 3758).
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "protocol/sctp/buffered_amounts.h"
#include "protocol/sctp/congestion_window.h"
#include "protocol/sctp/flight.h"
#include "protocol/sctp/packet_builder.h"
#include "protocol/sctp/rto.h"
#include "protocol/sctp/sack_chunk.h"
#include "protocol/sctp/send_queue.h"

namespace sluice::sctp {

class Sender {
 public:
  struct Setup {
    int64_t initial_tsn = 0;
    uint32_t peer_window = 0;  ///< bytes of payload
    size_t packet_size = 0;    ///< the largest packet
  };
  struct Counters {
    uint64_t chunks = 0;  ///< including retransmissions
    uint64_t bytes = 0;   ///< of their payload
    uint64_t fast_retransmits = 0;
    uint64_t timeout_retransmits = 0;
    uint64_t timeouts = 0;
    uint64_t forward_tsns = 0;
  };
  enum class SackResult : uint8_t {
    kStale,     ///< older than one seen before, or of what was never sent: ignored
    kNothing,   ///< says nothing new
    kProgress,  ///< the peer is there and takes data, or says that it has no room
  };

  /// `queue`, `amounts` and `rto` outlive it.
  Sender(SendQueue& queue, BufferedAmounts& amounts, Rto& rto, const Setup& setup);

  SackResult on_sack(const SackChunk& sack, Micros now);
  /// The cumulative TSN of a SHUTDOWN.
  SackResult on_cumulative(uint32_t tsn, Micros now);

  /// A DATA chunk may be sent now.
  [[nodiscard]] bool ready(Micros now) { return next(now).has_value(); }
  /// Appends DATA chunks as fit and as may be sent now.
  void write_data(PacketBuilder& packet, Micros now);
  /// Nothing more goes out for now: ends what may be sent in one burst.
  void end_burst() { burst_ = kMaxBurst; }

  /// Appends FORWARD TSN when it is due and fits.
  void write_forward_tsn(PacketBuilder& packet, Micros now);

  [[nodiscard]] std::optional<Micros> next_timeout() const { return t3_; }
  /// True when the timer had expired, which counts against the peer.
  bool on_timeout(Micros now);

  /// The association is over.
  void discard() { flight_.discard(); }

  /// Of the last chunk of all messages that were taken from the queue; nothing when the last one
  /// was sent in part only.
  [[nodiscard]] std::optional<int64_t> last_tsn() const {
    return flight_.mid_message() ? std::nullopt : std::optional(flight_.next_tsn() - 1);
  }
  /// All that was sent is acknowledged and nothing waits.
  [[nodiscard]] bool idle() const {
    return flight_.empty() && !flight_.mid_message() && queue_->empty();
  }
  [[nodiscard]] const Flight& flight() const { return flight_; }
  [[nodiscard]] size_t congestion_window() const { return congestion_.size(); }
  [[nodiscard]] uint32_t peer_window() const { return peer_window_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  // Packets with DATA between two inputs (RFC 9260 section 6.1 D).
  static constexpr size_t kMaxBurst = 4;

  struct Next {
    std::optional<int64_t> lost{};  // or else new data
    size_t payload = 0;
  };

  // What may be sent now, if anything.
  std::optional<Next> next(Micros now);
  std::optional<Next> next_lost(Micros now);
  std::optional<Next> next_new(Micros now);
  [[nodiscard]] bool window_allows(size_t payload) const;
  DataChunk produce(const Next& what, Micros now);
  void after_acked(const Flight::Acked& acked, size_t in_flight_before, Micros now);
  void on_window(uint32_t window, bool advanced, Micros now);

  SendQueue* queue_;
  Rto* rto_;
  Flight flight_;
  size_t max_payload_;
  CongestionWindow congestion_;
  uint32_t peer_window_;
  // What is in flight was sent although the window had no room for it.
  bool probing_ = false;
  std::optional<Micros> t3_;
  std::optional<int64_t> recovery_end_;  // fast recovery, until this TSN is acknowledged
  bool fast_retransmit_ = false;         // one packet may go regardless of the congestion window
  bool want_ack_ = false;                // the next packet asks for an immediate SACK
  size_t burst_ = kMaxBurst;
  Micros last_sent_{};
  // FORWARD TSN: to be sent (again), for how many messages given up, what it said last, and when.
  bool forward_due_ = false;
  uint64_t abandoned_told_ = 0;
  std::optional<int64_t> forwarded_;
  Micros forwarded_at_{};
  bool timed_out_ = false;  // losses are the timer's, until something is acknowledged
  Counters counters_;
};

}  // namespace sluice::sctp
