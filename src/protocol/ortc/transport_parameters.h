// What two ends of a transport tell each other: ICE, DTLS and address tuples as plain values
// (ortc-model 1.3, 1.7). JSON in json.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::ortc {

enum class TransportProtocol : uint8_t { kUdp, kTcp };

/// The server's ICE credentials; the server is always ice-lite.
struct IceParameters {
  std::string username_fragment;
  std::string password;
  bool ice_lite = true;

  friend bool operator==(const IceParameters&, const IceParameters&) = default;
};

/// A host candidate of the server. TCP candidates are passive.
struct IceCandidate {
  std::string foundation;  ///< "udpcandidate" or "tcpcandidate"
  uint32_t priority = 0;
  std::string address;  ///< IP literal or announced host name
  TransportProtocol protocol = TransportProtocol::kUdp;
  uint16_t port = 0;

  friend bool operator==(const IceCandidate&, const IceCandidate&) = default;
};

/// The two ends of a flow. `remote_ip` is empty and `remote_port` 0 while no remote is known.
struct TransportTuple {
  std::string local_address;
  uint16_t local_port = 0;
  std::string remote_ip;
  uint16_t remote_port = 0;
  TransportProtocol protocol = TransportProtocol::kUdp;

  friend bool operator==(const TransportTuple&, const TransportTuple&) = default;
};

enum class DtlsRole : uint8_t { kAuto, kClient, kServer };

/// Hash of a certificate fingerprint. In ascending order, so that a list made in this order ends
/// with one that browsers accept (mediasoup-client uses the last one only).
enum class FingerprintAlgorithm : uint8_t { kSha1, kSha224, kSha256, kSha384, kSha512 };

struct DtlsFingerprint {
  FingerprintAlgorithm algorithm = FingerprintAlgorithm::kSha256;
  std::string value;  ///< hexadecimal with colons; compare ignoring case

  friend bool operator==(const DtlsFingerprint&, const DtlsFingerprint&) = default;
};

struct DtlsParameters {
  DtlsRole role = DtlsRole::kAuto;
  std::vector<DtlsFingerprint> fingerprints;

  friend bool operator==(const DtlsParameters&, const DtlsParameters&) = default;
};

// Names as they stand in JSON, indexed by the enumeration.
inline constexpr std::array<std::string_view, 2> kTransportProtocolNames{"udp", "tcp"};
inline constexpr std::array<std::string_view, 3> kDtlsRoleNames{"auto", "client", "server"};
inline constexpr std::array<std::string_view, 5> kFingerprintAlgorithmNames{
    "sha-1", "sha-224", "sha-256", "sha-384", "sha-512"};

/// The role the server takes for the peer's role: server towards a client, client towards a server
/// or towards a peer that leaves the choice to us.
[[nodiscard]] constexpr DtlsRole local_dtls_role(DtlsRole remote) {
  return remote == DtlsRole::kClient ? DtlsRole::kServer : DtlsRole::kClient;
}

}  // namespace sluice::ortc
