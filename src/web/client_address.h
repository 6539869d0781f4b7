// Who the user behind a connection is, when reverse proxies stand in between.
#pragma once

#include "base/socket_address.h"
#include "web/headers.h"

namespace sluice::web {

/// Whether a direct peer may speak for others: proxies sit on this machine or in a private network.
bool may_be_proxy(const IpAddress& peer);

/// The client's address. Only a peer that may be a proxy is believed: `X-Forwarded-For` is walked
/// from its right end (which the nearest proxy wrote) past further private addresses, so that an
/// entry which the client forged on the left is not taken; without it, `X-Real-IP`; else the peer.
IpAddress client_address(const IpAddress& peer, const Headers& headers);

/// Whether the client's own connection is encrypted, by the word of a proxy (`X-Forwarded-Proto`).
bool proxied_over_tls(const IpAddress& peer, const Headers& headers);

}  // namespace sluice::web
