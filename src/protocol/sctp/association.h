// An SCTP association for WebRTC data channels: one path, given by the owner (RFC 9260; RFC 8261
// over DTLS; RFC 8831; partial reliability of RFC 3758 and 7496; stream reconfiguration of RFC
// 6525). No sockets, clock, threads or global state.
//
// How to use it:
// - Make an Association per transport and call connect() when the path is up (DTLS connected, or
//   the remote address known). Both ends do; simultaneous INITs are part of the protocol. Packets
//   from before are dropped.
// - Hand each SCTP packet (one DTLS record, or one UDP datagram) to on_packet(). After every call
//   that may have changed something, take all of poll_event() first, then all of poll_transmit(),
//   and send each packet as one record or datagram; then arm one timer for next_timeout(), which
//   calls on_timeout(). Events before packets: taken messages open the window that the packets
//   announce. Polling once per loop turn rather than per call bundles small messages.
// - send() copies the message and says at once whether it was accepted; kBufferFull is for
//   `sctpsendbufferfull`. buffered_amount() counts until the peer has acknowledged. A message for a
//   stream beyond those negotiated makes the association add streams.
// - Message events carry the payload with its identifier, in order per stream; those of the empty
//   kinds (56, 57) have no payload. DCEP (50) is counted and dropped.
// - open_stream() when a data producer or consumer is made, reset_streams() when a data consumer,
// or a data producer on a data channel, is closed: what was
//   queued is sent first, and what is sent afterwards waits for the reset. A peer's reset is
//   answered alike if Options::data_channels is set, and reported as PeerStreamsReset either way.
//   ask_reset() makes a peer that is not a data channel's end reset its own.
// - Failed and Closed are final: make a new object. close() is the usual end (ABORT;
// poll_transmit()
//   has it), shutdown() the graceful one.
//
// Invariants: after the state has become failed or closed there are no timers, at most one packet
// and the events of before. Everything that the peer can fill is bounded: what it sends by the
// receive buffer (at most twice of it while gaps are filled), what it makes us keep by the send
// buffer, per-stream numbers by the 65536 streams there are.
//
// Not thread-safe; objects share nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/sctp/buffered_amounts.h"
#include "protocol/sctp/events.h"
#include "protocol/sctp/handshake.h"
#include "protocol/sctp/heartbeat.h"
#include "protocol/sctp/identity.h"
#include "protocol/sctp/options.h"
#include "protocol/sctp/packet.h"
#include "protocol/sctp/receiver.h"
#include "protocol/sctp/reconfiguration.h"
#include "protocol/sctp/reset_pairing.h"
#include "protocol/sctp/rto.h"
#include "protocol/sctp/send_queue.h"
#include "protocol/sctp/sender.h"
#include "protocol/sctp/stats.h"
#include "protocol/sctp/teardown.h"

namespace sluice::sctp {

enum class State : uint8_t { kNew, kConnecting, kConnected, kFailed, kClosed };
/// As in sctpState: "new", "connecting", "connected", "failed", "closed".
const char* to_string(State state);

enum class SendResult : uint8_t {
  kAccepted,
  kNotConnected,
  kInvalidStream,  ///< 65535, or beyond what the peer allows
  kTooLarge,
  kBufferFull,
};

class Association {
 public:
  /// Ids beyond are reserved (RFC 8832 section 6).
  static constexpr uint16_t kMaxStream = 65534;

  /// `identity` is for tests.
  explicit Association(const Options& options, const Identity& identity = Identity::generate());
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  /// The path is up. Only in the state new.
  void connect(Micros now);
  void on_packet(Bytes packet, Micros now);

  /// When on_timeout() is due, if ever.
  [[nodiscard]] std::optional<Micros> next_timeout() const;
  void on_timeout(Micros now);

  /// One packet to send, valid until the next call of any kind.
  std::optional<Bytes> poll_transmit(Micros now);
  std::optional<Event> poll_event();

  /// Queues a message. `ppid`: see wire.h. An empty payload gets the identifier of its empty form.
  SendResult send(uint16_t stream, uint32_t ppid, Bytes payload, const Reliability& reliability,
                  Micros now);

  /// A data channel begins on this stream. Matters when the stream was reset before.
  void open_stream(uint16_t stream);
  /// Resets our outgoing streams, each after what was sent on it; ends with StreamsReset. Only when
  /// connected.
  void reset_streams(std::span<const uint16_t> streams, Micros now);
  /// Asks the peer to reset its outgoing streams; it does so with PeerStreamsReset. Only when
  /// connected.
  void ask_reset(std::span<const uint16_t> streams);

