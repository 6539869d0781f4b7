#include "protocol/rtcp/extended_report.h"

namespace sluice::rtcp {
namespace {

constexpr size_t kBlockHeaderSize = 4;
constexpr size_t kReferenceTimeSize = 8;

}  // namespace

std::optional<ExtendedReport::Block> ExtendedReport::next_block(Bytes& rest) {
  ByteReader reader(rest);
  const uint8_t type = reader.u8();
  reader.skip(1);
  const Bytes body = reader.bytes(size_t{reader.u16()} * 4);
  if (!reader.ok()) {
    return std::nullopt;
  }
  rest = reader.rest();
  return Block{type, body};
}

std::optional<ExtendedReport> ExtendedReport::parse(const Frame& frame) {
  ByteReader reader(frame.body);
  ExtendedReport report;
  report.sender_ = Ssrc(reader.u32());
  report.blocks_ = reader.rest();
  if (!reader.ok()) {
    return std::nullopt;
  }
  Bytes rest = report.blocks_;
  while (const auto block = next_block(rest)) {
    if (block->type == kRrtrBlock && block->body.size() == kReferenceTimeSize &&
        !report.reference_time_) {
      report.reference_time_ = NtpTime::from_bits(load_be64(block->body.data()));
    }
  }
  return rest.size() < kBlockHeaderSize ? std::optional(report) : std::nullopt;
}

size_t extended_report_size(bool with_reference_time, size_t dlrr_items) {
  return kCommonHeaderSize + 4 + (with_reference_time ? kBlockHeaderSize + kReferenceTimeSize : 0) +
         (dlrr_items > 0 ? kBlockHeaderSize + dlrr_items * DlrrItem::kWireSize : 0);
}

bool write_extended_report(ByteWriter& writer, Ssrc sender, std::optional<NtpTime> reference_time,
                           std::span<const DlrrItem> dlrr) {
  const size_t size = extended_report_size(reference_time.has_value(), dlrr.size());
  if (writer.remaining() < size) {
    return false;
  }
  write_common_header(writer, 0, PacketType::kExtendedReport, size);
  writer.u32(sender.value);
  const auto block_header = [&writer](uint8_t type, size_t body) {
    writer.u8(type);
    writer.u8(0);
    writer.u16(static_cast<uint16_t>(body / 4));
  };
  if (reference_time) {
    block_header(kRrtrBlock, kReferenceTimeSize);
    writer.u64(reference_time->bits());
  }
  if (!dlrr.empty()) {
    block_header(kDlrrBlock, dlrr.size() * DlrrItem::kWireSize);
    for (const DlrrItem& item : dlrr) {
      writer.u32(item.ssrc.value);
      writer.u32(item.last_rr);
      writer.u32(item.delay_since_rr);
    }
  }
  return true;
}

}  // namespace sluice::rtcp
