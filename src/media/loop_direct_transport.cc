#include "media/loop_direct_transport.h"

#include <utility>
#include <vector>

#include "media/media_loop.h"
#include "protocol/ice/demux.h"

namespace sluice::media {
namespace {

// Half a second of a few video streams.
constexpr size_t kMaxWaiting = 2048;

}  // namespace

LoopDirectTransport::LoopDirectTransport(MediaLoop& loop, const DirectSetup& setup)
    : LoopTransport(loop, setup.handle) {
  session().set_unprotected();
  session().set_destination(net::Destination(SocketAddress{}, net::kNoSocket));
  session().set_connected(true, loop.now());
}

void LoopDirectTransport::on_packet(Bytes packet, Micros now) {
  switch (ice::classify(packet)) {
    case ice::PacketClass::kRtp:
      if (net::PacketRef plain = session().unprotect_rtp(packet, now)) {
        session().on_rtp(std::move(plain), packet.size(), now);
      }
      break;
    case ice::PacketClass::kRtcp: {
      std::vector<uint8_t> writable(packet.begin(), packet.end());
      session().on_rtcp(writable, now);
      break;
    }
    default:
      break;
  }
}

void LoopDirectTransport::deliver() {
  net::SendQueue& queue = loop().egress().queue();
  net::Destination* const to = session().destination();
  while (to->has_pending()) {
    const net::SendQueue::Entry& entry = queue.entry(to->first_entry());
    const Bytes packet(entry.data, entry.size);
    const bool rtcp = ice::classify(packet) == ice::PacketClass::kRtcp;
    const Handle consumer = rtcp ? Handle{0} : consumer_of(packet);
    if ((rtcp || consumer != 0) && waiting_.packets.size() < kMaxWaiting) {
      waiting_.packets.push_back({consumer, {packet.begin(), packet.end()}});
    }
    queue.pop(*to, 1);
  }
  if (!waiting_.packets.empty() && !delivery_open_) {
    delivery_open_ = true;
    loop().emit(handle(), TransportEvent{std::exchange(waiting_, {})});
  }
}

Handle LoopDirectTransport::consumer_of(Bytes packet) {
  const Ssrc ssrc{load_be32(&packet[8])};
  if (const LoopConsumer* const consumer = session().consumer_by_ssrc(ssrc)) {
    return consumer->setup().handle;
  }
  for (const auto& [handle, consumer] : session().consumers()) {
    if (consumer->setup().rtx_ssrc == ssrc.value) {
      return handle;
    }
  }
  return 0;
}

void LoopDirectTransport::close(Micros /*now*/) {
  loop().release_direct(*this);
}

}  // namespace sluice::media
