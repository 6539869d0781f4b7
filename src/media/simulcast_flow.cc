#include "media/simulcast_flow.h"

#include "media/fanout.h"
#include "media/first_number.h"
#include "protocol/layers/switch_timestamp.h"

namespace sluice::media {
namespace {

// Packets from before a switch are not expected this far behind it.
constexpr uint16_t kLateWindow = 100;
// Packets held before a key frame (media-plane 7.1).
constexpr size_t kHeld = 30;

}  // namespace

SimulcastFlow::SimulcastFlow(const ConsumerSetup& setup, Fanout& fanout, SendStream& out)
    : payload_types_(setup.payload_types),
      numbers_(static_cast<uint16_t>(random_first_number() - 1)),
      processor_(setup.codec, {.temporal_layers = setup.temporal_layers}),
      fanout_(fanout),
      out_(out),
      held_(kHeld) {}

void SimulcastFlow::on_packets(std::span<const ForwardedPacket> packets, const SendTime& time) {
  for (const ForwardedPacket& packet : packets) {
    on_packet(packet, time);
  }
}

void SimulcastFlow::on_packet(const ForwardedPacket& packet, const SendTime& time) {
  const MediaPacket& media = packet.media();
  const auto stream = static_cast<int8_t>(media.stream);
  const uint16_t in = media.sequence_number.value;
  if (stream == current_ && media.source != source_) [[unlikely]] {
    // The stream goes on with another SSRC: the same as another stream.
    current_ = -1;
    restart();
    out_.clear_history();
  }
  const bool usable = target_.spatial >= 0 && payload_types_.contains(media.payload_type);
  const bool starts = usable && stream == target_.spatial && (stream != current_ || sync_required_);
  if (!starts && stream != current_) {
    return;
  }
  if (media.restarted && stream == current_) {
    numbers_.sync(static_cast<uint16_t>(in - 1));
    processor_.sync();
    out_.clear_history();
    switched_at_.reset();
  }
  if (starts && !media.payload.key_frame) {
    // Another stream that goes out now does so until this one has its key frame.
    held_.add(packet);
    starved_ = true;
    return;
  }
  if (!usable || media.payload_size == 0) {
    if (stream == current_) {
      numbers_.drop(in);
    }
    return;
  }
  if (starts ? !switch_to(media, time) : (sync_required_ || is_late(media.sequence_number))) {
    if (stream == current_) {
      numbers_.drop(in);
    }
    return;
  }
  const auto decision = processor_.process(media.payload, packet.payload(), media.marker);
  if (!decision.forward) {
    numbers_.drop(in);
    return;
  }
  if (const auto number = numbers_.input(in)) {
    const bool newest = *number == numbers_.max_output_extended();
    out_.send(packet, SeqNum{rtp::SeqNumberer<16>::wrap(*number)},
              Timestamp{media.timestamp.value - timestamp_offset_}, decision, time);
    if (newest) {
      last_marker_ = decision.marker;
    }
  }
  if (starts && !held_.empty()) {
    held_.release(media.sequence_number, fanout_,
                  [&](const ForwardedPacket& held) { on_packet(held, time); });
  }
}

bool SimulcastFlow::switch_to(const MediaPacket& media, const SendTime& time) {
  const auto stream = static_cast<int8_t>(media.stream);
  uint32_t offset = offset_of(stream);
  if (const auto sent = out_.sent_time(time.now)) {
    const auto result =
        layers::switch_timestamp(media.timestamp, offset, *sent, out_.clock_rate(), asked_again_);
    if (!result.accept) {
      asked_again_ = true;
      fanout_.request_key_frame(media.stream, time.now);
      return false;
    }
    offset = result.offset;
  }
  asked_again_ = false;
  timestamp_offset_ = offset;
  // Behind a frame whose end was not sent, a missing number tells the receiver that it is not
  // complete.
  numbers_.sync(static_cast<uint16_t>(media.sequence_number.value - (last_marker_ ? 1 : 2)));
  processor_.sync();
  processor_.set_target_layers(target_.spatial, target_.temporal);
  source_ = media.source;
  if (current_ != stream) {
    current_ = stream;
    out_.on_source_changed(time.now);
  }
  sync_required_ = false;
  starved_ = false;
  switched_at_ = media.sequence_number;
  return true;
}

uint32_t SimulcastFlow::offset_of(int8_t stream) const {
  if (!reference_ || *reference_ == stream) {
    return 0;
  }
  const auto& from = fanout_.streams()[static_cast<size_t>(*reference_)].clock;
  const auto& to = fanout_.streams()[static_cast<size_t>(stream)].clock;
  return from && to ? layers::timestamp_offset(*from, *to, out_.clock_rate()) : 0;
}

/// Whether a packet of the current stream is from before the switch to it.
bool SimulcastFlow::is_late(SeqNum sequence) {
  if (!switched_at_) {
    return false;
  }
  if (is_higher(*switched_at_, sequence)) {
    return true;
  }
  if (is_higher(sequence, SeqNum{static_cast<uint16_t>(switched_at_->value + kLateWindow)})) {
    switched_at_.reset();
  }
  return false;
}

void SimulcastFlow::restart() {
  sync_required_ = true;
  starved_ = false;
  held_.clear();
}

void SimulcastFlow::set_target(codecs::Layers target, std::optional<int8_t> reference) {
  reference_ = reference;
  if (target.spatial != target_.spatial) {
    held_.clear();
    asked_again_ = false;
  }
  if (target.spatial < 0) {
    current_ = -1;
    sync_required_ = true;
  }
  target_ = target;
  if (target.spatial == current_ && !sync_required_) {
    processor_.set_target_layers(target.spatial, target.temporal);
  }
}

codecs::Layers SimulcastFlow::current() const {
  if (current_ < 0 || sync_required_) {
    return {};
  }
  return {current_, static_cast<int8_t>(processor_.current_temporal_layer())};
}

}  // namespace sluice::media
