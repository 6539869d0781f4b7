#include "sluice/pipe_transport.h"

#include <utility>

#include "library/access.h"
#include "library/convert.h"
#include "library/srtp.h"
#include "media/pipe_transport.h"

namespace sluice {
namespace {

media::PipeTransport& pipe(const PipeTransport& transport) {
  return object_as<media::PipeTransport>(transport);
}

}  // namespace

PipeTransport::PipeTransport(const Transport& transport)
    : Transport(transport && transport.type() == TransportType::kPipe ? transport : Transport()) {}

TransportTuple PipeTransport::tuple() const {
  return to_public(pipe(*this).tuple());
}

bool PipeTransport::rtx() const {
  return pipe(*this).rtx();
}

boost::json::value PipeTransport::srtp_parameters() const {
  return srtp_json(pipe(*this).srtp_parameters());
}

Result<void> PipeTransport::connect(const PipeRemote& remote) const {
  return request(*this, [&](media::Transport& /*transport*/) -> Result<void> {
    auto srtp = parse_remote_srtp(remote.srtp_parameters);
    if (!srtp) {
      return std::unexpected(std::move(srtp.error()));
    }
    return pipe(*this).connect(
        {.ip = remote.ip, .port = remote.port, .srtp_parameters = std::move(*srtp)});
  });
}

}  // namespace sluice
