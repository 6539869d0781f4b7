#include "sluice/direct_transport.h"

#include <utility>

#include "library/access.h"
#include "media/direct_transport.h"

namespace sluice {
namespace {

media::DirectTransport& direct(const DirectTransport& transport) {
  return object_as<media::DirectTransport>(transport);
}

}  // namespace

DirectTransport::DirectTransport(const Transport& transport)
    : Transport(transport && transport.type() == TransportType::kDirect ? transport : Transport()) {
}

Result<void> DirectTransport::send_rtcp(Bytes packet) const {
  return request(*this,
                 [&](media::Transport& /*transport*/) { return direct(*this).send_rtcp(packet); });
}

Connection DirectTransport::on_rtcp(std::function<void(Bytes)> listener) const {
  return listen(*this, direct(*this).on_rtcp, std::move(listener));
}

}  // namespace sluice
