// What plain and pipe transports share on the control thread: UDP ports of their own, and SRTP with
// keys that are handed over instead of agreed on (ortc-model 1.8, 1.9). The counterpart on the loop
// is LoopUdpTransport.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "media/loop_udp_transport.h"
#include "media/settings.h"
#include "media/transport.h"
#include "net/udp_socket.h"
#include "protocol/ortc/srtp_parameters.h"
#include "protocol/ortc/transport_parameters.h"

namespace sluice::media {

class UdpTransport : public Transport {
 public:
  /// Where it listens and, once that is known, where the other end is.
  [[nodiscard]] const ortc::TransportTuple& tuple() const { return tuple_; }
  /// The key that it sends with; nothing without SRTP.
  [[nodiscard]] const std::optional<ortc::SrtpParameters>& srtp_parameters() const {
    return srtp_parameters_;
  }

 protected:
  using Transport::Transport;

  /// Binds the ports and makes the counterpart on the loop. Errors: `enable_sctp`,
  /// LoopPool::bind_udp.
  Result<void> listen(const TransportListenInfo& rtp,
                      const std::optional<TransportListenInfo>& rtcp, bool comedia,
                      const std::optional<SctpOptions>& sctp);
  /// Before `listen`: packets are protected, at first with a key for `suite`.
  void enable_srtp(ortc::SrtpCryptoSuite suite);

  /// Checks the call of `connect` as such, and the SRTP parameters in it. Error: called again, or
  /// closed; TypeError: parameters without SRTP, none with SRTP, a key of the wrong size.
  [[nodiscard]] Result<void> check_connect(
      const std::optional<ortc::SrtpParameters>& srtp_parameters) const;
  /// Reads where the other end is. TypeError: no literal, no port, or of a family that the socket
  /// does not reach.
  [[nodiscard]] Result<SocketAddress> parse_remote(const std::string& ip, uint16_t port) const;
  /// `connect` has passed all checks. The remote's suite becomes the own one, with a new own key if
  /// it was another.
  void connect_loop(std::optional<SocketAddress> rtp, std::optional<SocketAddress> rtcp,
                    const std::optional<ortc::SrtpParameters>& srtp_parameters);

  [[nodiscard]] const std::optional<ortc::TransportTuple>& rtcp_tuple() const {
    return rtcp_tuple_;
  }
  void set_remote(const SocketAddress& remote, bool rtcp);

  void on_ended() override;
  void add_stats(TransportStats& stats) const override;
  void describe(boost::json::object& out) const override;

 private:
  Result<net::UdpSocket> bind(const TransportListenInfo& listen, ortc::TransportTuple& tuple);

  ortc::TransportTuple tuple_;
  std::optional<ortc::TransportTuple> rtcp_tuple_;
  std::optional<ortc::SrtpParameters> srtp_parameters_;
  size_t sockets_ = 0;
  bool listens_on_v4_ = true;
  bool reaches_v4_ = true;
  bool connect_called_ = false;
};

}  // namespace sluice::media
