// RTP over UDP without ICE and DTLS: for other servers, recorders and tools such as ffmpeg.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sluice/error.h"
#include "sluice/event.h"
#include "sluice/transport.h"
#include "sluice/types.h"

namespace sluice {

/// The other end of a plain transport. With `comedia` only the SRTP parameters count.
struct PlainRemote {
  /// IPv4 or IPv6 literal.
  std::string ip{};
  uint16_t port = 0;
  /// Where RTCP goes when it does not go with RTP.
  uint16_t rtcp_port = 0;
  /// With SRTP: the remote's SrtpParameters, `{cryptoSuite, keyBase64}`.
  boost::json::value srtp_parameters{};
};

class PlainTransport : public Transport {
 public:
  PlainTransport() = default;
  /// The transport as what it is; refers to nothing when it is of another kind.
  explicit PlainTransport(const Transport& transport);

  [[nodiscard]] TransportTuple tuple() const;
  /// Nothing when RTCP goes with RTP.
  [[nodiscard]] std::optional<TransportTuple> rtcp_tuple() const;
  [[nodiscard]] bool rtcp_mux() const;
  [[nodiscard]] bool comedia() const;
  /// SrtpParameters it sends with, `{cryptoSuite, keyBase64}`: a secret. Null without SRTP.
  [[nodiscard]] boost::json::value srtp_parameters() const;

  /// Tells where the other end is, and with SRTP its key; once. There is no handshake: media may
  /// flow at once. With `comedia` the call is needed for SRTP only. Errors: TypeError for a missing
  /// or malformed address, port or key, and for what the transport has no use for (nothing changes
  /// then); Error when called again or closed.
  Result<void> connect(const PlainRemote& remote) const;

  // With `comedia`, once: the address of the other end became known.
  Connection on_tuple(std::function<void(const TransportTuple&)> listener) const;
  Connection on_rtcp_tuple(std::function<void(const TransportTuple&)> listener) const;
};

}  // namespace sluice
