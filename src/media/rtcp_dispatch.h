// What a peer's RTCP means to the producers and consumers of its session (media-plane 6.6). SSRCs
// that nobody has are passed over: those of probation and RTX among them.
#pragma once

#include "base/bytes.h"
#include "base/types.h"

namespace sluice::media {

class RtpSession;

/// Hands out the packets of a decrypted compound.
void dispatch_rtcp(RtpSession& session, Bytes compound, Micros now);

}  // namespace sluice::media
