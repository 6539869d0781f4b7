#include "media/webrtc_transport.h"

#include <algorithm>

#include "media/engine.h"
#include "media/media_loop.h"
#include "net/local_addresses.h"
#include "protocol/dtls/fingerprint.h"
#include "protocol/ice/candidate.h"
#include "protocol/ice/credentials.h"

namespace sluice::media {
namespace {

ortc::IceCandidate to_ortc(const ice::Candidate& candidate) {
  return {.foundation = candidate.foundation,
          .priority = candidate.priority,
          .address = candidate.address,
          .protocol = candidate.protocol == ice::Protocol::kUdp ? ortc::TransportProtocol::kUdp
                                                                : ortc::TransportProtocol::kTcp,
          .port = candidate.port};
}

/// Where a peer may reach a socket that listens on all addresses.
std::vector<std::string> own_addresses() {
  std::vector<std::string> texts;
  for (const IpAddress& address : net::local_addresses()) {
    texts.push_back(address.to_string());
  }
  if (texts.empty()) {
    texts = {"127.0.0.1", "::1"};
  }
  return texts;
}

/// The loop's sockets as this transport shows them. Where no address is announced, there is one
/// entry for each address that the caller named; if it named none, a socket that listens on all
/// addresses shows the machine's.
std::vector<ice::ListenEntry> visible_entries(const std::vector<ice::ListenEntry>& bound,
                                              const std::vector<std::string>& addresses) {
  std::vector<ice::ListenEntry> entries;
  for (const ice::ListenEntry& entry : bound) {
    const bool choose = addresses.empty() && entry.bound.ip.is_any();
    if (!entry.announced_address.empty() || (addresses.empty() && !choose)) {
      entries.push_back(entry);
      continue;
    }
    for (const std::string& address : choose ? own_addresses() : addresses) {
      // A host name may stand for either family; a literal must be of the socket's.
      const auto literal = IpAddress::parse(address);
      if (literal && literal->is_v4() != entry.bound.ip.is_v4()) {
        continue;
      }
      if (!entry.bound.ip.is_any() && literal && *literal != entry.bound.ip) {
        continue;
      }
      ice::ListenEntry shown = entry;
      shown.announced_address = address;
      entries.push_back(std::move(shown));
    }
  }
  return entries.empty() ? bound : entries;
}

}  // namespace

WebRtcTransport::WebRtcTransport(const std::shared_ptr<Router>& router, Engine& engine,
                                 unsigned loop)
    : Transport(TransportType::kWebRtc, router, engine, loop) {}

Result<void> WebRtcTransport::start(const WebRtcTransportOptions& options) {
  const auto entries = visible_entries(loops().listen_entries(loop()), options.candidate_addresses);
  const auto candidates = ice::make_candidates(entries, {.enable_udp = options.enable_udp,
                                                         .enable_tcp = options.enable_tcp,
                                                         .prefer_udp = options.prefer_udp,
                                                         .prefer_tcp = options.prefer_tcp});
  if (!candidates) {
    return std::unexpected(candidates.error());
  }
  std::ranges::transform(*candidates, std::back_inserter(ice_candidates_), to_ortc);
  WebRtcSetup setup;
  setup.handle = handle();
  setup.credentials = ice::Credentials::generate();
  setup.consent_timeout = options.ice_consent_timeout;
  setup.initial_outgoing = BitRate{options.initial_outgoing_bitrate};
  if (options.sctp) {
    auto sctp = enable_sctp(*options.sctp, /*data_channels=*/true);
    if (!sctp) {
      return std::unexpected(sctp.error());
    }
    setup.sctp = *sctp;
  }
  ice_parameters_ = {.username_fragment = setup.credentials.ufrag,
                     .password = setup.credentials.password};
  dtls_parameters_ = loops().dtls_parameters();
  enter_loop();
  loops().post(loop(), [setup](MediaLoop& loop) { loop.add_transport(setup); });
  return {};
}

Result<void> WebRtcTransport::connect(const ortc::DtlsParameters& remote) {
  if (closed()) {
    return std::unexpected(closed_error());
  }
  if (connected_called_) {
    return generic_error("connect() was already called on transport " + id());
  }
  if (remote.fingerprints.empty()) {
    return type_error("dtlsParameters.fingerprints is empty, expected at least one fingerprint");
  }
  std::vector<dtls::Fingerprint> fingerprints;
  for (const ortc::DtlsFingerprint& fingerprint : remote.fingerprints) {
    auto parsed = dtls::Fingerprint::parse(
        ortc::kFingerprintAlgorithmNames[static_cast<size_t>(fingerprint.algorithm)],
        fingerprint.value);
    if (!parsed) {
      return std::unexpected(parsed.error());
    }
    fingerprints.push_back(std::move(*parsed));
  }
  connected_called_ = true;
  dtls_parameters_.role = ortc::local_dtls_role(remote.role);
  const auto role = static_cast<dtls::Role>(remote.role);
  loops().post(loop(), [handle = handle(), role, fingerprints](MediaLoop& loop) {
    loop.connect_transport(handle, role, fingerprints);
  });
  return {};
}

Result<ortc::IceParameters> WebRtcTransport::restart_ice() {
  if (closed()) {
    return std::unexpected(closed_error());
  }
  const ice::Credentials fresh = ice::Credentials::generate();
  ice_parameters_.username_fragment = fresh.ufrag;
  ice_parameters_.password = fresh.password;
  loops().post(loop(),
               [handle = handle(), fresh](MediaLoop& loop) { loop.restart_ice(handle, fresh); });
  return ice_parameters_;
}

void WebRtcTransport::on_event(const TransportEvent& event) {
  if (const auto* ice = std::get_if<IceStateChanged>(&event)) {
    ice_state_ = ice->state;
    if (ice->state == IceState::kDisconnected) {
      failure_reason_ =
          "no ICE check came from the peer for the consent time; "
          "its network changed or it is gone";
    } else {
      failure_reason_.clear();
    }
    on_ice_state.emit(ice_state_);
  } else if (const auto* tuple = std::get_if<SelectedTupleChanged>(&event)) {
    ice_selected_tuple_ = tuple->tuple;
    on_ice_selected_tuple.emit(tuple->tuple);
  } else if (const auto* dtls = std::get_if<DtlsStateChanged>(&event)) {
    dtls_state_ = dtls->state;
    if (dtls->state == DtlsState::kConnected) {
      dtls_remote_certificate_ = dtls->remote_certificate_pem;
    } else if (dtls->state == DtlsState::kFailed) {
      failure_reason_ = "DTLS failed: " + dtls->reason;
    }
    on_dtls_state.emit(dtls_state_);
  } else {
    if (std::holds_alternative<KeysExhausted>(event)) {
      failure_reason_ = "the SRTP keys have reached their limit of use; the peer must connect anew";
    }
    Transport::on_event(event);
  }
}

void WebRtcTransport::on_ended() {
  ice_state_ = IceState::kClosed;
  dtls_state_ = DtlsState::kClosed;
  ice_selected_tuple_.reset();
}

}  // namespace sluice::media
