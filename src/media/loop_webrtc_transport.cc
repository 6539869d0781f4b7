#include "media/loop_webrtc_transport.h"

#include <algorithm>
#include <variant>

#include "base/log.h"
#include "media/media_loop.h"
#include "protocol/srtp/key_derivation.h"

namespace sluice::media {
namespace {

IceState to_media(ice::State state) {
  switch (state) {
    case ice::State::kNew:
      return IceState::kNew;
    case ice::State::kConnected:
      return IceState::kConnected;
    case ice::State::kCompleted:
      return IceState::kCompleted;
    case ice::State::kDisconnected:
      break;
  }
  return IceState::kDisconnected;
}

ortc::TransportTuple to_ortc(const ice::Tuple& tuple) {
  return {.local_address = tuple.local.ip.to_string(),
          .local_port = tuple.local.port,
          .remote_ip = tuple.remote.ip.to_string(),
          .remote_port = tuple.remote.port,
          .protocol = tuple.protocol == ice::Protocol::kUdp ? ortc::TransportProtocol::kUdp
                                                            : ortc::TransportProtocol::kTcp};
}

}  // namespace

LoopWebRtcTransport::LoopWebRtcTransport(MediaLoop& loop, uint32_t index, const WebRtcSetup& setup)
    : LoopTransport(loop, setup.handle, setup.initial_outgoing),
      index_(index),
      agent_({.consent_timeout = setup.consent_timeout}, setup.credentials, loop.stun_errors()),
      dtls_(loop.resources().dtls),
      timer_(net::Timer::of<&LoopWebRtcTransport::on_timeout>(this)) {
  if (setup.sctp) {
    enable_sctp(*setup.sctp, [this](Bytes packet, Micros now) { send_sctp(packet, now); });
  }
}

// --- what comes in -------------------------------------------------------------------------------

void LoopWebRtcTransport::on_stun(const stun::Message& message, const ice::Tuple& from, size_t size,
                                  Micros now) {
  session().traffic().received.other.count(size, now);
  agent_.on_stun(message, from, now);
  while (const auto transmit = agent_.poll_transmit()) {
    send_to_tuple(transmit->bytes(), transmit->to, now);
  }
  pump(now);
}

void LoopWebRtcTransport::on_packet(ice::PacketClass kind, MutableBytes packet,
                                    const ice::Tuple& from, Micros now) {
  switch (kind) {
    case ice::PacketClass::kRtp:
      if (net::PacketRef plain = session().unprotect_rtp(packet, now)) {
        latch(from, now);
        session().on_rtp(std::move(plain), packet.size(), now);
      }
      break;
    case ice::PacketClass::kRtcp:
      session().on_rtcp(packet, now);
      break;
    case ice::PacketClass::kDtls:
      on_dtls(packet, from, now);
      break;
    default:
      break;
  }
}

void LoopWebRtcTransport::on_tcp_closed(const ice::Tuple& tuple, Micros now) {
  agent_.remove_tuple(tuple, now);
  pump(now);
}

void LoopWebRtcTransport::on_dtls(Bytes packet, const ice::Tuple& from, Micros now) {
  session().traffic().received.other.count(packet.size(), now);
  agent_.latch(from, now);
  dtls_.on_datagram(packet, now);
  pump(now);
}

/// Media goes where authentic media comes from (media-plane 1.7).
void LoopWebRtcTransport::latch(const ice::Tuple& from, Micros now) {
  if (agent_.selected() != nullptr && *agent_.selected() == from) {
    return;
  }
  if (agent_.latch(from, now)) {
    pump(now);
  }
}

// --- commands ------------------------------------------------------------------------------------

void LoopWebRtcTransport::connect(dtls::Role remote_role,
                                  const std::vector<dtls::Fingerprint>& fingerprints, Micros now) {
  if (const auto role = dtls_.connect(remote_role, fingerprints, now); !role) {
    logger("dtls")->warn("connect refused transport={} error=\"{}\"", handle(),
                         role.error().message);
  }
  pump(now);
}

void LoopWebRtcTransport::restart_ice(const ice::Credentials& fresh, Micros now) {
  loop().table().add_ufrag(fresh.ufrag, index_);
  agent_.restart(now, fresh);
  pump(now);
}

void LoopWebRtcTransport::close(Micros now) {
  if (sctp() != nullptr) {
    sctp()->close(now);
  }
  dtls_.close();
  pump(now);
  timer_.cancel();
  loop().table().remove_agent(agent_, index_);
  for (size_t i = 0; i < agent_.tuple_count(); ++i) {
    if (agent_.tuple(i).protocol == ice::Protocol::kTcp) {
      loop().resources().close_tcp(agent_.tuple(i).connection);
    }
  }
  loop().release_index(index_);
}

// --- ICE and DTLS --------------------------------------------------------------------------------

void LoopWebRtcTransport::pump(Micros now) {
  while (const auto event = agent_.poll_event()) {
    on_ice_event(*event, now);
  }
  while (const auto event = dtls_.poll_event()) {
    on_dtls_event(*event, now);
  }
  send_dtls(now);
  reschedule();
}

void LoopWebRtcTransport::send_dtls(Micros now) {
  while (const auto datagram = dtls_.poll_transmit()) {
    if (const ice::Tuple* selected = agent_.selected()) {
      send_to_tuple(*datagram, *selected, now);
    }
  }
}

void LoopWebRtcTransport::send_sctp(Bytes packet, Micros now) {
  if (dtls_.send_application_data(packet)) {
    send_dtls(now);
  }
}

void LoopWebRtcTransport::on_ice_event(const ice::Event& event, Micros now) {
  loop().table().apply(event, index_);
  if (const auto* added = std::get_if<ice::TupleAdded>(&event)) {
    if (added->tuple.protocol == ice::Protocol::kTcp) {
      loop().resources().authenticate_tcp(added->tuple.connection);
    }
  } else if (const auto* removed = std::get_if<ice::TupleRemoved>(&event)) {
    if (removed->tuple.protocol == ice::Protocol::kTcp) {
      loop().resources().close_tcp(removed->tuple.connection);
    }
  } else if (const auto* selected = std::get_if<ice::SelectedTupleChanged>(&event)) {
    select(selected->tuple);
    loop().emit(handle(), TransportEvent{SelectedTupleChanged{to_ortc(selected->tuple)}});
  } else if (const auto* changed = std::get_if<ice::StateChanged>(&event)) {
    if (changed->state == ice::State::kConnected || changed->state == ice::State::kCompleted) {
      dtls_.on_ice_ready(now);
    }
    loop().emit(handle(), TransportEvent{IceStateChanged{to_media(changed->state)}});
    update_connected(now);
  }
}

void LoopWebRtcTransport::on_dtls_event(const dtls::Event& event, Micros now) {
  const auto emit = [&](DtlsState state, std::string pem = {}, std::string reason = {}) {
    loop().emit(handle(),
                TransportEvent{DtlsStateChanged{state, std::move(pem), std::move(reason)}});
  };
  if (std::holds_alternative<dtls::Connecting>(event)) {
    emit(DtlsState::kConnecting);
  } else if (const auto* connected = std::get_if<dtls::Connected>(&event)) {
    install_keys(connected->srtp);
    emit(DtlsState::kConnected, connected->remote_certificate);
    update_connected(now);
  } else if (const auto* data = std::get_if<dtls::ApplicationData>(&event)) {
    if (sctp() != nullptr) {
      sctp()->on_packet(data->bytes, now);
    }
  } else if (const auto* failed = std::get_if<dtls::Failed>(&event)) {
    emit(DtlsState::kFailed, {}, failed->reason);
    update_connected(now);
  } else if (std::holds_alternative<dtls::Closed>(event)) {
    emit(DtlsState::kClosed);
    update_connected(now);
  }
}

void LoopWebRtcTransport::install_keys(const dtls::SrtpKeys& keys) {
  const auto profile = srtp::profile_from_id(static_cast<uint16_t>(keys.profile));
  if (!profile) {
    return;
  }
  const auto out =
      srtp::derive_session_keys(*profile, keys.local_key.bytes(), keys.local_salt.bytes());
  const auto in =
      srtp::derive_session_keys(*profile, keys.remote_key.bytes(), keys.remote_salt.bytes());
  if (!out || !in) {
    return;
  }
  session().set_keys(*out, *in);
}

void LoopWebRtcTransport::select(const ice::Tuple& tuple) {
  session().set_destination(tuple.protocol == ice::Protocol::kTcp
                                ? net::Destination::over_tcp(tuple.connection)
                                : net::Destination(tuple.remote, tuple.socket, tuple.local.ip));
}

void LoopWebRtcTransport::update_connected(Micros now) {
  const bool ice_up =
      agent_.state() == ice::State::kConnected || agent_.state() == ice::State::kCompleted;
  const dtls::State dtls = dtls_.state();
  const bool connected = ice_up && dtls == dtls::State::kConnected;
  session().set_connected(connected, now);
  if (sctp() == nullptr) {
    return;
  }
  sctp()->set_path(connected, now);
  if (dtls == dtls::State::kFailed || dtls == dtls::State::kClosed) {
    sctp()->on_path_lost();
  }
}

void LoopWebRtcTransport::send_to_tuple(Bytes packet, const ice::Tuple& to, Micros now) {
  net::SendQueue& queue = loop().egress().queue();
  uint8_t* const out = loop().egress().reserve(packet.size());
  if (out == nullptr) {
    return;
  }
  std::copy(packet.begin(), packet.end(), out);
  session().traffic().sent.other.count(packet.size(), now);
  if (to.protocol == ice::Protocol::kTcp) {
    net::Destination destination = net::Destination::over_tcp(to.connection);
    queue.commit(packet.size(), destination);
  } else {
    queue.commit_to(packet.size(), to.remote, to.socket, to.local.ip);
  }
}

// --- time ----------------------------------------------------------------------------------------

void LoopWebRtcTransport::on_timeout(Micros now) {
  if (const auto due = agent_.next_timeout(); due && *due <= now) {
    agent_.on_timeout(now);
  }
  if (const auto due = dtls_.next_timeout(); due && *due <= now) {
    dtls_.on_timeout(now);
  }
  pump(now);
}

void LoopWebRtcTransport::reschedule() {
  if (const auto next = earliest(agent_.next_timeout(), dtls_.next_timeout())) {
    loop().timers().schedule(timer_, *next);
  } else {
    timer_.cancel();
  }
}

void LoopWebRtcTransport::add_stats(TransportStats& stats) const {
  stats.ice_state = to_media(agent_.state());
  stats.dtls_state = static_cast<DtlsState>(dtls_.state());
  if (const ice::Tuple* selected = agent_.selected()) {
    stats.ice_selected_tuple = to_ortc(*selected);
  }
}

}  // namespace sluice::media
