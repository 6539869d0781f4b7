#include "protocol/rtcp/picture_feedback.h"

namespace sluice::rtcp {
namespace {

/// A feedback message that is a list of at least one item of fixed size.
template <class T, class Item>
std::optional<T> parse_list(const Frame& frame) {
  const auto header = FeedbackHeader::read(frame);
  if (!header) {
    return std::nullopt;
  }
  const Bytes fci = FeedbackHeader::fci(frame);
  if (fci.empty() || fci.size() % Item::kWireSize != 0) {
    return std::nullopt;
  }
  return T{*header, WireArray<Item>(fci)};
}

}  // namespace

std::optional<Pli> Pli::parse(const Frame& frame) {
  const auto header = FeedbackHeader::read(frame);
  return header ? std::optional(Pli{*header}) : std::nullopt;
}

SliItem SliItem::read(const uint8_t* at) {
  const uint32_t bits = load_be32(at);
  return {.first = static_cast<uint16_t>(bits >> 19),
          .number = static_cast<uint16_t>(bits >> 6 & 0x1fff),
          .picture_id = static_cast<uint8_t>(bits & 0x3f)};
}

std::optional<Sli> Sli::parse(const Frame& frame) {
  return parse_list<Sli, SliItem>(frame);
}

std::optional<Rpsi> Rpsi::parse(const Frame& frame) {
  const auto header = FeedbackHeader::read(frame);
  if (!header) {
    return std::nullopt;
  }
  ByteReader reader(FeedbackHeader::fci(frame));
  const uint8_t padding_bits = reader.u8();
  const PayloadType payload_type(reader.u8() & 0x7f);
  if (!reader.ok() || padding_bits % 8 != 0 || padding_bits / 8u > reader.remaining()) {
    return std::nullopt;
  }
  return Rpsi{*header, payload_type, reader.bytes(reader.remaining() - padding_bits / 8u)};
}

std::optional<Fir> Fir::parse(const Frame& frame) {
  return parse_list<Fir, FirItem>(frame);
}

TstItem TstItem::read(const uint8_t* at) {
  return {
      .ssrc = Ssrc(load_be32(at)), .sequence = at[4], .index = static_cast<uint8_t>(at[7] & 0x1f)};
}

std::optional<Tstr> Tstr::parse(const Frame& frame) {
  return parse_list<Tstr, TstItem>(frame);
}

std::optional<Tstn> Tstn::parse(const Frame& frame) {
  return parse_list<Tstn, TstItem>(frame);
}

std::optional<VbcmItem> Vbcm::read_item(ByteReader& reader) {
  if (reader.remaining() == 0) {
    return std::nullopt;
  }
  VbcmItem item;
  item.ssrc = Ssrc(reader.u32());
  item.sequence = reader.u8();
  item.payload_type = PayloadType(reader.u8() & 0x7f);
  const uint16_t length = reader.u16();
  item.octets = reader.bytes(length);
  reader.skip(size_t{3} & (4 - length % 4u));
  return reader.ok() ? std::optional(item) : std::nullopt;
}

std::optional<Vbcm> Vbcm::parse(const Frame& frame) {
  const auto header = FeedbackHeader::read(frame);
  if (!header) {
    return std::nullopt;
  }
  Vbcm vbcm;
  vbcm.header_ = *header;
  vbcm.items_ = FeedbackHeader::fci(frame);
  ByteReader reader(vbcm.items_);
  size_t count = 0;
  while (read_item(reader)) {
    ++count;
  }
  return count > 0 && reader.ok() ? std::optional(vbcm) : std::nullopt;
}

std::optional<Pslei> Pslei::parse(const Frame& frame) {
  return parse_list<Pslei, SsrcItem>(frame);
}

bool write_pli(ByteWriter& writer, FeedbackHeader header) {
  return write_feedback_header(writer, PacketType::kPayloadFeedback,
                               static_cast<uint8_t>(PayloadFormat::kPli), header, 0);
}

bool write_fir(ByteWriter& writer, FeedbackHeader header, std::span<const FirItem> items) {
  if (!write_feedback_header(writer, PacketType::kPayloadFeedback,
                             static_cast<uint8_t>(PayloadFormat::kFir), header,
                             items.size() * FirItem::kWireSize)) {
    return false;
  }
  for (const FirItem& item : items) {
    writer.u32(item.ssrc.value);
    writer.u8(item.sequence);
    writer.u24(0);
  }
  return true;
}

}  // namespace sluice::rtcp
