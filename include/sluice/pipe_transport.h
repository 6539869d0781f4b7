// One end of a pipe between two routers, of one host or two. Its consumers send all streams of a
// producer; what they send is produced on the pipe transport at the other end. Within a program,
// Router::pipe_to_router does all of this.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>

#include "sluice/error.h"
#include "sluice/transport.h"
#include "sluice/types.h"

namespace sluice {

/// The other end of a pipe transport.
struct PipeRemote {
  /// IPv4 or IPv6 literal.
  std::string ip{};
  uint16_t port = 0;
  /// With SRTP: the remote's SrtpParameters, `{cryptoSuite, keyBase64}`.
  boost::json::value srtp_parameters{};
};

class PipeTransport : public Transport {
 public:
  PipeTransport() = default;
  /// The transport as what it is; refers to nothing when it is of another kind.
  explicit PipeTransport(const Transport& transport);

  [[nodiscard]] TransportTuple tuple() const;
  /// Whether its consumers have RTX.
  [[nodiscard]] bool rtx() const;
  /// SrtpParameters it sends with, `{cryptoSuite, keyBase64}`: a secret. Null without SRTP.
  [[nodiscard]] boost::json::value srtp_parameters() const;

  /// Tells where the other end is, and with SRTP its key; once. There is no handshake: media may
  /// flow at once. Errors: TypeError for a missing or malformed address, port or key (nothing
  /// changes then); Error when called again or closed.
  Result<void> connect(const PipeRemote& remote) const;
};

}  // namespace sluice
