#include "media/stream_flow.h"

#include "media/fanout.h"
#include "media/first_number.h"

namespace sluice::media {
namespace {

// Packets held before a key frame (media-plane 7.1).
constexpr size_t kHeld = 15;
constexpr size_t kHeldSvc = 20;

}  // namespace

StreamFlow::StreamFlow(const ConsumerSetup& setup, Fanout& fanout, SendStream& out)
    : gated_(setup.video && codecs::needs_key_frame(setup.codec)),
      stopped_(setup.type == ConsumerType::kSvc),
      one_of_several_(setup.type == ConsumerType::kPipe),
      stream_(setup.stream),
      payload_types_(setup.payload_types),
      numbers_(static_cast<uint16_t>(random_first_number() - 1)),
      processor_(setup.type == ConsumerType::kPipe ? codecs::Codec::kOther : setup.codec,
                 {.ignore_dtx = setup.ignore_dtx,
                  .spatial_layers = setup.spatial_layers,
                  .temporal_layers = setup.temporal_layers,
                  .key_frame_svc = setup.key_frame_svc}),
      fanout_(fanout),
      out_(out),
      held_(setup.type == ConsumerType::kSvc ? kHeldSvc : kHeld) {}

void StreamFlow::on_packets(std::span<const ForwardedPacket> packets, const SendTime& time) {
  for (const ForwardedPacket& packet : packets) {
    if (!one_of_several_ || packet.media().stream == stream_) {
      on_packet(packet, time);
    }
  }
}

void StreamFlow::on_packet(const ForwardedPacket& packet, const SendTime& time) {
  const MediaPacket& media = packet.media();
  const uint16_t in = media.sequence_number.value;
  if (source_ != media.source) [[unlikely]] {
    change_source(media, time);
  } else if (media.restarted) {
    numbers_.sync(static_cast<uint16_t>(in - 1));
    processor_.sync();
    out_.clear_history();
  }
  if (stopped_) {
    numbers_.drop(in);
    return;
  }
  if (sync_required_ && gated_ && !media.payload.key_frame) {
    held_.add(packet);
    starved_ = true;
    return;
  }
  const bool unwrap = !payload_types_.contains(media.payload_type);
  if (unwrap ? !has_primary(media) : media.payload_size == 0) {
    numbers_.drop(in);
    return;
  }
  if (sync_required_) {
    processor_.sync();
  }
  auto decision = processor_.process(media.payload, packet.payload(), media.marker);
  if (!decision.forward) {
    numbers_.drop(in);
    return;
  }
  if (unwrap) {
    decision.payload_type = media.payload.primary_payload_type;
    decision.rewrite.skip = media.payload.primary_offset;
  }
  const bool starts_flow = sync_required_;
  if (starts_flow) {
    numbers_.sync(static_cast<uint16_t>(in - 1));
    sync_required_ = false;
    starved_ = false;
  }
  if (const auto number = numbers_.input(in)) {
    out_.send(packet, SeqNum{rtp::SeqNumberer<16>::wrap(*number)},
              Timestamp{media.timestamp.value - timestamp_offset_}, decision, time);
  }
  if (starts_flow && !held_.empty()) {
    held_.release(media.sequence_number, fanout_,
                  [&](const ForwardedPacket& held) { on_packet(held, time); });
  }
}

/// Whether it is a RED packet with something in it for a receiver that does not know RED.
bool StreamFlow::has_primary(const MediaPacket& media) const {
  const uint16_t offset = media.payload.primary_offset;
  return offset != 0 && offset < media.payload_size &&
         payload_types_.contains(PayloadType{media.payload.primary_payload_type});
}

/// The stream goes on with another SSRC, whose numbers and times continue those that were sent.
void StreamFlow::change_source(const MediaPacket& media, const SendTime& time) {
  if (source_) {
    restart();
    out_.clear_history();
    if (const auto sent = out_.sent_time(time.now)) {
      timestamp_offset_ = media.timestamp.value - sent->now.value;
    }
  }
  source_ = media.source;
}

void StreamFlow::restart() {
  sync_required_ = true;
  starved_ = false;
  held_.clear();
}

void StreamFlow::set_target(codecs::Layers target) {
  const bool stop = target.spatial < 0 || target.temporal < 0;
  if (stopped_ && !stop) {
    restart();
  }
  stopped_ = stop;
  processor_.set_target_layers(target.spatial, target.temporal);
}

codecs::Layers StreamFlow::current() const {
  if (stopped_ || sync_required_) {
    return {};
  }
  return {static_cast<int8_t>(processor_.current_spatial_layer()),
          static_cast<int8_t>(processor_.current_temporal_layer())};
}

}  // namespace sluice::media
