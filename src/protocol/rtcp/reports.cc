#include "protocol/rtcp/reports.h"

#include <algorithm>

namespace sluice::rtcp {
namespace {

constexpr size_t kSsrcSize = 4;

/// The `count` blocks that `data` begins with. Bytes behind them are a profile's extension.
std::optional<WireArray<ReportBlock>> read_blocks(Bytes data, size_t count) {
  const size_t size = count * ReportBlock::kWireSize;
  if (data.size() < size) {
    return std::nullopt;
  }
  return WireArray<ReportBlock>(data.first(size));
}

}  // namespace

ReportBlock ReportBlock::read(const uint8_t* at) {
  // Shifting the 24 bits to the top and back extends their sign.
  const auto lost = static_cast<int32_t>(load_be24(at + 5) << 8) >> 8;
  return {.ssrc = Ssrc(load_be32(at)),
          .fraction_lost = at[4],
          .cumulative_lost = lost,
          .extended_highest = load_be32(at + 8),
          .jitter = load_be32(at + 12),
          .last_sr = load_be32(at + 16),
          .delay_since_sr = load_be32(at + 20)};
}

void ReportBlock::write(ByteWriter& writer) const {
  writer.u32(ssrc.value);
  writer.u8(fraction_lost);
  writer.u24(
      static_cast<uint32_t>(std::clamp(cumulative_lost, kMinCumulativeLost, kMaxCumulativeLost)));
  writer.u32(extended_highest);
  writer.u32(jitter);
  writer.u32(last_sr);
  writer.u32(delay_since_sr);
}

SenderInfo SenderInfo::read(const uint8_t* at) {
  return {.ntp = NtpTime::from_bits(load_be64(at)),
          .rtp = Timestamp(load_be32(at + 8)),
          .packets = load_be32(at + 12),
          .octets = load_be32(at + 16)};
}

void SenderInfo::write(ByteWriter& writer) const {
  writer.u64(ntp.bits());
  writer.u32(rtp.value);
  writer.u32(packets);
  writer.u32(octets);
}

std::optional<SenderReport> SenderReport::parse(const Frame& frame) {
  if (frame.body.empty() && frame.count == 0) {
    return SenderReport{};
  }
  if (frame.body.size() < kSsrcSize + SenderInfo::kWireSize) {
    return std::nullopt;
  }
  const auto blocks =
      read_blocks(frame.body.subspan(kSsrcSize + SenderInfo::kWireSize), frame.count);
  if (!blocks) {
    return std::nullopt;
  }
  return SenderReport{.ssrc = Ssrc(load_be32(&frame.body[0])),
                      .info = SenderInfo::read(&frame.body[kSsrcSize]),
                      .blocks = *blocks};
}

std::optional<ReceiverReport> ReceiverReport::parse(const Frame& frame) {
  if (frame.body.size() < kSsrcSize) {
    return std::nullopt;
  }
  const auto blocks = read_blocks(frame.body.subspan(kSsrcSize), frame.count);
  if (!blocks) {
    return std::nullopt;
  }
  return ReceiverReport{.sender = Ssrc(load_be32(&frame.body[0])), .blocks = *blocks};
}

bool write_sender_report(ByteWriter& writer, Ssrc ssrc, const SenderInfo& info,
                         std::span<const ReportBlock> blocks) {
  const size_t size = SenderReport::kWireSize + blocks.size() * ReportBlock::kWireSize;
  if (blocks.size() > kMaxCount || writer.remaining() < size) {
    return false;
  }
  write_common_header(writer, static_cast<uint8_t>(blocks.size()), PacketType::kSenderReport, size);
  writer.u32(ssrc.value);
  info.write(writer);
  for (const ReportBlock& block : blocks) {
    block.write(writer);
  }
  return true;
}

bool write_receiver_report(ByteWriter& writer, Ssrc sender, std::span<const ReportBlock> blocks) {
  const size_t size = ReceiverReport::kHeaderSize + blocks.size() * ReportBlock::kWireSize;
  if (blocks.size() > kMaxCount || writer.remaining() < size) {
    return false;
  }
  write_common_header(writer, static_cast<uint8_t>(blocks.size()), PacketType::kReceiverReport,
                      size);
  writer.u32(sender.value);
  for (const ReportBlock& block : blocks) {
    block.write(writer);
  }
  return true;
}

}  // namespace sluice::rtcp
