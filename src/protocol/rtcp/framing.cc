#include "protocol/rtcp/framing.h"

namespace sluice::rtcp {
namespace {

constexpr uint8_t kVersion = 2;

/// Takes the padding off `frame.body`. The last byte counts all padding including itself.
bool strip_padding(Frame& frame, bool last) {
  if (!frame.padded) {
    return true;
  }
  // RFC 3550 has padding only at the end of a compound. Senders in the field put several
  // transport-cc messages into one datagram and pad each of them; those are taken as they are.
  if (!last && !frame.is(TransportFormat::kTransportCc)) {
    return false;
  }
  if (frame.body.empty()) {
    return false;
  }
  const size_t padding = frame.body.back();
  if (padding == 0 || padding > frame.body.size()) {
    return false;
  }
  frame.body = frame.body.first(frame.body.size() - padding);
  return true;
}

}  // namespace

std::optional<Frame> CompoundWalker::next() {
  while (!rest_.empty() && !broken_) {
    if (rest_.size() < kCommonHeaderSize || rest_[0] >> 6 != kVersion) {
      broken_ = true;
      break;
    }
    const size_t size = (size_t{load_be16(&rest_[2])} + 1) * 4;
    if (size > rest_.size()) {
      broken_ = true;
      break;
    }
    Frame frame{.type = static_cast<PacketType>(rest_[1]),
                .count = static_cast<uint8_t>(rest_[0] & 0x1f),
                .padded = (rest_[0] & 0x20) != 0,
                .body = rest_.subspan(kCommonHeaderSize, size - kCommonHeaderSize)};
    rest_ = rest_.subspan(size);
    if (strip_padding(frame, rest_.empty())) {
      return frame;
    }
    ++skipped_;
  }
  return std::nullopt;
}

void write_common_header(ByteWriter& writer, uint8_t count, PacketType type, size_t size,
                         bool padded) {
  writer.u8(static_cast<uint8_t>(kVersion << 6 | (padded ? 0x20 : 0) | (count & 0x1f)));
  writer.u8(static_cast<uint8_t>(type));
  writer.u16(static_cast<uint16_t>(size / 4 - 1));
}

std::optional<FeedbackHeader> FeedbackHeader::read(const Frame& frame) {
  if (frame.body.size() < kFeedbackHeaderSize - kCommonHeaderSize) {
    return std::nullopt;
  }
  return FeedbackHeader{Ssrc(load_be32(&frame.body[0])), Ssrc(load_be32(&frame.body[4]))};
}

bool write_feedback_header(ByteWriter& writer, PacketType type, uint8_t format,
                           FeedbackHeader header, size_t fci_size) {
  const size_t size = kFeedbackHeaderSize + fci_size;
  if (writer.remaining() < size) {
    return false;
  }
  write_common_header(writer, format, type, size);
  writer.u32(header.sender.value);
  writer.u32(header.media.value);
  return true;
}

}  // namespace sluice::rtcp
