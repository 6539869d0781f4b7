// What of a simulcast producer goes to one consumer: one of its streams at a time, as one
// continuous stream (media-plane 7.3). Switching from one to another happens at a key frame of the
// new one; sequence numbers go on, and timestamps stay on the time line of one reference stream.
//
// Hot path: `on_packets` allocates nothing and locks nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/types.h"
#include "media/forwarded_packet.h"
#include "media/hold_buffer.h"
#include "media/loop_setup.h"
#include "media/payload_type_set.h"
#include "media/send_stream.h"
#include "protocol/codecs/layer_history.h"
#include "protocol/codecs/payload.h"
#include "protocol/rtp/seq_numberer.h"

namespace sluice::media {

class SimulcastFlow {
 public:
  SimulcastFlow(const ConsumerSetup& setup, Fanout& fanout, SendStream& out);

  void on_packets(std::span<const ForwardedPacket> packets, const SendTime& time);
  /// The next packet starts the flow anew, with a key frame of the target stream.
  void restart();

  /// -1 in both for none. `reference`: the stream on whose time line timestamps are sent.
  void set_target(codecs::Layers target, std::optional<int8_t> reference);
  /// What goes out; -1 in both while nothing does.
  [[nodiscard]] codecs::Layers current() const;
  /// Whether packets of the target stream had to wait for a key frame since the last call.
  bool take_starved() { return std::exchange(starved_, false); }

 private:
  void on_packet(const ForwardedPacket& packet, const SendTime& time);
  /// Makes the packet's stream the current one; false when it must wait for another key frame.
  bool switch_to(const MediaPacket& media, const SendTime& time);
  [[nodiscard]] uint32_t offset_of(int8_t stream) const;
  [[nodiscard]] bool is_late(SeqNum sequence);

  codecs::Layers target_;
  int8_t current_ = -1;
  bool sync_required_ = true;
  bool starved_ = false;
  uint8_t source_ = 0;  ///< of the current stream (MediaPacket)
  uint32_t timestamp_offset_ = 0;
  PayloadTypeSet payload_types_;
  rtp::SeqNumberer<16> numbers_;
  codecs::PayloadProcessor processor_;

  std::optional<int8_t> reference_;
  /// Where the last switch was, as long as packets from before it may come.
  std::optional<SeqNum> switched_at_;
  /// One more key frame was asked for because the first was too old.
  bool asked_again_ = false;
  bool last_marker_ = true;
  Fanout& fanout_;
  SendStream& out_;
  HoldBuffer held_;
};

}  // namespace sluice::media
