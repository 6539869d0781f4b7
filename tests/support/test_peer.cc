#include "support/test_peer.h"

#include <chrono>

#include "base/random.h"
#include "protocol/dtls/certificate.h"
#include "protocol/ice/demux.h"
#include "protocol/rtp/extension_block.h"
#include "protocol/srtp/key_derivation.h"
#include "protocol/stun/binding.h"

namespace sluice::test {

std::shared_ptr<const dtls::Context> shared_dtls_context() {
  static const std::shared_ptr<const dtls::Context> context = [] {
    auto certificate = dtls::Certificate::generate(std::chrono::system_clock::now());
    return dtls::Context::create(std::move(*certificate)).value();
  }();
  return context;
}

Buffer make_rtp(const RtpFields& fields) {
  Buffer out(rtp::kFixedHeaderSize);
  rtp::write_fixed_header({.ssrc = Ssrc{fields.ssrc},
                           .sequence_number = SeqNum{fields.sequence_number},
                           .timestamp = Timestamp{fields.timestamp},
                           .payload_type = PayloadType{fields.payload_type},
                           .marker = fields.marker,
                           .has_extension = !fields.extensions.empty()},
                          out.data());
  if (!fields.extensions.empty()) {
    std::vector<rtp::ExtensionElement> elements;
    for (const auto& [id, value] : fields.extensions) {
      elements.push_back({.id = id, .value = value});
    }
    Buffer block(512);
    block.resize(rtp::write_extension_block(rtp::ExtensionForm::kOneByte, elements, block));
    out.insert(out.end(), block.begin(), block.end());
  }
  out.insert(out.end(), fields.payload.begin(), fields.payload.end());
  return out;
}

TestPeer::TestPeer(ice::Credentials server, srtp::Backend& backend,
                   std::shared_ptr<const dtls::Context> dtls)
    : server_(std::move(server)), backend_(backend), context_(std::move(dtls)), dtls_(context_) {}

const std::vector<dtls::Fingerprint>& TestPeer::fingerprints() const {
  return context_->certificate().fingerprints();
}

void TestPeer::start(const std::vector<dtls::Fingerprint>& server, Micros now) {
  server_fingerprints_ = server;
  send_binding_request(now);
}

void TestPeer::send_binding_request(Micros /*now*/, bool nominate) {
  const std::string username = server_.ufrag + ":peer";
  stun::BindingRequest request;
  random_bytes(request.transaction_id);
  request.username = username;
  request.priority = 1845501695;
  request.controlling = 0x1122334455667788;
  request.use_candidate = nominate;
  request.password = server_.password;
  Buffer buffer(256);
  const Bytes written = stun::write_request(buffer, request);
  buffer.resize(written.size());
  transmit_.push_back(std::move(buffer));
}

void TestPeer::close(Micros now) {
  dtls_.close();
  pump(now);
}

void TestPeer::on_datagram(Bytes datagram, Micros now) {
  switch (ice::classify(datagram)) {
    case ice::PacketClass::kStun:
      ++stun_responses;
      if (!dtls_started_) {
        dtls_started_ = true;
        dtls_.on_ice_ready(now);
        (void)dtls_.connect(dtls::Role::kServer, server_fingerprints_, now);
      }
      break;
    case ice::PacketClass::kDtls:
      dtls_.on_datagram(datagram, now);
      break;
    case ice::PacketClass::kRtp: {
      Buffer plain(datagram.size());
      const auto size = inbound_ ? inbound_->unprotect_rtp(datagram, 0, plain)
                                 : std::unexpected(srtp::UnprotectError::kCipher);
      if (!size) {
        ++undecryptable;
        break;
      }
      plain.resize(*size);
      rtp.push_back(std::move(plain));
      protected_rtp.emplace_back(datagram.begin(), datagram.end());
      break;
    }
    case ice::PacketClass::kRtcp: {
      Buffer packet(datagram.begin(), datagram.end());
      const auto size = inbound_ ? inbound_->unprotect_rtcp(packet)
                                 : std::unexpected(srtp::UnprotectError::kCipher);
      if (!size) {
        ++undecryptable;
        break;
      }
      packet.resize(*size);
      rtcp.push_back(std::move(packet));
      break;
    }
    default:
      break;
  }
  pump(now);
}

void TestPeer::on_timeout(Micros now) {
  if (const auto due = dtls_.next_timeout(); due && *due <= now) {
    dtls_.on_timeout(now);
  }
  if (data_) {
    data_->on_timeout(now);
  }
  pump(now);
}

void TestPeer::pump(Micros now) {
  while (const auto event = dtls_.poll_event()) {
    if (const auto* connected = std::get_if<dtls::Connected>(&*event)) {
      const auto& keys = connected->srtp;
      profile_ = *srtp::profile_from_id(static_cast<uint16_t>(keys.profile));
      outbound_ = std::make_unique<srtp::OutboundContext>(
          backend_,
          *srtp::derive_session_keys(profile_, keys.local_key.bytes(), keys.local_salt.bytes()));
      inbound_ = std::make_unique<srtp::InboundContext>(
          backend_,
          *srtp::derive_session_keys(profile_, keys.remote_key.bytes(), keys.remote_salt.bytes()));
      if (data_) {
        data_->connect(now);
      }
    } else if (const auto* data = std::get_if<dtls::ApplicationData>(&*event)) {
      if (data_) {
        data_->on_packet(data->bytes, now);
      }
    } else if (std::holds_alternative<dtls::Failed>(*event)) {
      failed_ = true;
    } else if (std::holds_alternative<dtls::Closed>(*event)) {
      remote_closed_ = true;
    }
  }
  if (data_) {
    while (const auto packet = data_->poll_transmit(now)) {
      (void)dtls_.send_application_data(*packet);
    }
  }
  while (const auto datagram = dtls_.poll_transmit()) {
    transmit_.emplace_back(datagram->begin(), datagram->end());
  }
}

void TestPeer::send_application_data(Bytes data) {
  (void)dtls_.send_application_data(data);
  while (const auto datagram = dtls_.poll_transmit()) {
    transmit_.emplace_back(datagram->begin(), datagram->end());
  }
}

std::optional<Buffer> TestPeer::poll_transmit() {
  if (transmit_.empty()) {
    return std::nullopt;
  }
  Buffer packet = std::move(transmit_.front());
  transmit_.pop_front();
  return packet;
}

void TestPeer::send_rtp(const RtpFields& fields) {
  send_plain_rtp(make_rtp(fields));
}

Buffer TestPeer::protect_rtp(Bytes packet) {
  const auto view = rtp::PacketView::parse(packet);
  Buffer out(packet.begin(), packet.end());
  out.resize(packet.size() + srtp::kMaxTagSize);
  srtp::RtpJob job;
  job.stream = &outbound_->stream(view->ssrc());
  job.packet = out.data();
  job.capacity = static_cast<uint16_t>(out.size());
  job.header_size = static_cast<uint16_t>(view->header_size());
  job.payload = out.data() + view->header_size();
  job.payload_size = static_cast<uint16_t>(packet.size() - view->header_size());
  srtp::protect_batch(backend_, {&job, 1});
  out.resize(job.size_out);
  return out;
}

void TestPeer::send_plain_rtp(Bytes packet) {
  transmit_.push_back(protect_rtp(packet));
}

void TestPeer::send_rtcp(Bytes packet) {
  Buffer out(packet.begin(), packet.end());
  out.resize(packet.size() + 32);
  const auto size = outbound_->protect_rtcp(out, packet.size());
  out.resize(size.value_or(0));
  transmit_.push_back(std::move(out));
}

}  // namespace sluice::test
