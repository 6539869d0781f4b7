#include "media/loop_udp_transport.h"

#include <algorithm>

#include "media/media_loop.h"
#include "protocol/rtp/packet_view.h"
#include "protocol/sctp/packet.h"

namespace sluice::media {

LoopUdpTransport::LoopUdpTransport(MediaLoop& loop, const UdpSetup& setup)
    : LoopTransport(loop, setup.handle), setup_(setup) {
  if (setup.sctp) {
    enable_sctp(*setup.sctp, [this](Bytes packet, Micros now) { send_sctp(packet, now); });
  }
  if (setup.rtcp_socket) {
    session().separate_rtcp();
  }
  if (!setup.srtp) {
    session().set_unprotected();
    if (setup.comedia) {
      session().listen();
    }
  }
}

void LoopUdpTransport::connect(const UdpRemote& remote, Micros now) {
  if (remote.keys) {
    session().set_keys(remote.keys->outbound, remote.keys->inbound);
    if (setup_.comedia) {
      session().listen();
    }
  }
  if (setup_.comedia) {
    return;
  }
  remote_ = remote.rtp;
  rtcp_remote_ = remote.rtcp;
  session().set_destination(net::Destination(*remote.rtp, setup_.socket));
  if (setup_.rtcp_socket && remote.rtcp) {
    session().separate_rtcp(net::Destination(*remote.rtcp, *setup_.rtcp_socket));
  }
  set_connected(now);
}

void LoopUdpTransport::set_connected(Micros now) {
  session().set_connected(true, now);
  if (sctp() != nullptr) {
    sctp()->set_path(true, now);
  }
}

void LoopUdpTransport::close(Micros now) {
  if (sctp() != nullptr) {
    sctp()->close(now);
  }
  loop().release_socket(setup_.socket);
  if (setup_.rtcp_socket) {
    loop().release_socket(*setup_.rtcp_socket);
  }
}

void LoopUdpTransport::on_packet(ice::PacketClass kind, net::Datagram& datagram, Micros now) {
  const bool rtcp_socket = datagram.socket == setup_.rtcp_socket;
  if (kind == ice::PacketClass::kRtp && !rtcp_socket) {
    on_rtp(datagram, now);
  } else if (kind == ice::PacketClass::kRtcp && (rtcp_socket || !setup_.rtcp_socket)) {
    on_rtcp(datagram, now);
  } else if (kind == ice::PacketClass::kSctp && !rtcp_socket && sctp() != nullptr) {
    on_sctp(datagram, now);
  } else {
    session().traffic().received.other.count(datagram.data.size(), now);
  }
}

void LoopUdpTransport::on_rtp(net::Datagram& datagram, Micros now) {
  if (!may_come_from(datagram.remote, remote_)) {
    session().traffic().received.other.count(datagram.data.size(), now);
    return;
  }
  net::PacketRef plain = session().unprotect_rtp(datagram.data, now);
  if (!plain) {
    return;
  }
  if (!remote_ && rtp::PacketView::parse(plain->data())) {
    learn_rtp(datagram, now);
  }
  session().on_rtp(std::move(plain), datagram.data.size(), now);
}

void LoopUdpTransport::on_rtcp(net::Datagram& datagram, Micros now) {
  const auto& peer = setup_.rtcp_socket ? rtcp_remote_ : remote_;
  if (!may_come_from(datagram.remote, peer)) {
    session().traffic().received.other.count(datagram.data.size(), now);
    return;
  }
  const bool unknown = !peer;
  if (!session().on_rtcp(datagram.data, now) || !unknown) {
    return;
  }
  if (setup_.rtcp_socket) {
    learn_rtcp(datagram);
  } else {
    learn_rtp(datagram, now);
  }
}

void LoopUdpTransport::on_sctp(const net::Datagram& datagram, Micros now) {
  session().traffic().received.other.count(datagram.data.size(), now);
  const bool agreed = !setup_.srtp || session().has_keys();
  if (!agreed || !may_come_from(datagram.remote, remote_)) {
    return;
  }
  if (!remote_ && sctp::PacketView::parse(datagram.data)) {
    learn_rtp(datagram, now);
  }
  sctp()->on_packet(datagram.data, now);
}

void LoopUdpTransport::send_sctp(Bytes packet, Micros now) {
  net::Destination* const to = session().destination();
  uint8_t* const out = to == nullptr ? nullptr : loop().egress().reserve(packet.size());
  if (out == nullptr) {
    return;
  }
  std::ranges::copy(packet, out);
  session().traffic().sent.other.count(packet.size(), now);
  loop().egress().queue().commit(packet.size(), *to);
}

bool LoopUdpTransport::may_come_from(const SocketAddress& source,
                                     const std::optional<SocketAddress>& peer) const {
  return peer ? *peer == source : setup_.comedia;
}

void LoopUdpTransport::learn_rtp(const net::Datagram& from, Micros now) {
  remote_ = from.remote;
  session().set_destination(net::Destination(from.remote, setup_.socket, from.local_ip));
  loop().emit(handle(), TransportEvent{RemoteLearned{.remote = from.remote, .rtcp = false}});
  set_connected(now);
}

void LoopUdpTransport::learn_rtcp(const net::Datagram& from) {
  rtcp_remote_ = from.remote;
  session().separate_rtcp(net::Destination(from.remote, *setup_.rtcp_socket, from.local_ip));
  loop().emit(handle(), TransportEvent{RemoteLearned{.remote = from.remote, .rtcp = true}});
}

}  // namespace sluice::media
