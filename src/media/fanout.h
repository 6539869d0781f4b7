// One producer as seen from one loop: the consumers that live on this loop, and the packets they
// may still ask for again. The loop of the producer has one, and so has each other loop with
// consumers of it; the former also knows which other loops those are.
//
// Packets that arrive together go to the consumers together: one consumer takes all of them before
// the next one's turn, so that its state, its keys and its destination are touched once per batch.
// Invariant: no packet waits when a turn of the loop ends, nor while a command runs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/types.h"
#include "media/forwarded_packet.h"
#include "media/loop_setup.h"
#include "media/media_packet.h"
#include "media/packet_lease.h"
#include "protocol/layers/stream_state.h"
#include "protocol/rtp/source_ring.h"

namespace sluice::media {

class LoopConsumer;
class MediaLoop;

/// What the loop of a producer tells the others of one of its streams.
struct StreamUpdate {
  uint8_t stream = 0;
  uint8_t score = 0;
  Micros active_since{0};
  std::optional<layers::ClockPair> clock;
  /// What it has been carrying, for a loop that begins to watch it.
  std::optional<layers::LayerRates> rates{};
};

class Fanout {
 public:
  /// `streams`: what the producer's encodings announce, in their order.
  Fanout(MediaLoop& loop, Handle producer, unsigned producer_loop, bool video,
         const std::vector<layers::LayerRates::Options>& streams);

  [[nodiscard]] Handle producer() const { return producer_; }
  [[nodiscard]] unsigned producer_loop() const { return producer_loop_; }
  [[nodiscard]] bool idle() const { return consumers_.empty() && remote_loops_.empty(); }
  [[nodiscard]] bool has_consumers() const { return !consumers_.empty(); }
  [[nodiscard]] const std::vector<LoopConsumer*>& consumers() const { return consumers_; }
  [[nodiscard]] const std::vector<unsigned>& remote_loops() const { return remote_loops_; }
  /// The producer's streams, by encoding.
  [[nodiscard]] std::span<layers::StreamState> streams() { return streams_; }
  [[nodiscard]] std::span<const layers::StreamState> streams() const { return streams_; }
  /// All that is known of the streams that were received.
  [[nodiscard]] std::vector<StreamUpdate> all_streams() const;
  /// What the producer's loop knows of streams has changed.
  void update_streams(std::span<const StreamUpdate> updates, Micros now);

  void add(LoopConsumer& consumer);
  void remove(LoopConsumer& consumer);
  /// On the producer's loop: another loop gained its first consumer, or lost its last one.
  void add_remote_loop(unsigned loop);
  void remove_remote_loop(unsigned loop);

  /// On the producer's loop: a packet came that nobody gets, for want of consumers or because the
  /// producer is paused. What the streams carry is known before somebody has to choose among them.
  void count(uint8_t stream, const codecs::PayloadInfo& payload, size_t size, Micros now);
  /// Takes a packet, with its metadata complete, for all consumers; those here get it with the next
  /// `flush` at the latest. Takes over one reference.
  void distribute(net::Packet* packet, Micros now);
  /// Hands the waiting packets to the consumers here.
  void flush(Micros now);

  /// The packet of that index, when the history still has it.
  [[nodiscard]] const net::Packet* find(uint32_t source) const;

  /// A consumer here cannot go on without a key frame of that stream, or of all.
  void request_key_frame(std::optional<uint8_t> stream, Micros now);
  /// Remembers that the producer's loop, another one, is asked for a key frame. False when it was
  /// asked for the same in this turn, and no key frame has come since: receivers may ask as often
  /// as they like, but not make that many commands.
  bool note_remote_request(std::optional<uint8_t> stream, Micros now);

  /// Remembers the worst loss that the producer's loop was told; true when it is a new one.
  bool set_reported_loss(uint8_t fraction) {
    const bool changed = fraction != reported_loss_;
    reported_loss_ = fraction;
    return changed;
  }

  /// What is due every half second: gives back packets that are too old, and has consumers look at
  /// what the streams carry now and whether they still wait for a key frame.
  void refresh(Micros now);

 private:
  /// Packets that wait at most: their payloads fit the nearest cache together.
  static constexpr size_t kBatch = 16;

  void update_history_need();
  void tell_available();

  MediaLoop& loop_;
  Handle producer_;
  unsigned producer_loop_;
  bool keep_history_ = false;
  uint8_t reported_loss_ = 0;
  std::vector<LoopConsumer*> consumers_;
  std::vector<unsigned> remote_loops_;
  std::vector<layers::StreamState> streams_;
  /// When the producer's loop was asked for a key frame of each stream, and last, of all.
  std::vector<std::optional<Micros>> remote_requests_;
  rtp::SourceRing<PacketLease> history_;
  std::array<ForwardedPacket, kBatch> waiting_;
  /// Keep the waiting packets that no history keeps.
  std::array<PacketLease, kBatch> leases_;
  size_t waiting_count_ = 0;
};

}  // namespace sluice::media
