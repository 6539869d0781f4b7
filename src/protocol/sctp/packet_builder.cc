#include "protocol/sctp/packet_builder.h"

#include <algorithm>

#include "protocol/sctp/crc32c.h"

namespace sluice::sctp {

PacketBuilder::PacketBuilder(MutableBytes buffer, uint32_t verification_tag)
    // Chunks are padded, so an odd rest of the buffer is of no use.
    : buffer_(buffer.first(buffer.size() & ~size_t{3})) {
  store_be16(buffer_.data(), kPort);
  store_be16(&buffer_[2], kPort);
  store_be32(&buffer_[4], verification_tag);
}

size_t PacketBuilder::room() const {
  const size_t left = buffer_.size() - size_;
  return left < kRecordHeaderSize ? 0 : left - kRecordHeaderSize;
}

MutableBytes PacketBuilder::add(uint8_t type, uint8_t flags, size_t size) {
  const MutableBytes chunk = buffer_.subspan(size_, kRecordHeaderSize + padded(size));
  size_ += chunk.size();
  chunk[0] = type;
  chunk[1] = flags;
  store_be16(&chunk[2], static_cast<uint16_t>(kRecordHeaderSize + size));
  std::ranges::fill(chunk.subspan(kRecordHeaderSize + size), uint8_t{0});
  return chunk.subspan(kRecordHeaderSize, size);
}

bool PacketBuilder::add(uint8_t type, uint8_t flags, Bytes value) {
  if (!fits(value.size())) {
    return false;
  }
  std::ranges::copy(value, add(type, flags, value.size()).begin());
  return true;
}

Bytes PacketBuilder::finish() {
  const MutableBytes packet = buffer_.first(size_);
  store_be32(&packet[8], packet_checksum(packet));
  return packet;
}

}  // namespace sluice::sctp
