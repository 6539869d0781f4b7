// What a loop knows of a received media packet once it is parsed, stored in the packet buffer's
// metadata. Written by the loop that received it, read-only from the moment it is given to
// consumers, so that other loops may read it too.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/types.h"
#include "net/packet.h"
#include "protocol/codecs/payload.h"
#include "protocol/rtp/header_template.h"

namespace sluice::media {

struct MediaPacket {
  uint64_t producer = 0;  ///< handle
  Micros arrival{0};
  rtp::HeaderTemplate header;
  uint16_t header_offset = 0;  ///< of the template's bytes in the buffer
  uint16_t payload_offset = 0;
  uint16_t payload_size = 0;
  SeqNum sequence_number;
  Timestamp timestamp;
  PayloadType payload_type;  ///< of the router
  uint8_t stream = 0;        ///< index of the producer's encoding
  /// Changes when the stream goes on with another SSRC: numbers and times have another base then,
  /// and what follows depends on nothing that was sent before.
  uint8_t source = 0;
  bool marker = false;
  /// The source's numbering started over with this packet (media-plane 5.8).
  bool restarted = false;
  codecs::PayloadInfo payload;
};

static_assert(std::is_trivially_copyable_v<MediaPacket>);

}  // namespace sluice::media
