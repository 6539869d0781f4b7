// Framing of packets and chunks (SCT-12), and what unknown chunks do (RFC 9260 section 3.2).
#include "protocol/sctp/packet.h"

#include <gtest/gtest.h>

#include "protocol/sctp/crc32c.h"
#include "protocol/sctp/error_cause.h"
#include "unit/sctp/raw_peer.h"

namespace sluice::sctp {
namespace {

std::vector<uint8_t> packet_of(std::vector<uint8_t> chunks) {
  std::vector<uint8_t> packet = {0x13, 0x88, 0x13, 0x88, 1, 2, 3, 4, 0, 0, 0, 0};
  packet.insert(packet.end(), chunks.begin(), chunks.end());
  store_be32(&packet[8], packet_checksum(packet));
  return packet;
}

TEST(Packet, HeaderAndChunks) {
  const auto bytes = packet_of({11, 0, 0, 4, 3, 5, 0, 6, 0xAA, 0xBB, 0, 0, 7, 0, 0, 5, 1});
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source_port(), 5000);
  EXPECT_EQ(packet->destination_port(), 5000);
  EXPECT_EQ(packet->verification_tag(), 0x01020304u);
  ChunkReader chunks = packet->chunks();
  const auto first = chunks.next();
  EXPECT_EQ(first->type, 11);
  EXPECT_TRUE(first->value.empty());
  const auto second = chunks.next();
  EXPECT_EQ(second->type, 3);
  EXPECT_EQ(second->flags, 5);
  EXPECT_EQ(second->value.size(), 2u);
  EXPECT_EQ(second->whole.size(), 6u);
  const auto third = chunks.next();  // its padding is missing, which does no harm
  EXPECT_EQ(third->value.size(), 1u);
  EXPECT_FALSE(chunks.next());
}

struct BadPacket {
  const char* name;
  std::vector<uint8_t> chunks;
  PacketError error;
};

class BadPackets : public testing::TestWithParam<BadPacket> {};

TEST_P(BadPackets, SCT_12_AreRefusedWhole) {
  const auto bytes = packet_of(GetParam().chunks);
  const auto packet = PacketView::parse(bytes);
  ASSERT_FALSE(packet);
  EXPECT_EQ(packet.error(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadPackets,
    testing::Values(BadPacket{"NoChunk", {}, PacketError::kTooShort},
                    BadPacket{"HalfAChunkHeader", {11, 0, 0}, PacketError::kTooShort},
                    BadPacket{"Length0", {11, 0, 0, 0}, PacketError::kBadChunk},
                    BadPacket{"Length1", {11, 0, 0, 1}, PacketError::kBadChunk},
                    BadPacket{"Length2", {11, 0, 0, 2}, PacketError::kBadChunk},
                    BadPacket{"Length3", {11, 0, 0, 3}, PacketError::kBadChunk},
                    BadPacket{"PastEnd", {11, 0, 0, 5}, PacketError::kBadChunk},
                    BadPacket{
                        "FarPastEnd", {11, 0, 0xFF, 0xFF, 1, 2, 3, 4}, PacketError::kBadChunk},
                    BadPacket{"SecondLength0", {11, 0, 0, 4, 11, 0, 0, 0}, PacketError::kBadChunk},
                    BadPacket{"SecondPastEnd", {11, 0, 0, 4, 11, 0, 0, 8}, PacketError::kBadChunk},
                    BadPacket{"RestBehindLast", {11, 0, 0, 4, 11, 0}, PacketError::kBadChunk}),
    [](const auto& row) { return row.param.name; });

TEST(Packet, WrongChecksum) {
  auto bytes = packet_of({11, 0, 0, 4});
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] ^= 0x20;
    const auto packet = PacketView::parse(bytes);
    ASSERT_FALSE(packet) << i;
    EXPECT_EQ(packet.error(), PacketError::kBadChecksum);
    bytes[i] ^= 0x20;
  }
  for (size_t size = 0; size < 16; ++size) {
    EXPECT_EQ(PacketView::parse(Bytes(bytes).first(size)).error(), PacketError::kTooShort);
  }
}

// A refused packet has no effect, not even by its good chunks.
TEST(Packet, SCT_12_GoodChunksOfABadPacketCountForNothing) {
  RawPeer peer;
  peer.connect();
  std::vector<uint8_t> bytes = {0x13, 0x88, 0x13, 0x88, 0,  0, 0, 0,    0,  0, 0, 0,
                                0,    3,    0,    17,   0,  0, 3, 0xE8, 0,  1, 0, 0,
                                0,    0,    0,    53,   65, 0, 0, 0,    11, 0, 0, 3};
  store_be32(&bytes[4], peer.remote_tag());
  store_be32(&bytes[8], packet_checksum(bytes));
  peer.association.on_packet(bytes, peer.now);
  EXPECT_TRUE(peer.messages().empty());
  EXPECT_EQ(peer.association.stats().bad_packets, 1u);
  bytes.resize(bytes.size() - 4);
  store_be32(&bytes[8], 0);
  store_be32(&bytes[8], packet_checksum(bytes));
  peer.association.on_packet(bytes, peer.now);
  EXPECT_EQ(peer.messages().size(), 1u);
}

TEST(Packet, OtherPortsAreNotOurs) {
  RawPeer peer;
  peer.connect();
  for (const size_t offset : {0, 2}) {
    auto bytes = packet_of({10, 0, 0, 4});
    store_be16(&bytes[offset], 5001);
    store_be32(&bytes[8], packet_checksum(bytes));
    peer.association.on_packet(bytes, peer.now);
  }
  EXPECT_EQ(peer.association.stats().bad_packets, 2u);
}

TEST(Packet, WrongVerificationTagIsForeign) {
  RawPeer peer;
  peer.connect();
  const std::vector<uint8_t> body = {1, 2, 3};
  for (const uint32_t tag : {0u, peer.tag, peer.remote_tag() + 1}) {
    peer.send({{chunk::kAbort, 0, {}}}, tag);
    peer.send({{chunk::kHeartbeat, 0, body}}, tag);
  }
  EXPECT_EQ(peer.association.stats().foreign_packets, 6u);
  EXPECT_EQ(peer.association.state(), State::kConnected);
  EXPECT_TRUE(peer.take().empty());
}

struct UnknownChunk {
  uint8_t type;
  bool rest_is_processed;
  bool reported;
};

class UnknownChunks : public testing::TestWithParam<UnknownChunk> {};

TEST_P(UnknownChunks, SCT_13_FollowTheirHighBits) {
  RawPeer peer;
  peer.connect();
  peer.send({{GetParam().type, 9, {1, 2, 3}}, {chunk::kHeartbeat, 0, {0, 1, 0, 4}}});
  bool answered = false;
  bool reported = false;
  for (const RawPeer::Chunk& chunk : peer.take_chunks()) {
    answered |= chunk.type == chunk::kHeartbeatAck;
    if (chunk.type == chunk::kError) {
      reported = true;
      EXPECT_EQ(first_cause(chunk.value), cause::kUnrecognizedChunk);
      const std::vector<uint8_t> expected = {0, 6, 0, 11, GetParam().type, 9, 0, 7, 1, 2, 3};
      EXPECT_EQ(chunk.value, expected);
    }
  }
  EXPECT_EQ(answered, GetParam().rest_is_processed);
  EXPECT_EQ(reported, GetParam().reported);
  EXPECT_EQ(peer.association.state(), State::kConnected);
}

INSTANTIATE_TEST_SUITE_P(Table, UnknownChunks,
                         testing::Values(UnknownChunk{0x3E, false, false},
                                         UnknownChunk{0x7E, false, true},
                                         UnknownChunk{0xBE, true, false},
                                         UnknownChunk{0xFE, true, true}));

struct ShortChunk {
  uint8_t type;
  size_t size;  // of the value
};

class ShortChunks : public testing::TestWithParam<ShortChunk> {};

// Too short for what the type needs: ignored, with all that follows.
TEST_P(ShortChunks, AreIgnored) {
  RawPeer peer;
  peer.connect();
  std::vector<uint8_t> value(GetParam().size, 0x00);
  peer.send({{GetParam().type, 3, value}, {chunk::kHeartbeat, 0, {0, 1, 0, 4}}});
  EXPECT_FALSE(peer.take_chunk(chunk::kHeartbeatAck));
  EXPECT_EQ(peer.association.state(), State::kConnected);
  EXPECT_EQ(peer.association.stats().bad_chunks, 1u);
}

INSTANTIATE_TEST_SUITE_P(Table, ShortChunks,
                         testing::Values(ShortChunk{chunk::kData, 0}, ShortChunk{chunk::kData, 11},
                                         ShortChunk{chunk::kSack, 0}, ShortChunk{chunk::kSack, 11},
                                         ShortChunk{chunk::kForwardTsn, 3},
                                         ShortChunk{chunk::kForwardTsn, 6},
                                         ShortChunk{chunk::kShutdown, 3},
                                         ShortChunk{chunk::kShutdown, 5},
                                         ShortChunk{chunk::kInitAck, 15}));

TEST(Packet, SackThatAnnouncesMoreThanItHolds) {
  RawPeer peer;
  peer.connect();
  std::vector<uint8_t> value(16);
  value[9] = 1;   // a gap
  value[11] = 1;  // a duplicate, which is not there
  peer.send({{chunk::kSack, 0, value}});
  EXPECT_EQ(peer.association.stats().bad_chunks, 1u);
}

TEST(Packet, DataWithoutDataEndsTheAssociation) {
  RawPeer peer;
  peer.connect();
  peer.send_data({.begin = true, .end = true, .stream = 1});
  const auto abort = peer.take_chunk(chunk::kAbort);
  ASSERT_TRUE(abort);
  EXPECT_EQ(first_cause(abort->value), cause::kNoUserData);
  EXPECT_EQ(peer.association.state(), State::kClosed);
}

TEST(Packet, HeartbeatIsAnsweredWithItsInformation) {
  RawPeer peer;
  peer.connect();
  const std::vector<uint8_t> info = {0, 1, 0, 9, 1, 2, 3, 4, 5};
  peer.send({{chunk::kHeartbeat, 0, info}});
  const auto ack = peer.take_chunk(chunk::kHeartbeatAck);
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->value, info);
  // Too large for a packet of ours: no answer.
  peer.send({{chunk::kHeartbeat, 0, std::vector<uint8_t>(5000)}});
  EXPECT_TRUE(peer.take().empty());
}

}  // namespace
}  // namespace sluice::sctp
