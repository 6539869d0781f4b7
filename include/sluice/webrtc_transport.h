// A WebRTC endpoint of a router: ICE-lite over UDP and TCP, and DTLS.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <optional>
#include <string>

#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/transport.h"
#include "sluice/types.h"

namespace sluice {

class WebRtcTransport : public Transport {
 public:
  WebRtcTransport() = default;
  /// The transport as what it is; refers to nothing when it is of another kind.
  explicit WebRtcTransport(const Transport& transport);

  /// `{id, iceParameters, iceCandidates, dtlsParameters, sctpParameters}`, the last one with SCTP
  /// only: what mediasoup-client's `createSendTransport` and `createRecvTransport` take.
  [[nodiscard]] boost::json::object client_parameters() const;

  [[nodiscard]] boost::json::value ice_parameters() const;
  [[nodiscard]] boost::json::array ice_candidates() const;
  [[nodiscard]] boost::json::value dtls_parameters() const;
  [[nodiscard]] IceState ice_state() const;
  [[nodiscard]] DtlsState dtls_state() const;
  /// The peer's certificate as PEM text; empty until DTLS is connected.
  [[nodiscard]] const std::string& dtls_remote_certificate() const;
  /// Nothing before ICE is connected.
  [[nodiscard]] std::optional<TransportTuple> ice_selected_tuple() const;
  /// Why ICE or DTLS failed, in words for a person; empty while all is well.
  [[nodiscard]] const std::string& failure_reason() const;

  /// Takes the DtlsParameters of the peer, once; returns before the handshake. Errors: TypeError
  /// for malformed parameters (nothing changes then); Error when called again or closed.
  Result<void> connect(const boost::json::value& dtls_parameters) const;

  /// New IceParameters; the old ones hold until the peer uses the new ones. Error: closed.
  [[nodiscard]] Result<boost::json::value> restart_ice() const;

  Connection on_ice_state(std::function<void(IceState)> listener) const;
  Connection on_dtls_state(std::function<void(DtlsState)> listener) const;
  Connection on_ice_selected_tuple(std::function<void(const TransportTuple&)> listener) const;
};

}  // namespace sluice
