#include "unit/sctp/raw_peer.h"

#include <algorithm>
#include <array>

#include "protocol/sctp/packet.h"

namespace sluice::sctp {

std::vector<uint8_t> RawPeer::init() const {
  std::vector<uint8_t> value(16);
  ByteWriter out(value);
  out.u32(tag);
  out.u32(window);
  out.u16(2048);
  out.u16(2048);
  out.u32(tsn);
  if (extensions.forward_tsn) {
    append_record(value, parameter::kForwardTsnSupported, {});
  }
  if (extensions.reconfig) {
    append_record(value, parameter::kSupportedExtensions, std::array<uint8_t, 1>{chunk::kReconfig});
  }
  return value;
}

void RawPeer::connect() {
  association.connect(now);
  take();
  send({{chunk::kInit, 0, init()}}, 0);
  const auto init_ack = take_chunk(chunk::kInitAck);
  ASSERT_TRUE(init_ack);
  const auto parsed = InitChunk::parse(init_ack->value);
  ASSERT_TRUE(parsed);
  remote_ = parsed->fields;
  send({{chunk::kCookieEcho, 0, {parsed->cookie.begin(), parsed->cookie.end()}}});
  ASSERT_TRUE(take_chunk(chunk::kCookieAck));
  ASSERT_EQ(association.state(), State::kConnected);
  events();
}

void RawPeer::send(const std::vector<Chunk>& chunks, std::optional<uint32_t> to) {
  std::vector<uint8_t> buffer(65536);
  PacketBuilder packet(buffer, to.value_or(remote_.tag));
  for (const Chunk& chunk : chunks) {
    ASSERT_TRUE(packet.add(chunk.type, chunk.flags, chunk.value));
  }
  association.on_packet(packet.finish(), now);
}

void RawPeer::send_data(DataChunk chunk) {
  if (chunk.tsn == 0) {
    chunk.tsn = tsn++;
  }
  std::vector<uint8_t> value(kDataHeaderSize - kRecordHeaderSize + chunk.payload.size());
  chunk.write(value);
  send({{chunk::kData, chunk.flags(), value}});
}

void RawPeer::send_sack(uint32_t cumulative, uint32_t sack_window,
                        const std::vector<GapBlock>& gaps) {
  std::vector<uint8_t> value(12 + 4 * gaps.size());
  ByteWriter out(value);
  out.u32(cumulative);
  out.u32(sack_window);
  out.u16(static_cast<uint16_t>(gaps.size()));
  out.u16(0);
  for (const GapBlock& gap : gaps) {
    out.u16(gap.start);
    out.u16(gap.end);
  }
  send({{chunk::kSack, 0, value}});
}

std::vector<RawPeer::Packet> RawPeer::take() {
  std::vector<Packet> packets;
  while (const auto bytes = association.poll_transmit(now)) {
    const auto view = PacketView::parse(*bytes);
    EXPECT_TRUE(view);
    packets.push_back({.tag = view->verification_tag()});
    ChunkReader chunks = view->chunks();
    while (const auto chunk = chunks.next()) {
      packets.back().chunks.push_back(
          {chunk->type, chunk->flags, {chunk->value.begin(), chunk->value.end()}});
    }
  }
  return packets;
}

std::vector<RawPeer::Chunk> RawPeer::take_chunks() {
  std::vector<Chunk> all;
  for (Packet& packet : take()) {
    std::ranges::move(packet.chunks, std::back_inserter(all));
  }
  return all;
}

std::optional<RawPeer::Chunk> RawPeer::take_chunk(uint8_t type) {
  const std::vector<Chunk> all = take_chunks();
  const auto found = std::ranges::find(all, type, &Chunk::type);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

std::vector<Event> RawPeer::events() {
  std::vector<Event> all;
  while (auto event = association.poll_event()) {
    all.push_back(std::move(*event));
  }
  return all;
}

std::vector<Message> RawPeer::messages() {
  std::vector<Message> all;
  for (Event& event : events()) {
    if (auto* message = std::get_if<Message>(&event)) {
      all.push_back(std::move(*message));
    }
  }
  return all;
}

DataChunk whole(uint16_t stream, uint16_t ssn, Bytes bytes) {
  return {.begin = true,
          .end = true,
          .stream = stream,
          .ssn = ssn,
          .ppid = ppid::kBinary,
          .payload = bytes};
}

}  // namespace sluice::sctp
