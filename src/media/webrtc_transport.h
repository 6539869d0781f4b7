// A WebRTC endpoint of a router, as the control thread sees it: ICE and DTLS (ortc-model 1.7).
#pragma once

#include <boost/json/fwd.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/signal.h"
#include "media/events.h"
#include "media/settings.h"
#include "media/transport.h"
#include "protocol/ortc/transport_parameters.h"

namespace sluice::media {

class WebRtcTransport final : public Transport {
 public:
  [[nodiscard]] const ortc::IceParameters& ice_parameters() const { return ice_parameters_; }
  [[nodiscard]] const std::vector<ortc::IceCandidate>& ice_candidates() const {
    return ice_candidates_;
  }
  [[nodiscard]] const ortc::DtlsParameters& dtls_parameters() const { return dtls_parameters_; }
  [[nodiscard]] IceState ice_state() const { return ice_state_; }
  [[nodiscard]] DtlsState dtls_state() const { return dtls_state_; }
  [[nodiscard]] const std::optional<ortc::TransportTuple>& ice_selected_tuple() const {
    return ice_selected_tuple_;
  }
  /// The peer's certificate as PEM text; empty until DTLS is connected.
  [[nodiscard]] const std::string& dtls_remote_certificate() const {
    return dtls_remote_certificate_;
  }
  /// Why ICE or DTLS failed, in words for a person; empty while all is well.
  [[nodiscard]] const std::string& failure_reason() const { return failure_reason_; }

  /// Gives the remote DTLS parameters; once. Does not wait for the handshake.
  /// Errors: TypeError for missing or malformed fingerprints or roles (nothing changes then), Error
  /// when called again or closed.
  Result<void> connect(const ortc::DtlsParameters& remote);

  /// New ICE credentials; the old ones stay valid until the first check with the new ones.
  Result<ortc::IceParameters> restart_ice();

  Signal<IceState> on_ice_state;
  Signal<DtlsState> on_dtls_state;
  Signal<const ortc::TransportTuple&> on_ice_selected_tuple;

 private:
  friend class Router;

  WebRtcTransport(const std::shared_ptr<Router>& router, Engine& engine, unsigned loop);
  Result<void> start(const WebRtcTransportOptions& options);
  void on_event(const TransportEvent& event) override;
  void on_ended() override;
  void describe(boost::json::object& out) const override;

  bool connected_called_ = false;
  ortc::IceParameters ice_parameters_;
  std::vector<ortc::IceCandidate> ice_candidates_;
  ortc::DtlsParameters dtls_parameters_;
  IceState ice_state_ = IceState::kNew;
  DtlsState dtls_state_ = DtlsState::kNew;
  std::optional<ortc::TransportTuple> ice_selected_tuple_;
  std::string dtls_remote_certificate_;
  std::string failure_reason_;
};

}  // namespace sluice::media
