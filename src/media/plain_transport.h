// RTP over UDP without ICE and DTLS, as the control thread sees it: for other servers, recorders
// and tools (ortc-model 1.8).
#pragma once

#include <optional>

#include "base/error.h"
#include "base/signal.h"
#include "media/settings.h"
#include "media/udp_transport.h"

namespace sluice::media {

class PlainTransport final : public UdpTransport {
 public:
  using UdpTransport::rtcp_tuple;

  [[nodiscard]] bool rtcp_mux() const { return !rtcp_tuple(); }
  [[nodiscard]] bool comedia() const { return comedia_; }

  /// Tells where the other end is, and with SRTP its key; once. There is no handshake: media may
  /// flow at once. With comedia the address is ignored, and the call needed for SRTP only.
  /// Errors: TypeError for a missing or malformed address, port or key, and for what the transport
  /// has no use for (nothing changes then); Error when called again or closed.
  Result<void> connect(const PlainRemote& remote);

  // With comedia, once: the address of the other end became known.
  Signal<const ortc::TransportTuple&> on_tuple;
  Signal<const ortc::TransportTuple&> on_rtcp_tuple;

 private:
  friend class Router;

  PlainTransport(const std::shared_ptr<Router>& router, Engine& engine, unsigned loop)
      : UdpTransport(TransportType::kPlain, router, engine, loop) {}
  Result<void> start(const PlainTransportOptions& options);
  void on_event(const TransportEvent& event) override;
  void add_stats(TransportStats& stats) const override;
  void describe(boost::json::object& out) const override;

  bool comedia_ = false;
};

}  // namespace sluice::media
