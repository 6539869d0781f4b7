// A received packet on its way to the consumers of one loop, and the time at which it goes.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "media/media_packet.h"
#include "net/packet.h"
#include "protocol/rtp/extension_values.h"

namespace sluice::media {

struct ForwardedPacket {
  const net::Packet* buffer = nullptr;
  /// Its index in the fan-out's history; nothing when it is not kept there.
  std::optional<uint32_t> source;

  [[nodiscard]] const MediaPacket& media() const { return buffer->meta<MediaPacket>(); }
  [[nodiscard]] Bytes payload() const {
    return Bytes(buffer->buffer + media().payload_offset, media().payload_size);
  }
};

/// The time of a batch of outgoing packets in every form that they need.
struct SendTime {
  explicit SendTime(Micros time) : now(time), abs_send_time(rtp::to_abs_send_time(time)) {}

  Micros now;
  uint32_t abs_send_time;
};

}  // namespace sluice::media
