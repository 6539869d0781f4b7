#include "protocol/rtcp/nack.h"

namespace sluice::rtcp {
namespace {

/// Packets after `first` that the bit mask reaches.
constexpr uint16_t kMaskReach = 16;

/// The item for the head of `lost`, and in `taken` how many packets it names.
NackItem pack(std::span<const SeqNum> lost, size_t& taken) {
  NackItem item{.first = lost[0], .following = 0};
  taken = 1;
  for (; taken < lost.size(); ++taken) {
    const auto distance = static_cast<uint16_t>(lost[taken].value - item.first.value);
    if (distance == 0 || distance > kMaskReach) {
      break;
    }
    item.following = static_cast<uint16_t>(item.following | 1u << (distance - 1));
  }
  return item;
}

template <class T>
std::optional<T> parse_items(const Frame& frame) {
  const auto header = FeedbackHeader::read(frame);
  if (!header || FeedbackHeader::fci(frame).size() % NackItem::kWireSize != 0) {
    return std::nullopt;
  }
  return T{*header, WireArray<NackItem>(FeedbackHeader::fci(frame))};
}

}  // namespace

std::optional<Nack> Nack::parse(const Frame& frame) {
  return parse_items<Nack>(frame);
}

std::optional<Tllei> Tllei::parse(const Frame& frame) {
  return parse_items<Tllei>(frame);
}

size_t write_nack(ByteWriter& writer, FeedbackHeader header, std::span<const SeqNum> lost) {
  if (writer.remaining() < kFeedbackHeaderSize + NackItem::kWireSize) {
    return 0;
  }
  const size_t room = (writer.remaining() - kFeedbackHeaderSize) / NackItem::kWireSize;
  // The length stands in front of the items, so they are counted first.
  size_t items = 0;
  size_t named = 0;
  size_t taken = 0;
  while (items < room && named < lost.size()) {
    pack(lost.subspan(named), taken);
    named += taken;
    ++items;
  }
  if (items == 0) {
    return 0;
  }
  write_feedback_header(writer, PacketType::kTransportFeedback,
                        static_cast<uint8_t>(TransportFormat::kNack), header,
                        items * NackItem::kWireSize);
  for (size_t at = 0; at < named; at += taken) {
    const NackItem item = pack(lost.subspan(at, named - at), taken);
    writer.u16(item.first.value);
    writer.u16(item.following);
  }
  return named;
}

}  // namespace sluice::rtcp
