#include "protocol/codecs/vp8_processor.h"

#include <algorithm>

#include "base/types.h"

namespace sluice::codecs {
namespace {

constexpr uint16_t kTwoByteId = 0x8000;

/// The descriptor up to TL0PICIDX with other ids, or nothing to do when it has them already.
PayloadRewrite rewrite_ids(const PayloadInfo& info, Bytes payload, uint16_t picture_id,
                           uint8_t tl0) {
  PayloadRewrite rewrite;
  if (picture_id == info.picture_id && tl0 == info.tl0_picture_index &&
      info.picture_id_size == sizeof(picture_id)) {
    return rewrite;
  }
  ByteWriter writer(rewrite.bytes);
  writer.bytes(payload.first(info.picture_id_offset));
  writer.u16(picture_id | kTwoByteId);
  writer.u8(tl0);
  rewrite.size = static_cast<uint8_t>(writer.size());
  rewrite.skip = static_cast<uint8_t>(info.tl0_offset + 1);
  return rewrite;
}

}  // namespace

void Vp8Processor::set_target_temporal_layer(int target) {
  // All layers went out until the first call. Those above the target stop now, and when the target
  // rises again before the next packet they are as if they had never come.
  current_ = selects_ ? std::min(current_, std::max(target, 0)) : std::max(target, 0);
  selects_ = true;
  target_ = target;
}

void Vp8Processor::start(const PayloadInfo& info) {
  const auto picture = static_cast<uint16_t>(info.picture_id - 1);
  const auto tl0 = static_cast<uint8_t>(info.tl0_picture_index - 1);
  if (!started_ && starts_as_received_) {
    picture_ids_ = rtp::SeqNumberer<15>(rtp::SeqNumberer<15>::wrap(picture));
    tl0_indices_ = rtp::SeqNumberer<8>(tl0);
  }
  picture_ids_.sync(picture);
  tl0_indices_.sync(tl0);
  started_ = true;
}

bool Vp8Processor::wants(const PayloadInfo& info) const {
  return !info.has_temporal_layer ||
         (info.temporal_layer <= target_ && (info.temporal_layer <= current_ || info.layer_sync));
}

void Vp8Processor::follow_target(const PayloadInfo& info, bool old) {
  if (!info.has_temporal_layer) {
    current_ = 0;
    return;
  }
  const int layer = info.temporal_layer;
  if (!old && (layer == target_ || (info.layer_sync && layer < target_))) {
    current_ = std::max(current_, layer);
  }
}

std::optional<PayloadRewrite> Vp8Processor::process(const PayloadInfo& info, Bytes payload) {
  if (selects_ && target_ < 0) {
    return std::nullopt;
  }
  if (!info.has_descriptor) {
    return PayloadRewrite{};
  }
  const bool has_both = info.has_picture_id && info.has_tl0;
  if (sync_required_ && has_both) {
    start(info);
    sync_required_ = false;
  }
  const bool old =
      info.has_picture_id && started_ && is_higher<15>(picture_ids_.max_input(), info.picture_id);
  if (selects_ && has_both && !old && !wants(info)) {
    picture_ids_.drop(info.picture_id);
    started_ = true;
    if (info.temporal_layer == 0) {
      tl0_indices_.drop(info.tl0_picture_index);
    }
    return std::nullopt;
  }
  if (has_both && !old && info.key_frame && !tl0_indices_.input(info.tl0_picture_index)) {
    // So much was lost that the eight bits of TL0PICIDX seem to lie before the start of the flow.
    start(info);
  }
  uint16_t picture_id = 0;
  uint8_t tl0 = 0;
  if (info.has_picture_id) {
    const auto mapped = picture_ids_.input(info.picture_id);
    if (!mapped) {
      return std::nullopt;
    }
    started_ = true;
    picture_id = rtp::SeqNumberer<15>::wrap(*mapped);
  }
  if (info.has_tl0) {
    const auto mapped = tl0_indices_.input(info.tl0_picture_index);
    if (!mapped) {
      return std::nullopt;
    }
    tl0 = rtp::SeqNumberer<8>::wrap(*mapped);
  }
  if (selects_) {
    follow_target(info, old);
    if (info.has_temporal_layer && info.temporal_layer > current_) {
      return std::nullopt;
    }
  }
  return has_both ? rewrite_ids(info, payload, picture_id, tl0) : PayloadRewrite{};
}

}  // namespace sluice::codecs
