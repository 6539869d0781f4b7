#include "sluice/plain_transport.h"

#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "library/srtp.h"
#include "media/plain_transport.h"

namespace sluice {
namespace {

media::PlainTransport& plain(const PlainTransport& transport) {
  return object_as<media::PlainTransport>(transport);
}

}  // namespace

PlainTransport::PlainTransport(const Transport& transport)
    : Transport(transport && transport.type() == TransportType::kPlain ? transport : Transport()) {}

TransportTuple PlainTransport::tuple() const {
  return to_public(plain(*this).tuple());
}

std::optional<TransportTuple> PlainTransport::rtcp_tuple() const {
  return to_public(plain(*this).rtcp_tuple());
}

bool PlainTransport::rtcp_mux() const {
  return plain(*this).rtcp_mux();
}

bool PlainTransport::comedia() const {
  return plain(*this).comedia();
}

boost::json::value PlainTransport::srtp_parameters() const {
  return srtp_json(plain(*this).srtp_parameters());
}

Result<void> PlainTransport::connect(const PlainRemote& remote) const {
  return request(*this, [&](media::Transport& /*transport*/) -> Result<void> {
    auto srtp = parse_remote_srtp(remote.srtp_parameters);
    if (!srtp) {
      return std::unexpected(std::move(srtp.error()));
    }
    return plain(*this).connect({.ip = remote.ip,
                                 .port = remote.port,
                                 .rtcp_port = remote.rtcp_port,
                                 .srtp_parameters = std::move(*srtp)});
  });
}

Connection PlainTransport::on_tuple(std::function<void(const TransportTuple&)> listener) const {
  return listen(*this, plain(*this).on_tuple,
                [listener = std::move(listener)](const ortc::TransportTuple& tuple) {
                  listener(to_public(tuple));
                });
}

Connection PlainTransport::on_rtcp_tuple(
    std::function<void(const TransportTuple&)> listener) const {
  return listen(*this, plain(*this).on_rtcp_tuple,
                [listener = std::move(listener)](const ortc::TransportTuple& tuple) {
                  listener(to_public(tuple));
                });
}

}  // namespace sluice
