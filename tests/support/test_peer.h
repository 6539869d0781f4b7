// A WebRTC peer for tests and benchmarks: answers for the other end of one transport. Sans-IO, like
// the code it talks to, and built from the same protocol classes.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/dtls/context.h"
#include "protocol/dtls/session.h"
#include "protocol/ice/credentials.h"
#include "protocol/rtp/packet_view.h"
#include "protocol/srtp/backend.h"
#include "protocol/srtp/inbound.h"
#include "protocol/srtp/outbound.h"
#include "support/data_peer.h"

namespace sluice::test {

using Buffer = std::vector<uint8_t>;

/// A certificate and context that all peers of a program share; making one takes a while.
std::shared_ptr<const dtls::Context> shared_dtls_context();

struct RtpFields {
  uint32_t ssrc = 0;
  uint16_t sequence_number = 0;
  uint32_t timestamp = 0;
  uint8_t payload_type = 0;
  bool marker = false;
  /// One-byte header extensions: id and value.
  std::vector<std::pair<uint8_t, Buffer>> extensions;
  Buffer payload;
};

/// A plain RTP packet.
Buffer make_rtp(const RtpFields& fields);

class TestPeer {
 public:
  /// `server` are the transport's ICE credentials.
  TestPeer(ice::Credentials server, srtp::Backend& backend,
           std::shared_ptr<const dtls::Context> dtls = shared_dtls_context());

  /// Fingerprints to give to the transport's connect().
  [[nodiscard]] const std::vector<dtls::Fingerprint>& fingerprints() const;
  /// Sends a Binding request (nominating unless told otherwise) and, once answered, begins DTLS as
  /// client towards a server with these fingerprints.
  void start(const std::vector<dtls::Fingerprint>& server, Micros now);
  void send_binding_request(Micros now, bool nominate = true);
  void close(Micros now);

  void on_datagram(Bytes datagram, Micros now);
  void on_timeout(Micros now);

  /// Everything that is to be sent.
  std::optional<Buffer> poll_transmit();

  [[nodiscard]] bool connected() const { return outbound_ != nullptr; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool remote_closed() const { return remote_closed_; }
  [[nodiscard]] srtp::Profile profile() const { return profile_; }

  void send_rtp(const RtpFields& fields);
  void send_plain_rtp(Bytes packet);
  /// Protects a packet without queueing it.
  Buffer protect_rtp(Bytes packet);
  /// Sends what `protect_rtp` returned, possibly not for the first time.
  void send_protected(Buffer packet) { transmit_.push_back(std::move(packet)); }
  void send_rtcp(Bytes packet);
  /// Bytes over DTLS as they are, e.g. an SCTP packet of the test's own making.
  void send_application_data(Bytes data);
  /// SCTP over DTLS. To be called before start(); it connects when DTLS does.
  DataPeer& enable_data(const sctp::Options& options = {}) { return data_.emplace(options); }
  DataPeer& data() { return *data_; }
  /// Plain packets that arrived; the caller empties the lists.
  std::vector<Buffer> rtp;
  std::vector<Buffer> rtcp;
  /// Protected bytes of the RTP packets that arrived.
  std::vector<Buffer> protected_rtp;
  uint64_t undecryptable = 0;
  uint64_t stun_responses = 0;

 private:
  void pump(Micros now);

  ice::Credentials server_;
  srtp::Backend& backend_;
  std::shared_ptr<const dtls::Context> context_;
  dtls::Session dtls_;
  std::optional<DataPeer> data_;
  std::vector<dtls::Fingerprint> server_fingerprints_;
  bool dtls_started_ = false;
  bool failed_ = false;
  bool remote_closed_ = false;
  srtp::Profile profile_ = srtp::Profile::kAeadAes128Gcm;
  std::unique_ptr<srtp::OutboundContext> outbound_;
  std::unique_ptr<srtp::InboundContext> inbound_;
  std::deque<Buffer> transmit_;
};

}  // namespace sluice::test
