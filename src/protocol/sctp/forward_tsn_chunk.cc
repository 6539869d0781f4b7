#include "protocol/sctp/forward_tsn_chunk.h"

namespace sluice::sctp {
namespace {

constexpr size_t kEntrySize = 4;

}  // namespace

std::optional<ForwardTsnChunk> ForwardTsnChunk::parse(Bytes value) {
  ByteReader in(value);
  ForwardTsnChunk forward;
  forward.new_cumulative_tsn_ = in.u32();
  forward.streams_ = in.rest();
  if (!in.ok() || forward.streams_.size() % kEntrySize != 0) {
    return std::nullopt;
  }
  return forward;
}

size_t forward_tsn_capacity(const PacketBuilder& packet) {
  const size_t room = packet.room();
  return room < 4 ? 0 : (room - 4) / kEntrySize;
}

bool write_forward_tsn(PacketBuilder& packet, uint32_t new_cumulative_tsn,
                       std::span<const SkippedStream> streams) {
  const size_t size = 4 + streams.size() * kEntrySize;
  if (!packet.fits(size)) {
    return false;
  }
  ByteWriter out(packet.add(chunk::kForwardTsn, 0, size));
  out.u32(new_cumulative_tsn);
  for (const SkippedStream& skipped : streams) {
    out.u16(skipped.stream);
    out.u16(skipped.ssn);
  }
  return true;
}

}  // namespace sluice::sctp
