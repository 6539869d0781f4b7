// A peer made of bare chunks: says to an association whatever a test wants, and sees what comes
// back chunk by chunk.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/sctp/association.h"
#include "protocol/sctp/data_chunk.h"
#include "protocol/sctp/init_chunk.h"
#include "protocol/sctp/packet_builder.h"
#include "protocol/sctp/sack_chunk.h"
#include "protocol/sctp/wire.h"

namespace sluice::sctp {

class RawPeer {
 public:
  struct Chunk {
    uint8_t type = 0;
    uint8_t flags = 0;
    std::vector<uint8_t> value;
  };
  struct Packet {
    uint32_t tag = 0;
    std::vector<Chunk> chunks;
  };

  explicit RawPeer(const Options& options = {}) : association(options) {}

  Association association;
  Micros now = 1s;
  uint32_t tag = 0x11223344;  ///< of packets to this peer
  uint32_t tsn = 1000;        ///< of its next DATA
  uint32_t window = 1 << 20;
  Extensions extensions{.forward_tsn = true, .reconfig = true};

  /// Sets up the association by our INIT; the association's own is lost.
  void connect();
  /// The association's verification tag, from its INIT ACK.
  [[nodiscard]] uint32_t remote_tag() const { return remote_.tag; }
  [[nodiscard]] const InitFields& remote() const { return remote_; }

  /// The value of an INIT of this peer.
  [[nodiscard]] std::vector<uint8_t> init() const;
  /// A packet with these chunks and the association's tag, or another.
  void send(const std::vector<Chunk>& chunks, std::optional<uint32_t> tag = std::nullopt);
  /// DATA: `chunk` as it is, except that its TSN is set by `tsn` unless it has one.
  void send_data(DataChunk chunk);
  void send_sack(uint32_t cumulative, uint32_t sack_window, const std::vector<GapBlock>& gaps = {});

  /// Everything that the association wants to send now.
  std::vector<Packet> take();
  /// The chunks of take(), without the packets.
  std::vector<Chunk> take_chunks();
  /// The first chunk of this type among those; the others are lost.
  std::optional<Chunk> take_chunk(uint8_t type);

  std::vector<Event> events();
  std::vector<Message> messages();

 private:
  InitFields remote_;
};

/// A chunk that owns its payload as a view of `bytes`.
DataChunk whole(uint16_t stream, uint16_t ssn, Bytes bytes);

}  // namespace sluice::sctp
