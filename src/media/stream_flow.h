// What of one received stream goes to a consumer, and under which numbers: the packet decisions of
// "simple" and "svc" consumers, and of one stream of a "pipe" consumer, which leaves the payload as
// it is (media-plane 7.2, 7.4, 7.7). How it goes out is the SendStream's business.
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

class StreamFlow {
 public:
  StreamFlow(const ConsumerSetup& setup, Fanout& fanout, SendStream& out);

  void on_packets(std::span<const ForwardedPacket> packets, const SendTime& time);
  /// The next packet starts the flow anew; with video of most codecs that takes a key frame.
  void restart();

  /// Whether packets had to wait for a key frame since the last call.
  bool take_starved() { return std::exchange(starved_, false); }

  [[nodiscard]] bool wants_history() const { return gated_; }
  /// SVC: -1 in both for none.
  void set_target(codecs::Layers target);
  [[nodiscard]] codecs::Layers current() const;

 private:
  void on_packet(const ForwardedPacket& packet, const SendTime& time);
  void change_source(const MediaPacket& media, const SendTime& time);
  [[nodiscard]] bool has_primary(const MediaPacket& media) const;

  // Read for every packet.
  bool sync_required_ = true;
  bool gated_;  ///< only a key frame can start the flow
  bool stopped_ = false;
  bool starved_ = false;
  std::optional<uint8_t> source_;  ///< of the packets that go out (MediaPacket)
  uint32_t timestamp_offset_ = 0;
  bool one_of_several_;  ///< other streams' packets come along
  uint8_t stream_;
  PayloadTypeSet payload_types_;
  rtp::SeqNumberer<16> numbers_;
  codecs::PayloadProcessor processor_;

  Fanout& fanout_;
  SendStream& out_;
  HoldBuffer held_;
};

}  // namespace sluice::media
