#include "media/rtcp_reports.h"

#include <array>

#include "base/random.h"
#include "media/loop_consumer.h"
#include "media/loop_producer.h"
#include "media/media_loop.h"
#include "media/rtp_session.h"
#include "protocol/rtcp/compound_builder.h"

namespace sluice::media {

void RtcpReports::start(Micros now) {
  schedule_.start(now, random_uint32(0, UINT32_MAX));
}

void RtcpReports::on_timeout(Micros now) {
  if (schedule_.on_timeout(now, random_uint32(0, UINT32_MAX))) {
    send(now);
  }
}

void RtcpReports::send(Micros now) {
  std::array<uint8_t, rtcp::kRtcpBudget> buffer;
  rtcp::CompoundBuilder compound;
  const rtcp::NtpClock& clock = session_.loop().ntp();
  const auto send = [this, now](Bytes packet) { session_.send_rtcp(packet, now); };
  for (const auto& [handle, consumer] : session_.consumers()) {
    const auto info = consumer->take_sender_info(now, clock);
    if (!info) {
      continue;
    }
    const Ssrc ssrc{consumer->setup().ssrc};
    const rtcp::OutgoingSenderReport report{ssrc, *info};
    const rtcp::SdesChunk chunk{ssrc, consumer->setup().cname};
    compound.add_or_flush(
        {.sender_reports = {&report, 1}, .chunks = {&chunk, 1}, .dlrr = reference_times_.take(now)},
        buffer, send);
  }
  for (const auto& producer : session_.producers()) {
    blocks_.clear();
    if (producer && producer->add_reports(blocks_, now)) {
      compound.add_or_flush({.blocks = blocks_, .reference_time = clock.at(now)}, buffer, send);
    }
  }
  compound.finish(buffer, send);
}

}  // namespace sluice::media
