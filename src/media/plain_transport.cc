#include "media/plain_transport.h"

#include <boost/json.hpp>

#include "protocol/ortc/json.h"

namespace sluice::media {

Result<void> PlainTransport::start(const PlainTransportOptions& options) {
  comedia_ = options.comedia;
  std::optional<TransportListenInfo> rtcp = options.rtcp_listen;
  if (!rtcp && !options.rtcp_mux) {
    rtcp = options.listen;
    if (rtcp->min_port == 0 || rtcp->max_port == 0) {
      // The same port twice cannot be meant.
      rtcp->port = 0;
    }
  }
  if (options.enable_srtp) {
    enable_srtp(options.srtp_crypto_suite);
  }
  return listen(options.listen, rtcp, comedia_, options.sctp);
}

Result<void> PlainTransport::connect(const PlainRemote& remote) {
  if (auto checked = check_connect(remote.srtp_parameters); !checked) {
    return checked;
  }
  if (comedia_) {
    connect_loop({}, {}, remote.srtp_parameters);
    return {};
  }
  const auto rtp = parse_remote(remote.ip, remote.port);
  if (!rtp) {
    return std::unexpected(rtp.error());
  }
  if (rtcp_mux() && remote.rtcp_port != 0) {
    return type_error("rtcpPort is " + std::to_string(remote.rtcp_port) +
                      ", expected none: RTCP goes with RTP");
  }
  if (!rtcp_mux() && remote.rtcp_port == 0) {
    return type_error("rtcpPort is missing: RTCP does not go with RTP");
  }
  std::optional<SocketAddress> rtcp;
  if (!rtcp_mux()) {
    rtcp = {rtp->ip, remote.rtcp_port};
  }
  connect_loop(*rtp, rtcp, remote.srtp_parameters);
  return {};
}

void PlainTransport::on_event(const TransportEvent& event) {
  const auto* learned = std::get_if<RemoteLearned>(&event);
  if (learned == nullptr) {
    UdpTransport::on_event(event);
    return;
  }
  set_remote(learned->remote, learned->rtcp);
  if (learned->rtcp) {
    on_rtcp_tuple.emit(*rtcp_tuple());
  } else {
    on_tuple.emit(tuple());
  }
}

void PlainTransport::add_stats(TransportStats& stats) const {
  UdpTransport::add_stats(stats);
  stats.rtcp_mux = rtcp_mux();
  stats.comedia = comedia_;
  if (rtcp_tuple() && rtcp_tuple()->remote_port != 0) {
    stats.rtcp_tuple = rtcp_tuple();
  }
}

void PlainTransport::describe(boost::json::object& out) const {
  UdpTransport::describe(out);
  out["rtcpMux"] = rtcp_mux();
  out["comedia"] = comedia_;
  if (rtcp_tuple()) {
    out["rtcpTuple"] = ortc::to_json(*rtcp_tuple());
  }
}

}  // namespace sluice::media
