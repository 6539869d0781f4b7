#include "media/direct_transport.h"

#include "base/log.h"
#include "media/consumer.h"
#include "media/media_loop.h"

namespace sluice::media {

Result<void> DirectTransport::start(const DirectTransportOptions& options) {
  set_max_message_size(options.max_message_size);
  enter_loop();
  loops().post(loop(), [handle = handle()](MediaLoop& loop) {
    loop.add_transport(DirectSetup{.handle = handle});
  });
  return {};
}

Result<void> DirectTransport::connect() {
  if (closed()) {
    return std::unexpected(closed_error());
  }
  return {};
}

Result<void> DirectTransport::send_rtcp(Bytes packet) {
  return inject(packet);
}

Result<void> DirectTransport::inject(Bytes packet) {
  if (closed()) {
    return std::unexpected(closed_error());
  }
  if (packet.size() > kMaxPacketSize) {
    logger("rtp")->warn("a packet of the application was dropped transport={} size={} limit={}",
                        id(), packet.size(), kMaxPacketSize);
    return {};
  }
  loops().post(loop(), [handle = handle(), bytes = std::vector(packet.begin(), packet.end())](
                           MediaLoop& loop) { loop.inject(handle, bytes); });
  return {};
}

Result<void> DirectTransport::set_bitrate_limits(const BitrateLimits& /*limits*/) {
  if (closed()) {
    return std::unexpected(closed_error());
  }
  return unsupported_error("a direct transport has no bit rate limits");
}

void DirectTransport::on_event(const TransportEvent& event) {
  const auto* delivered = std::get_if<DirectPackets>(&event);
  if (delivered == nullptr) {
    Transport::on_event(event);
    return;
  }
  const auto self = shared_from_this();
  for (const DirectPackets::Packet& packet : delivered->packets) {
    if (closed()) {
      return;
    }
    if (packet.consumer == 0) {
      on_rtcp.emit(packet.bytes);
    } else if (const auto consumer = find_consumer(packet.consumer)) {
      consumer->on_rtp.emit(packet.bytes);
    }
  }
  loops().post(loop(), [handle = handle()](MediaLoop& loop) { loop.direct_taken(handle); });
}

}  // namespace sluice::media