  [[nodiscard]] size_t buffered_amount() const { return amounts_.total(); }
  [[nodiscard]] size_t buffered_amount(uint16_t stream) const { return amounts_.of(stream); }
  /// BufferedAmountLow comes when the amount falls from above `bytes` to it or below; 0 unless set.
  void set_buffered_amount_low_threshold(uint16_t stream, size_t bytes) {
    amounts_.set_threshold(stream, bytes);
  }
  void set_total_buffered_amount_low_threshold(size_t bytes) {
    amounts_.set_total_threshold(bytes);
  }

  /// Ends the association when everything accepted so far is delivered; ends with Closed.
  void shutdown();
  /// Ends it at once. An ABORT then waits in poll_transmit(). No event follows.
  void close();

  [[nodiscard]] State state() const { return state_; }
  /// Streams that we may send on now; 0 unless connected.
  [[nodiscard]] uint16_t outgoing_streams() const;
  [[nodiscard]] Stats stats() const;

 private:
  /// What exists while the association is up.
  struct Link {
    Link(SendQueue& queue, BufferedAmounts& amounts, const Handshake& handshake,
         const Options& options, Micros now);

    Extensions extensions;
    Rto rto;
    Sender sender;
    Receiver receiver;
    Reconfiguration reconfiguration;
    Heartbeat heartbeat;
    int failures = 0;  // timers that expired since the peer was last heard of
  };
  /// The last packet of an association.
  struct Final {
    uint32_t tag = 0;
    uint8_t type = 0;
    uint8_t flags = 0;
    std::vector<uint8_t> value{};
  };

  // association_input.cc; those of chunks return false when the rest of the packet is not to be
  // processed.
  [[nodiscard]] bool belongs(const PacketView& packet, const ChunkView& first) const;
  bool answer_stray(const PacketView& packet, const ChunkView& first);
  bool on_chunk(const ChunkView& chunk, const PacketView& packet, bool first, Micros now);
  bool on_link_chunk(const ChunkView& chunk, Micros now);
  bool on_cookie_echo(const ChunkView& chunk, uint32_t tag, Micros now);
  bool on_data(const ChunkView& chunk);
  bool on_sack(const ChunkView& chunk, Micros now);
  bool on_forward_tsn(const ChunkView& chunk);
  bool on_reconfig(const ChunkView& chunk, Micros now);
  bool on_shutdown(const ChunkView& chunk, Micros now);
  bool on_unknown(const ChunkView& chunk);
  bool bad_chunk();
  void report_error(std::vector<uint8_t> error);
  /// Ends a failed handshake.
  void check_handshake();
  /// Hands on what the last input has brought about.
  void pump(Micros now);
  void on_peer_reset(const PeerReset& reset, Micros now);
  void on_peer_wants_reset(const PeerWantsReset& wish, Micros now);
  void on_own_reset_done(const OwnResetDone& done);
  void on_own_streams_done(const OwnStreamsDone& done);

  void establish(bool restarted, Micros now);
  void drop_link();
  /// The end, by whatever cause; with an ABORT if causes for one are given.
  void end(std::string reason, std::optional<std::vector<uint8_t>> abort = std::nullopt);
  void on_alive(Micros now);
  void on_failure();

  std::optional<Bytes> write_final();
  std::optional<Bytes> write_link(Micros now);
  void write_control(PacketBuilder& packet, Micros now);
  void report_low_amounts();
  void collect_resets();

  [[nodiscard]] bool has_room(size_t payload) const;
  bool can_send_on(uint16_t stream);
  /// False when there is nothing to reset.
  bool reset_own(uint16_t stream, Micros now);

  Options options_;
  State state_ = State::kNew;
  Handshake handshake_;
  BufferedAmounts amounts_;
  SendQueue queue_;
  std::optional<Link> link_;
  Teardown teardown_;
  ResetPairing pairing_;
  bool streams_refused_ = false;

  /// A stream that is ready to be reset once the peer has all of it.
  struct ReadyReset {
    int64_t last_tsn = 0;
    uint16_t stream = 0;
  };
  std::deque<ReadyReset> ready_resets_;  // ascending

  std::deque<Event> events_;
  size_t untaken_ = 0;  // bytes of messages in events_

  // To be sent when there is a link.
  bool cookie_ack_due_ = false;
  std::optional<std::vector<uint8_t>> heartbeat_ack_;
  std::vector<uint8_t> errors_;
  // To be sent when there is none.
  std::optional<Final> final_;
  std::vector<uint8_t> buffer_;  // of the packet returned last

  Stats stats_;  // of this object; counters of the link are added when it goes
};

}  // namespace sluice::sctp
