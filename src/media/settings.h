// What the engine and its transports are made with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types.h"
#include "protocol/ortc/sctp_parameters.h"
#include "protocol/ortc/srtp_parameters.h"
#include "protocol/ortc/transport_parameters.h"

namespace sluice::media {

/// One local address that every loop listens on.
struct ListenAddress {
  /// IPv4 or IPv6 literal; `0.0.0.0` and `::` listen on every address.
  std::string ip = "0.0.0.0";
  /// What candidates show instead of `ip`: an address or a host name. Empty: `ip` itself.
  std::string announced_address;
  /// Candidates show `ip` too when another address is announced.
  bool expose_internal_ip = false;
};

struct EngineSettings {
  /// Number of media loops; 0 means one per core.
  unsigned loops = 0;
  std::vector<ListenAddress> listen = {ListenAddress{}};
  /// Every loop takes one port of this range (inclusive), the same for UDP and TCP.
  uint16_t min_port = 10000;
  uint16_t max_port = 59999;
  bool enable_tcp = true;
  /// Pin loop i to core i.
  bool pin_threads = false;
  /// A router stays on one loop until it has this many transports, then spreads over all.
  unsigned transports_before_spread = 16;
  /// PEM texts of the DTLS certificate and its key; both empty: a new self-signed one.
  std::string dtls_certificate_pem;
  std::string dtls_private_key_pem;
  /// Packet buffers (2 KiB each) that one loop may hold at most.
  uint32_t packets_per_loop = 65536;
};

/// What a transport may use in each direction; 0 stands for no limit.
struct BitrateLimits {
  /// Lower values would starve the audio of a call (media-plane 8.2).
  static constexpr BitRate kLeastOutgoing{30000};

  BitRate max_incoming;
  BitRate max_outgoing;
  BitRate min_outgoing;
};

/// Options of an ActiveSpeakerObserver (ortc-model 1.15).
struct ActiveSpeakerOptions {
  /// Between two evaluations; brought into 100..5000 ms.
  Millis interval{300};
};

/// In what way a transport reaches its other end.
enum class TransportType : uint8_t { kWebRtc, kPlain, kPipe, kDirect };

/// SCTP of a transport, for data channels (ortc-model 1.7, 5.1). Sizes in bytes.
struct SctpOptions {
  static constexpr uint32_t kMaxSendBufferSize = 268435456;

  /// For pipes, which take over what transports of all kinds let pass: the largest sizes there are.
  static SctpOptions for_pipe() {
    SctpOptions options;
    options.max_message_size = kMaxSendBufferSize;
    options.send_buffer_size = kMaxSendBufferSize;
    return options;
  }

  /// Initial number of outgoing streams, and what the peer may begin with; 1 or more each.
  ortc::NumSctpStreams streams;
  /// Largest message in either direction.
  uint32_t max_message_size = 262144;
  /// What may wait for the peer's acknowledgement; at most kMaxSendBufferSize. Several messages of
  /// the largest size: what finds no room is lost, reliable or not (decisions/018).
  uint32_t send_buffer_size = 2'000'000;
};

/// Options of one WebRtcTransport (ortc-model 1.7).
struct WebRtcTransportOptions {
  bool enable_udp = true;
  bool enable_tcp = true;
  bool prefer_udp = false;
  bool prefer_tcp = false;
  /// Addresses that this transport's candidates show, in order, when no announced address is
  /// configured. Empty: the listen addresses themselves, or the machine's own when listening on
  /// all.
  std::vector<std::string> candidate_addresses;
  /// Time without an ICE check until the peer counts as gone; 0 s never, else clamped to 10..60 s.
  Micros ice_consent_timeout = 30s;
  uint32_t initial_outgoing_bitrate = 600000;
  /// Nothing: no data channels.
  std::optional<SctpOptions> sctp;
};

/// Where a plain or pipe transport listens (ortc-model 1.3).
struct TransportListenInfo {
  /// On any free port of that address.
  static TransportListenInfo on(std::string ip) {
    TransportListenInfo info;
    info.ip = std::move(ip);
    return info;
  }

  /// UDP; anything else is refused.
  ortc::TransportProtocol protocol = ortc::TransportProtocol::kUdp;
  /// IPv4 or IPv6 literal.
  std::string ip;
  /// What tuples show instead of `ip`: an address or a host name. Empty: `ip` itself.
  std::string announced_address;
  /// 0: one of the range.
  uint16_t port = 0;
  /// Range to take the port from, inclusive; 0 in one of them: the engine's. Wins over `port`.
  uint16_t min_port = 0, max_port = 0;
  /// `::` takes no IPv4.
  bool ipv6_only = false;
  /// Several sockets may share the port, as for multicast.
  bool reuse_port = false;
  /// Asked of the kernel, in bytes; 0: as for the engine's own sockets.
  uint32_t send_buffer_size = 0, receive_buffer_size = 0;
};

/// Options of one PlainTransport (ortc-model 1.8).
struct PlainTransportOptions {
  TransportListenInfo listen;
  /// Where RTCP comes in; given, or without `rtcp_mux`, it has a port of its own.
  std::optional<TransportListenInfo> rtcp_listen;
  bool rtcp_mux = true;
  /// Learn the remote address from the first valid packet. Without SRTP, anybody who knows the
  /// port can be first.
  bool comedia = false;
  bool enable_srtp = false;
  ortc::SrtpCryptoSuite srtp_crypto_suite = ortc::kDefaultPlainSrtpCryptoSuite;
  /// Nothing: no data channels. They are not encrypted, not even with SRTP.
  std::optional<SctpOptions> sctp;
};

/// Options of one PipeTransport (ortc-model 1.9).
struct PipeTransportOptions {
  TransportListenInfo listen;
  /// Consumers repair losses through RTX.
  bool enable_rtx = false;
  bool enable_srtp = false;
  /// Nothing: no data channels; else SctpOptions::for_pipe() as a rule. They are not encrypted, not
  /// even with SRTP.
  std::optional<SctpOptions> sctp;
};

/// The other end of a pipe transport.
struct PipeRemote {
  /// IPv4 or IPv6 literal.
  std::string ip;
  uint16_t port = 0;  ///< 0: not given
  std::optional<ortc::SrtpParameters> srtp_parameters;
};

/// Options of one DirectTransport (ortc-model 1.10).
struct DirectTransportOptions {
  /// Bytes; larger messages of the application are dropped.
  uint32_t max_message_size = 262144;
};

/// The other end of a plain transport. With comedia only the SRTP parameters count.
struct PlainRemote {
  /// IPv4 or IPv6 literal.
  std::string ip;
  uint16_t port = 0;  ///< 0: not given
  /// Where RTCP goes when it does not go with RTP; 0: not given.
  uint16_t rtcp_port = 0;
  std::optional<ortc::SrtpParameters> srtp_parameters;
};

}  // namespace sluice::media
