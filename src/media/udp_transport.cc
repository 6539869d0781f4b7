#include "media/udp_transport.h"

#include <boost/json.hpp>
#include <utility>

#include "media/media_loop.h"
#include "protocol/ortc/json.h"
#include "protocol/srtp/key_derivation.h"

namespace sluice::media {
namespace {

srtp::SessionKeys session_keys(const ortc::SrtpParameters& parameters) {
  const srtp::Profile profile = *srtp::profile_from_name(ortc::to_text(parameters.crypto_suite));
  const Bytes key = parameters.key;
  const size_t size = srtp::key_size(profile);
  // The size was checked: it cannot fail.
  return srtp::derive_session_keys(profile, key.first(size), key.subspan(size)).value();
}

}  // namespace

Result<net::UdpSocket> UdpTransport::bind(const TransportListenInfo& listen,
                                          ortc::TransportTuple& tuple) {
  auto socket = loops().bind_udp(loop(), listen);
  if (!socket) {
    return socket;
  }
  ++sockets_;
  const SocketAddress& local = socket->local();
  tuple.local_address =
      listen.announced_address.empty() ? local.ip.to_string() : listen.announced_address;
  tuple.local_port = local.port;
  return socket;
}

Result<void> UdpTransport::listen(const TransportListenInfo& rtp,
                                  const std::optional<TransportListenInfo>& rtcp, bool comedia,
                                  const std::optional<SctpOptions>& sctp) {
  std::optional<sctp::Options> association;
  if (sctp) {
    auto enabled = enable_sctp(*sctp, /*data_channels=*/false);
    if (!enabled) {
      return std::unexpected(enabled.error());
    }
    association = *enabled;
  }
  std::vector<net::UdpSocket> sockets;
  auto socket = bind(rtp, tuple_);
  if (socket) {
    const IpAddress& ip = socket->local().ip;
    listens_on_v4_ = ip.is_v4();
    reaches_v4_ = ip.is_v4() || (ip.is_any() && !rtp.ipv6_only);
    sockets.push_back(std::move(*socket));
    if (rtcp) {
      socket = bind(*rtcp, rtcp_tuple_.emplace());
    }
  }
  if (!socket) {
    loops().sockets_closed(loop(), sockets_);
    return std::unexpected(socket.error());
  }
  if (rtcp) {
    sockets.push_back(std::move(*socket));
  }
  enter_loop();
  loops().post_with(loop(), std::move(sockets),
                    [handle = handle(), comedia, srtp = srtp_parameters_.has_value(), association](
                        MediaLoop& loop, std::span<const uint8_t> indices) {
                      UdpSetup setup{.handle = handle,
                                     .socket = indices[0],
                                     .rtcp_socket = {},
                                     .comedia = comedia,
                                     .srtp = srtp,
                                     .sctp = association};
                      if (indices.size() > 1) {
                        setup.rtcp_socket = indices[1];
                      }
                      loop.add_transport(setup);
                    });
  return {};
}

void UdpTransport::enable_srtp(ortc::SrtpCryptoSuite suite) {
  srtp_parameters_ = ortc::generate_srtp_parameters(suite);
}

Result<void> UdpTransport::check_connect(
    const std::optional<ortc::SrtpParameters>& srtp_parameters) const {
  if (closed()) {
    return std::unexpected(closed_error());
  }
  if (connect_called_) {
    return generic_error("connect() was already called on transport " + id());
  }
  if (!srtp_parameters_) {
    return srtp_parameters ? Result<void>(type_error("srtpParameters are given, expected none: "
                                                     "the transport was made without SRTP"))
                           : Result<void>();
  }
  if (!srtp_parameters) {
    return type_error("srtpParameters are missing: the transport was made with SRTP");
  }
  const size_t expected = ortc::srtp_key_and_salt_size(srtp_parameters->crypto_suite);
  if (srtp_parameters->key.size() != expected) {
    return type_error("srtpParameters.keyBase64 holds " +
                      std::to_string(srtp_parameters->key.size()) + " bytes, expected " +
                      std::to_string(expected) + " for " +
                      std::string(ortc::to_text(srtp_parameters->crypto_suite)));
  }
  return {};
}

Result<SocketAddress> UdpTransport::parse_remote(const std::string& ip, uint16_t port) const {
  const auto address = IpAddress::parse(ip);
  if (!address) {
    return type_error("ip is '" + ip + "', expected an IPv4 or IPv6 address");
  }
  if (port == 0) {
    return type_error("port is missing, expected 1 to 65535");
  }
  if (address->is_v4() ? !reaches_v4_ : listens_on_v4_) {
    return type_error("ip is '" + ip + "', expected an " + (listens_on_v4_ ? "IPv4" : "IPv6") +
                      " address as that of the transport");
  }
  return SocketAddress{*address, port};
}

void UdpTransport::connect_loop(std::optional<SocketAddress> rtp, std::optional<SocketAddress> rtcp,
                                const std::optional<ortc::SrtpParameters>& srtp_parameters) {
  connect_called_ = true;
  UdpRemote remote{.rtp = rtp, .rtcp = rtcp, .keys = {}};
  if (srtp_parameters) {
    if (srtp_parameters->crypto_suite != srtp_parameters_->crypto_suite) {
      enable_srtp(srtp_parameters->crypto_suite);
    }
    remote.keys = {.outbound = session_keys(*srtp_parameters_),
                   .inbound = session_keys(*srtp_parameters)};
  }
  if (rtp) {
    set_remote(*rtp, /*rtcp=*/false);
  }
  if (rtcp) {
    set_remote(*rtcp, /*rtcp=*/true);
  }
  loops().post(loop(), [handle = handle(), remote = std::move(remote)](MediaLoop& loop) {
    loop.connect_transport(handle, remote);
  });
}

void UdpTransport::set_remote(const SocketAddress& remote, bool rtcp) {
  ortc::TransportTuple& tuple = rtcp ? *rtcp_tuple_ : tuple_;
  tuple.remote_ip = remote.ip.to_string();
  tuple.remote_port = remote.port;
}

void UdpTransport::on_ended() {
  loops().sockets_closed(loop(), sockets_);
}

void UdpTransport::add_stats(TransportStats& stats) const {
  Transport::add_stats(stats);
  stats.tuple = tuple_;
}

void UdpTransport::describe(boost::json::object& out) const {
  out["tuple"] = ortc::to_json(tuple_);
  if (srtp_parameters_) {
    out["srtpParameters"] = ortc::to_json(*srtp_parameters_);
  }
}

}  // namespace sluice::media
