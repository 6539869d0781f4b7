// A received SCTP packet as a checked view (RFC 9260 section 3).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "base/bytes.h"
#include "protocol/sctp/record_reader.h"

namespace sluice::sctp {

enum class PacketError : uint8_t {
  kTooShort,     ///< no common header, or no chunk
  kBadChecksum,  ///< CRC32c does not match
  kBadChunk,     ///< a chunk length below 4 or beyond the end
};

struct ChunkView {
  uint8_t type = 0;
  uint8_t flags = 0;
  Bytes value;  ///< without header and padding
  Bytes whole;  ///< with header, without padding
};

/// Walks over the chunks of a packet that was parsed.
class ChunkReader {
 public:
  explicit ChunkReader(Bytes chunks) : records_(chunks) {}

  std::optional<ChunkView> next() {
    const std::optional<Record> record = records_.next();
    if (!record) {
      return std::nullopt;
    }
    return ChunkView{.type = static_cast<uint8_t>(record->head >> 8),
                     .flags = static_cast<uint8_t>(record->head),
                     .value = record->value,
                     .whole = record->whole};
  }

 private:
  RecordReader records_;
};

class PacketView {
 public:
  /// Checks the common header, the checksum and the framing of all chunks (there is at least one),
  /// so that a bad packet is refused before anything of it has an effect.
  static std::expected<PacketView, PacketError> parse(Bytes datagram);

  [[nodiscard]] uint16_t source_port() const { return load_be16(datagram_.data()); }
  [[nodiscard]] uint16_t destination_port() const { return load_be16(&datagram_[2]); }
  [[nodiscard]] uint32_t verification_tag() const { return load_be32(&datagram_[4]); }
  [[nodiscard]] ChunkReader chunks() const {
    return ChunkReader(datagram_.subspan(kCommonHeaderSize));
  }

 private:
  explicit PacketView(Bytes datagram) : datagram_(datagram) {}

  Bytes datagram_;
};

}  // namespace sluice::sctp
