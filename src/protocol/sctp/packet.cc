#include "protocol/sctp/packet.h"

#include "protocol/sctp/crc32c.h"

namespace sluice::sctp {

std::expected<PacketView, PacketError> PacketView::parse(Bytes datagram) {
  if (datagram.size() < kCommonHeaderSize + kRecordHeaderSize) {
    return std::unexpected(PacketError::kTooShort);
  }
  if (load_be32(&datagram[8]) != packet_checksum(datagram)) {
    return std::unexpected(PacketError::kBadChecksum);
  }
  RecordReader chunks(datagram.subspan(kCommonHeaderSize));
  while (chunks.next()) {
  }
  if (!chunks.ok()) {
    return std::unexpected(PacketError::kBadChunk);
  }
  return PacketView(datagram);
}

}  // namespace sluice::sctp
