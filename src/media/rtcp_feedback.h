// RTCP feedback of one session: written here, and collected until the end of the turn, because
// several producers of a peer often want something at the same time. It leaves as one datagram
// (RFC 5506, media-plane 6.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/framing.h"

namespace sluice::media {

class RtpSession;

class RtcpFeedback {
 public:
  explicit RtcpFeedback(RtpSession& session) : session_(session) {}

  // Nothing is kept while the session cannot send.
  void send_pli(Ssrc media);
  void send_fir(Ssrc media, uint8_t sequence);
  void send_nack(Ssrc media, std::span<const SeqNum> sequences);
  /// No source is named when the limit is for everything that comes over the transport.
  void send_remb(BitRate limit, std::span<const Ssrc> sources = {});
  /// A packet of at most kRtcpBudget bytes.
  void send(Bytes packet);

  /// Sends what was collected.
  void flush(Micros now);
  /// Forgets it.
  void clear() { size_ = 0; }

 private:
  RtpSession& session_;
  std::array<uint8_t, rtcp::kRtcpBudget> buffer_;
  size_t size_ = 0;
};

}  // namespace sluice::media
