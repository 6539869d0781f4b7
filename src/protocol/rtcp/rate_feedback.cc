#include "protocol/rtcp/rate_feedback.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace sluice::rtcp {
namespace {

constexpr uint32_t kRembIdentifier = 0x52454d42;  // "REMB"
/// Identifier, number of sources, exponent and mantissa.
constexpr size_t kRembFixedSize = 8;
constexpr int kRembMantissaBits = 18;
constexpr uint64_t kMaxRemb = std::numeric_limits<uint32_t>::max();

/// `mantissa << exponent`, or nothing when it has more than `bits` bits.
std::optional<uint64_t> shift(uint64_t mantissa, unsigned exponent, unsigned bits) {
  if (mantissa == 0) {
    return 0;
  }
  if (static_cast<unsigned>(std::bit_width(mantissa)) + exponent > bits) {
    return std::nullopt;
  }
  return mantissa << exponent;
}

std::optional<uint64_t> tmmb_bitrate(const uint8_t* at) {
  const uint32_t bits = load_be32(at + 4);
  return shift(bits >> 9 & 0x1ffff, bits >> 26, 64);
}

template <class T>
std::optional<T> parse_tmmb(const Frame& frame) {
  const auto header = FeedbackHeader::read(frame);
  if (!header) {
    return std::nullopt;
  }
  const Bytes fci = FeedbackHeader::fci(frame);
  if (fci.size() % TmmbItem::kWireSize != 0) {
    return std::nullopt;
  }
  for (size_t at = 0; at < fci.size(); at += TmmbItem::kWireSize) {
    if (!tmmb_bitrate(&fci[at])) {
      return std::nullopt;
    }
  }
  return T{*header, WireArray<TmmbItem>(fci)};
}

}  // namespace

std::optional<Remb> Remb::parse(const Frame& frame) {
  const auto header = FeedbackHeader::read(frame);
  if (!header) {
    return std::nullopt;
  }
  ByteReader reader(FeedbackHeader::fci(frame));
  const uint32_t identifier = reader.u32();
  const size_t sources = reader.u8();
  const uint32_t rate = reader.u24();
  if (!reader.ok() || identifier != kRembIdentifier ||
      reader.remaining() != sources * SsrcItem::kWireSize) {
    return std::nullopt;
  }
  const auto bitrate = shift(rate & 0x3ffff, rate >> kRembMantissaBits, 32);
  if (!bitrate) {
    return std::nullopt;
  }
  return Remb{*header, BitRate(*bitrate), WireArray<SsrcItem>(reader.rest())};
}

bool write_remb(ByteWriter& writer, Ssrc sender, BitRate bitrate, std::span<const Ssrc> sources) {
  if (sources.size() > std::numeric_limits<uint8_t>::max() ||
      !write_feedback_header(writer, PacketType::kPayloadFeedback,
                             static_cast<uint8_t>(PayloadFormat::kApplication), {sender, Ssrc(0)},
                             kRembFixedSize + sources.size() * 4)) {
    return false;
  }
  const uint64_t rate = std::min(bitrate.value, kMaxRemb);
  const int exponent = std::max(0, static_cast<int>(std::bit_width(rate)) - kRembMantissaBits);
  writer.u32(kRembIdentifier);
  writer.u8(static_cast<uint8_t>(sources.size()));
  writer.u24(static_cast<uint32_t>(exponent) << kRembMantissaBits |
             static_cast<uint32_t>(rate >> exponent));
  for (const Ssrc source : sources) {
    writer.u32(source.value);
  }
  return true;
}

TmmbItem TmmbItem::read(const uint8_t* at) {
  return {.ssrc = Ssrc(load_be32(at)),
          // `parse` has refused rates that do not fit.
          .bitrate = BitRate(tmmb_bitrate(at).value_or(0)),
          .overhead = static_cast<uint16_t>(load_be16(at + 6) & 0x1ff)};
}

std::optional<Tmmbr> Tmmbr::parse(const Frame& frame) {
  const auto tmmbr = parse_tmmb<Tmmbr>(frame);
  return tmmbr && !tmmbr->items.empty() ? tmmbr : std::nullopt;
}

std::optional<Tmmbn> Tmmbn::parse(const Frame& frame) {
  return parse_tmmb<Tmmbn>(frame);
}

std::optional<EcnFeedback> EcnFeedback::parse(const Frame& frame) {
  const auto header = FeedbackHeader::read(frame);
  if (!header || FeedbackHeader::fci(frame).size() != kFciSize) {
    return std::nullopt;
  }
  ByteReader reader(FeedbackHeader::fci(frame));
  EcnFeedback ecn{.header = *header};
  ecn.extended_highest = reader.u32();
  ecn.ect0 = reader.u32();
  ecn.ect1 = reader.u32();
  ecn.congestion_experienced = reader.u16();
  ecn.not_ect = reader.u16();
  ecn.lost = reader.u16();
  ecn.duplicated = reader.u16();
  return ecn;
}

}  // namespace sluice::rtcp
