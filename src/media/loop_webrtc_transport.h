// One WebRTC transport on its loop: ICE and DTLS of a peer, which decide where and with what keys
// its RtpSession sends and whose packets that gets (media-plane 1 to 3).
//
// Owned by a MediaLoop and used on that loop only. What the peer may send is decided in order:
// known tuple, DTLS connected, authentic, known producer; the latter two in the session.
#pragma once

#include <cstdint>
#include <vector>

#include "base/types.h"
#include "media/loop_setup.h"
#include "media/loop_transport.h"
#include "net/timer_wheel.h"
#include "protocol/dtls/session.h"
#include "protocol/ice/agent.h"
#include "protocol/ice/demux.h"

namespace sluice::media {

class LoopWebRtcTransport final : public LoopTransport {
 public:
  /// `index` names it in the loop's table of tuples.
  LoopWebRtcTransport(MediaLoop& loop, uint32_t index, const WebRtcSetup& setup);

  // What comes in.
  void on_stun(const stun::Message& message, const ice::Tuple& from, size_t size, Micros now);
  /// Anything but STUN, from a tuple that is registered for this transport.
  void on_packet(ice::PacketClass kind, MutableBytes packet, const ice::Tuple& from, Micros now);
  void on_tcp_closed(const ice::Tuple& tuple, Micros now);

  // Commands.
  void connect(dtls::Role remote_role, const std::vector<dtls::Fingerprint>& fingerprints,
               Micros now);
  void restart_ice(const ice::Credentials& fresh, Micros now);
  /// Says goodbye to the peer.
  void close(Micros now) override;

  [[nodiscard]] uint32_t index() const { return index_; }

 private:
  void add_stats(TransportStats& stats) const override;
  void on_dtls(Bytes packet, const ice::Tuple& from, Micros now);
  void latch(const ice::Tuple& from, Micros now);
  void on_timeout(Micros now);

  /// Takes what the ICE agent and the DTLS session have to say.
  void pump(Micros now);
  void on_ice_event(const ice::Event& event, Micros now);
  void on_dtls_event(const dtls::Event& event, Micros now);
  void install_keys(const dtls::SrtpKeys& keys);
  void select(const ice::Tuple& tuple);
  void update_connected(Micros now);
  void send_sctp(Bytes packet, Micros now);
  void send_dtls(Micros now);
  void send_to_tuple(Bytes packet, const ice::Tuple& to, Micros now);
  void reschedule();

  uint32_t index_;
  ice::Agent agent_;
  dtls::Session dtls_;
  net::Timer timer_;
};

}  // namespace sluice::media
