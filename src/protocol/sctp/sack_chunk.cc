#include "protocol/sctp/sack_chunk.h"

#include <algorithm>

namespace sluice::sctp {
namespace {

constexpr size_t kFieldsSize = 12;

}  // namespace

std::optional<SackChunk> SackChunk::parse(Bytes value) {
  ByteReader in(value);
  SackChunk sack;
  sack.cumulative_tsn_ = in.u32();
  sack.window_ = in.u32();
  const size_t gaps = in.u16();
  sack.duplicate_count_ = in.u16();
  sack.gaps_ = in.bytes(gaps * 4);
  in.skip(sack.duplicate_count_ * 4);
  return in.ok() ? std::optional(sack) : std::nullopt;
}

bool write_sack(PacketBuilder& packet, uint32_t cumulative_tsn, uint32_t window,
                std::span<const GapBlock> gaps, std::span<const uint32_t> duplicates) {
  if (!packet.fits(kFieldsSize)) {
    return false;
  }
  const size_t lines = (packet.room() - kFieldsSize) / 4;
  gaps = gaps.first(std::min(gaps.size(), lines));
  duplicates = duplicates.first(std::min(duplicates.size(), lines - gaps.size()));
  ByteWriter out(packet.add(chunk::kSack, 0, kFieldsSize + 4 * (gaps.size() + duplicates.size())));
  out.u32(cumulative_tsn);
  out.u32(window);
  out.u16(static_cast<uint16_t>(gaps.size()));
  out.u16(static_cast<uint16_t>(duplicates.size()));
  for (const GapBlock gap : gaps) {
    out.u16(gap.start);
    out.u16(gap.end);
  }
  for (const uint32_t tsn : duplicates) {
    out.u32(tsn);
  }
  return true;
}

}  // namespace sluice::sctp
