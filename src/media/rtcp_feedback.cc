#include "media/rtcp_feedback.h"

#include <algorithm>

#include "media/media_loop.h"
#include "media/rtp_session.h"
#include "protocol/rtcp/nack.h"
#include "protocol/rtcp/picture_feedback.h"
#include "protocol/rtcp/rate_feedback.h"

namespace sluice::media {

void RtcpFeedback::send(Bytes packet) {
  if (!session_.connected()) {
    return;
  }
  if (packet.size() > buffer_.size() - size_) {
    flush(session_.loop().now());
  }
  if (size_ == 0) {
    session_.finish_turn_later();
  }
  std::copy(packet.begin(), packet.end(), buffer_.begin() + static_cast<ptrdiff_t>(size_));
  size_ += packet.size();
}

void RtcpFeedback::flush(Micros now) {
  if (size_ > 0) {
    session_.send_rtcp(Bytes(buffer_).first(size_), now);
    size_ = 0;
  }
}

void RtcpFeedback::send_pli(Ssrc media) {
  std::array<uint8_t, rtcp::kFeedbackHeaderSize> buffer;
  ByteWriter writer(buffer);
  // Both fields carry the media SSRC (media-plane 6.4).
  if (rtcp::write_pli(writer, {.sender = media, .media = media})) {
    send(writer.written());
  }
}

void RtcpFeedback::send_fir(Ssrc media, uint8_t sequence) {
  std::array<uint8_t, rtcp::kFeedbackHeaderSize + rtcp::FirItem::kWireSize> buffer;
  ByteWriter writer(buffer);
  const rtcp::FirItem item{.ssrc = media, .sequence = sequence};
  if (rtcp::write_fir(writer, {.sender = Ssrc{}, .media = media}, {&item, 1})) {
    send(writer.written());
  }
}

void RtcpFeedback::send_nack(Ssrc media, std::span<const SeqNum> sequences) {
  std::array<uint8_t, rtcp::kRtcpBudget> buffer;
  while (!sequences.empty()) {
    ByteWriter writer(buffer);
    const size_t named = rtcp::write_nack(writer, {.sender = Ssrc{}, .media = media}, sequences);
    if (named == 0) {
      return;
    }
    send(writer.written());
    sequences = sequences.subspan(named);
  }
}

void RtcpFeedback::send_remb(BitRate limit, std::span<const Ssrc> sources) {
  std::array<uint8_t, rtcp::kRtcpBudget> buffer;
  ByteWriter writer(buffer);
  if (rtcp::write_remb(writer, Ssrc{}, limit, sources)) {
    send(writer.written());
  }
}

}  // namespace sluice::media
