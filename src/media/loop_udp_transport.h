// A plain or pipe transport on its loop: RTP and RTCP over UDP sockets of its own, with SRTP keys
// that were agreed on elsewhere, or without SRTP, and SCTP beside them (media-plane 10.1, 10.2).
//
// Packets are taken from one address only: the one given to `connect`, or with comedia the source
// of the first packet that is authentic (or, without SRTP, well-formed). Nothing is sent before
// that address is known.
#pragma once

#include <cstdint>
#include <optional>

#include "base/types.h"
#include "media/loop_setup.h"
#include "media/loop_transport.h"
#include "net/loop_handler.h"
#include "protocol/ice/demux.h"
#include "protocol/srtp/key_derivation.h"

namespace sluice::media {

/// The other end, as given to `connect`.
struct UdpRemote {
  // Nothing with comedia; the latter nothing when RTCP comes with RTP, too.
  std::optional<SocketAddress> rtp;
  std::optional<SocketAddress> rtcp;
  /// With SRTP.
  struct Keys {
    srtp::SessionKeys outbound, inbound;
  };
  std::optional<Keys> keys;
};

class LoopUdpTransport final : public LoopTransport {
 public:
  LoopUdpTransport(MediaLoop& loop, const UdpSetup& setup);

  /// A datagram that came to one of its sockets.
  void on_packet(ice::PacketClass kind, net::Datagram& datagram, Micros now);
  void connect(const UdpRemote& remote, Micros now);
  void close(Micros now) override;

 private:
  void on_rtp(net::Datagram& datagram, Micros now);
  void on_rtcp(net::Datagram& datagram, Micros now);
  void on_sctp(const net::Datagram& datagram, Micros now);
  void send_sctp(Bytes packet, Micros now);
  void set_connected(Micros now);
  /// Whether a packet from there may be the peer's; true for all before the peer is known.
  [[nodiscard]] bool may_come_from(const SocketAddress& source,
                                   const std::optional<SocketAddress>& peer) const;
  void learn_rtp(const net::Datagram& from, Micros now);
  void learn_rtcp(const net::Datagram& from);

  UdpSetup setup_;
  std::optional<SocketAddress> remote_;
  std::optional<SocketAddress> rtcp_remote_;  ///< when RTCP has a socket of its own
};

}  // namespace sluice::media
