// Which packets of a VP8 stream one consumer gets, and under which picture ids (media-plane 5.11):
// a receiver must see both ids count on without gaps, whatever temporal layers it is given and
// however often the stream behind them changes.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/codecs/payload.h"
#include "protocol/rtp/seq_numberer.h"

namespace sluice::codecs {

class Vp8Processor {
 public:
  /// The ids with which a consumer starts at its first `sync`.
  enum class FirstIds : uint8_t {
    /// Those of the packet. As long as nothing is dropped no packet needs a rewrite.
    kAsReceived,
    /// Always 1.
    kOne,
  };

  explicit Vp8Processor(FirstIds first_ids = FirstIds::kAsReceived)
      : starts_as_received_(first_ids == FirstIds::kAsReceived) {}

  /// The next packet with ids continues the numbering.
  void sync() { sync_required_ = true; }
  /// Until the first call all layers go out. -1 for none: then nothing goes out.
  void set_target_temporal_layer(int target);
  /// -1 when there is no target.
  [[nodiscard]] int current_temporal_layer() const { return target_ < 0 ? -1 : current_; }

  /// The bytes to change in `payload`, from which `info` was parsed; nothing when the packet must
  /// not go out. Picture ids of one byte are written with two, so that all packets of a consumer
  /// have the same form.
  std::optional<PayloadRewrite> process(const PayloadInfo& info, Bytes payload);

 private:
  void start(const PayloadInfo& info);
  /// False when the temporal layer of a packet in order is not wanted.
  [[nodiscard]] bool wants(const PayloadInfo& info) const;
  void follow_target(const PayloadInfo& info, bool old);

  bool starts_as_received_;
  bool selects_ = false;
  bool sync_required_ = false;
  bool started_ = false;  ///< some picture id was seen
  int target_ = 0;
  int current_ = 0;
  rtp::SeqNumberer<15> picture_ids_;
  rtp::SeqNumberer<8> tl0_indices_;
};

}  // namespace sluice::codecs
