// The receiving half of an association: what of the incoming DATA is taken, when it is
// acknowledged, and the messages that come of it (RFC 9260 section 6.2; RFC 3758 section 3.6).
//
// Memory: what is kept is counted with overhead against a window. A chunk is taken while the window
// has room. While there are gaps, one that fills a gap is taken until the window is exceeded by
// half, and the next one, which everything waits for, until it is exceeded twice. A peer that
// drives it further has broken the rules of the window.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "protocol/sctp/channel_framing.h"
#include "protocol/sctp/data_chunk.h"
#include "protocol/sctp/forward_tsn_chunk.h"
#include "protocol/sctp/packet_builder.h"
#include "protocol/sctp/reassembly.h"
#include "protocol/sctp/received_tsns.h"

namespace sluice::sctp {

class Receiver {
 public:
  struct Setup {
    int64_t peer_initial_tsn = 0;
    uint16_t stream_count = 0;  ///< incoming
    size_t max_message_size = 0;
    size_t window = 0;  ///< bytes
  };
  enum class DataResult : uint8_t {
    kTaken,
    kDropped,        ///< duplicate, or no room
    kInvalidStream,  ///< acknowledged, but of a stream that does not exist
    kOverrun,        ///< the association cannot go on
  };
  struct Counters {
    uint64_t chunks = 0;  ///< taken
    uint64_t bytes = 0;   ///< of their payload
    uint64_t duplicates = 0;
    uint64_t refused = 0;  ///< for lack of room, or too far ahead
    uint64_t forward_tsns = 0;
  };

  explicit Receiver(const Setup& setup);

  /// A DATA chunk with payload.
  DataResult on_data(const DataChunk& chunk);
  void on_forward_tsn(const ForwardTsnChunk& chunk);
  /// The packet that brought the chunks of the last calls is at its end: decides about the
  /// acknowledgement.
  void end_packet(Micros now);

  /// Streams below `count` exist.
  void set_stream_count(uint16_t count) { stream_count_ = count; }
  [[nodiscard]] uint16_t stream_count() const { return stream_count_; }
  /// The peer has reset its outgoing stream, or all of them.
  void reset(uint16_t stream);
  void reset_all();

  /// The next message for the application.
  std::optional<ReassembledMessage> pop();
  /// Bytes of messages that pop() returned and the application has not taken yet: they count
  /// against the window.
  void set_untaken(size_t bytes);

  /// A SACK must go out now.
  [[nodiscard]] bool ack_due() const { return ack_due_; }
  /// A SACK should go along with whatever goes out next.
  [[nodiscard]] bool ack_pending() const { return ack_due_ || ack_at_.has_value(); }
  /// Appends a SACK. False if it does not fit.
  bool write_sack(PacketBuilder& packet);

  [[nodiscard]] std::optional<Micros> next_timeout() const { return ack_at_; }
  void on_timeout(Micros now);

  [[nodiscard]] int64_t cumulative() const { return tsns_.cumulative(); }
  /// Bytes that may still come.
  [[nodiscard]] size_t window() const;
  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] uint64_t dcep_ignored() const { return framing_.dcep_ignored(); }

 private:
  [[nodiscard]] size_t held() const { return reassembly_.held() + framing_.held() + untaken_; }
  [[nodiscard]] size_t limit(ReceivedTsns::Arrival arrival) const;

  size_t max_window_;
  uint16_t stream_count_;
  ReceivedTsns tsns_;
  Reassembly reassembly_;
  ChannelFraming framing_;
  size_t untaken_ = 0;

  // Acknowledgement.
  bool saw_data_ = false;  // in this packet
  bool urgent_ = false;    // this packet wants an immediate one
  bool ack_due_ = false;
  std::optional<Micros> ack_at_;
  size_t advertised_;

  Counters counters_;
};

}  // namespace sluice::sctp
