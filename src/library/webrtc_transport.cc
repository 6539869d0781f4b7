#include "sluice/webrtc_transport.h"

#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "media/webrtc_transport.h"
#include "protocol/ortc/json.h"

namespace sluice {
namespace {

media::WebRtcTransport& webrtc(const WebRtcTransport& transport) {
  return object_as<media::WebRtcTransport>(transport);
}

}  // namespace

WebRtcTransport::WebRtcTransport(const Transport& transport)
    : Transport(transport && transport.type() == TransportType::kWebRtc ? transport : Transport()) {
}

boost::json::object WebRtcTransport::client_parameters() const {
  boost::json::object parameters{{"id", id()},
                                 {"iceParameters", ice_parameters()},
                                 {"iceCandidates", ice_candidates()},
                                 {"dtlsParameters", dtls_parameters()}};
  if (auto sctp = sctp_parameters(); !sctp.is_null()) {
    parameters["sctpParameters"] = std::move(sctp);
  }
  return parameters;
}

boost::json::value WebRtcTransport::ice_parameters() const {
  return ortc::to_json(webrtc(*this).ice_parameters());
}

boost::json::array WebRtcTransport::ice_candidates() const {
  boost::json::array candidates;
  for (const ortc::IceCandidate& candidate : webrtc(*this).ice_candidates()) {
    candidates.push_back(ortc::to_json(candidate));
  }
  return candidates;
}

boost::json::value WebRtcTransport::dtls_parameters() const {
  return ortc::to_json(webrtc(*this).dtls_parameters());
}

IceState WebRtcTransport::ice_state() const {
  return same<IceState>(webrtc(*this).ice_state());
}

DtlsState WebRtcTransport::dtls_state() const {
  return same<DtlsState>(webrtc(*this).dtls_state());
}

const std::string& WebRtcTransport::dtls_remote_certificate() const {
  return webrtc(*this).dtls_remote_certificate();
}

std::optional<TransportTuple> WebRtcTransport::ice_selected_tuple() const {
  return to_public(webrtc(*this).ice_selected_tuple());
}

const std::string& WebRtcTransport::failure_reason() const {
  return webrtc(*this).failure_reason();
}

Result<void> WebRtcTransport::connect(const boost::json::value& dtls_parameters) const {
  return request(*this, [&](media::Transport& /*transport*/) -> Result<void> {
    const auto remote = ortc::parse_dtls_parameters(given(dtls_parameters));
    if (!remote) {
      return std::unexpected(remote.error());
    }
    return webrtc(*this).connect(*remote);
  });
}

Result<boost::json::value> WebRtcTransport::restart_ice() const {
  return request(*this, [&](media::Transport& /*transport*/) -> Result<boost::json::value> {
    const auto fresh = webrtc(*this).restart_ice();
    if (!fresh) {
      return std::unexpected(fresh.error());
    }
    return ortc::to_json(*fresh);
  });
}

Connection WebRtcTransport::on_ice_state(std::function<void(IceState)> listener) const {
  return listen(
      *this, webrtc(*this).on_ice_state,
      [listener = std::move(listener)](media::IceState state) { listener(same<IceState>(state)); });
}

Connection WebRtcTransport::on_dtls_state(std::function<void(DtlsState)> listener) const {
  return listen(*this, webrtc(*this).on_dtls_state,
                [listener = std::move(listener)](media::DtlsState state) {
                  listener(same<DtlsState>(state));
                });
}

Connection WebRtcTransport::on_ice_selected_tuple(
    std::function<void(const TransportTuple&)> listener) const {
  return listen(*this, webrtc(*this).on_ice_selected_tuple,
                [listener = std::move(listener)](const ortc::TransportTuple& tuple) {
                  listener(to_public(tuple));
                });
}

}  // namespace sluice
