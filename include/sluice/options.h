// What an engine, its transports and its observers are made with. Everything has a default, apart
// from where plain and pipe transports listen.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sluice/types.h"

namespace sluice {

/// One local address on which all WebRTC transports can be reached.
struct ListenAddress {
  /// IPv4 or IPv6 literal; `0.0.0.0` and `::` listen on every address.
  std::string ip = "0.0.0.0";
  /// What candidates show instead of `ip`, e.g. behind NAT: an address or a host name. Empty: `ip`
  /// itself, or the machine's addresses.
  std::string announced_address{};
  /// Candidates show `ip` too when another address is announced.
  bool expose_internal_ip = false;
};

struct EngineOptions {
  /// Threads that carry media, each with a port of its own for all of its WebRTC transports; 0: one
  /// per core.
  unsigned media_loops = 0;
  std::vector<ListenAddress> listen = {ListenAddress{}};
  // Ports to take, inclusive. Each media loop takes one for UDP and, with `enable_tcp`, that of the
  // same number for TCP; plain and pipe transports take one or two each.
  uint16_t min_port = 10000;
  uint16_t max_port = 59999;
  bool enable_tcp = true;
  /// Keep media loop i on core i.
  bool pin_threads = false;
  /// A router stays on one media loop until it has so many transports, then spreads over all.
  unsigned transports_before_spread = 16;
  // PEM texts of the certificate for DTLS and its key; both empty: a new self-signed one.
  std::string dtls_certificate_pem{};
  std::string dtls_private_key_pem{};
  /// Packet buffers of 2 KiB that one media loop may hold at most.
  uint32_t packets_per_loop = 65536;
};

/// SCTP of a transport, for data channels. Sizes in bytes.
struct SctpOptions {
  /// For pipes, which take over what transports of all kinds let pass: the largest sizes there are.
  static SctpOptions for_pipe() {
    SctpOptions options;
    options.max_message_size = 268435456;
    options.send_buffer_size = 268435456;
    return options;
  }

  // Streams to begin with, 1 or more: outgoing (OS) and at most incoming (MIS).
  uint16_t outgoing_streams = 1024;
  uint16_t max_incoming_streams = 1024;
  /// Largest message in either direction.
  uint32_t max_message_size = 262144;
  /// What may wait for the peer's acknowledgement, at most 256 MiB. A message that finds no room is
  /// lost, reliable or not (DataConsumer::on_sctp_send_buffer_full).
  uint32_t send_buffer_size = 2'000'000;
};

struct WebRtcTransportOptions {
  // Which candidates the peer gets, and in what order; UDP before TCP unless told.
  bool enable_udp = true;
  bool enable_tcp = true;
  bool prefer_udp = false;
  bool prefer_tcp = false;
  /// Addresses that the candidates show, in order, when the engine announces none. Empty: those
  /// that the engine listens on.
  std::vector<std::string> candidate_addresses{};
  /// Time without an ICE check until the peer counts as gone; 0 s: never, else within 10 to 60 s.
  std::chrono::seconds ice_consent_timeout{30};
  /// Where the estimate of the outgoing bit rate begins, bit/s.
  uint32_t initial_available_outgoing_bitrate = 600000;
  /// Nothing: no data channels.
  std::optional<SctpOptions> sctp{};
};

/// Where a plain or pipe transport listens.
struct ListenInfo {
  /// IPv4 or IPv6 literal.
  std::string ip;
  /// What tuples show instead of `ip`: an address or a host name. Empty: `ip` itself.
  std::string announced_address{};
  /// 0: one of the range.
  uint16_t port = 0;
  // Range to take the port from, inclusive; 0 in one of them: the engine's. Wins over `port`.
  uint16_t min_port = 0;
  uint16_t max_port = 0;
  /// `::` takes no IPv4.
  bool ipv6_only = false;
  /// Several sockets may share the port, as for multicast.
  bool reuse_port = false;
  // Asked of the kernel, in bytes; 0: as for the engine's own sockets.
  uint32_t send_buffer_size = 0;
  uint32_t receive_buffer_size = 0;
};

/// Protection of RTP whose key is handed over by the application (RFC 3711, RFC 7714).
enum class SrtpCryptoSuite : uint8_t {
  kAeadAes256Gcm,
  kAeadAes128Gcm,
  kAesCm128HmacSha1_80,
  kAesCm128HmacSha1_32,
};

struct PlainTransportOptions {
  ListenInfo listen{};
  /// Where RTCP comes in; given, or without `rtcp_mux`, it has a port of its own.
  std::optional<ListenInfo> rtcp_listen{};
  bool rtcp_mux = true;
  /// Learn the remote address from the first valid packet. Without SRTP, anybody who knows the port
  /// can be first.
  bool comedia = false;
  bool enable_srtp = false;
  SrtpCryptoSuite srtp_crypto_suite = SrtpCryptoSuite::kAesCm128HmacSha1_80;
  /// Nothing: no data channels. They are not encrypted, not even with SRTP.
  std::optional<SctpOptions> sctp{};
};

struct PipeTransportOptions {
  ListenInfo listen{};
  /// Consumers repair losses through RTX.
  bool enable_rtx = false;
  /// Always with AEAD_AES_256_GCM.
  bool enable_srtp = false;
  /// Nothing: no data channels; else SctpOptions::for_pipe() as a rule. They are not encrypted, not
  /// even with SRTP.
  std::optional<SctpOptions> sctp{};
};

struct DirectTransportOptions {
  /// Bytes; larger messages of the application are dropped.
  uint32_t max_message_size = 262144;
};

struct AudioLevelOptions {
  /// Loudest producers that one event names; at least 1.
  uint32_t max_entries = 1;
  /// Quieter producers are left out; dBov, -127 to 0.
  int threshold = -80;
  /// Brought into 250 to 5000 ms.
  std::chrono::milliseconds interval{1000};
};

struct ActiveSpeakerOptions {
  /// Between two evaluations; brought into 100 to 5000 ms.
  std::chrono::milliseconds interval{300};
};

}  // namespace sluice
