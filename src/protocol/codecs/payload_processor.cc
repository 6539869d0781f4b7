// The PayloadProcessor of payload.h: which selector and which numbering a codec needs, told apart
// once at its making and without virtual calls per packet.

#include <algorithm>
#include <variant>

#include "protocol/codecs/frame_numbers.h"
#include "protocol/codecs/layer_selector.h"
#include "protocol/codecs/payload.h"
#include "protocol/codecs/temporal_selector.h"
#include "protocol/codecs/vp8_processor.h"

namespace sluice::codecs {
namespace {

constexpr uint8_t kPictureIdBits = 15;
constexpr uint8_t kFrameNumberBits = 16;

/// For codecs with selection by layer, but no rewrite of the payload.
struct LayeredState {
  LayerSelector layers;
  TemporalSelector temporal;  ///< of H265 without dependency descriptor
  bool selects = false;
  bool by_temporal_id = false;  ///< `temporal` decided about the last packet, not `layers`
};

LayerFrame layer_frame(const PayloadInfo& info, bool marker) {
  LayerFrame frame{.spatial = info.spatial_layer,
                   .temporal = info.temporal_layer,
                   .key_frame = info.key_frame,
                   .begins = info.start_of_frame,
                   .ends = info.end_of_frame,
                   .marker = marker,
                   .switching_up = info.layer_sync,
                   .switch_temporal_layers = info.switch_temporal_layers,
                   .needed_by_spatial_layers = info.needed_by_spatial_layers};
  if (info.has_dependencies) {
    frame.has_number = true;
    frame.number = info.frame_number;
  } else {
    frame.has_number = info.has_picture_id;
    frame.number = info.picture_id;
    if (info.inter_picture_predicted) {
      // Under K-SVC only key pictures connect the spatial layers.
      frame.needed_by_spatial_layers = static_cast<uint8_t>(1U << info.spatial_layer);
    }
  }
  return frame;
}

}  // namespace

struct PayloadProcessor::State {
  std::variant<Vp8Processor, LayeredState> codec;
  FrameNumbers frame_numbers;

  Vp8Processor* vp8() { return std::get_if<Vp8Processor>(&codec); }
  LayeredState* layered() { return std::get_if<LayeredState>(&codec); }
};

PayloadProcessor::PayloadProcessor(Codec codec, const PayloadProcessorOptions& options)
    : codec_(codec), options_(options) {
  switch (codec) {
    case Codec::kVp8:
      state_ = std::make_unique<State>(State{.codec = Vp8Processor(), .frame_numbers = {}});
      break;
    case Codec::kVp9:
    case Codec::kAv1:
    case Codec::kH264:
    case Codec::kH265: {
      LayerSelector layers(
          {.spatial_layers = options.spatial_layers,
           .temporal_layers = options.temporal_layers,
           .key_frame_svc = options.key_frame_svc,
           .number_bits = codec == Codec::kVp9 ? kPictureIdBits : kFrameNumberBits});
      state_ = std::make_unique<State>(
          State{.codec = LayeredState{.layers = layers, .temporal = {}}, .frame_numbers = {}});
      break;
    }
    case Codec::kOpus:
    case Codec::kOther:
      break;
  }
}

PayloadProcessor::~PayloadProcessor() = default;
PayloadProcessor::PayloadProcessor(PayloadProcessor&&) noexcept = default;
PayloadProcessor& PayloadProcessor::operator=(PayloadProcessor&&) noexcept = default;

void PayloadProcessor::sync() {
  if (!state_) {
    return;
  }
  state_->frame_numbers.sync();
  if (Vp8Processor* const vp8 = state_->vp8()) {
    vp8->sync();
  } else {
    state_->layered()->layers.sync();
  }
}

void PayloadProcessor::set_target_layers(int spatial, int temporal) {
  if (!state_) {
    return;
  }
  const bool none = spatial < 0 || temporal < 0;
  if (Vp8Processor* const vp8 = state_->vp8()) {
    vp8->set_target_temporal_layer(none ? -1 : temporal);
    return;
  }
  LayeredState& state = *state_->layered();
  state.selects = true;
  state.temporal.set_target(none ? -1 : temporal);
  state.layers.set_target(
      none ? Layers{}
           : Layers{.spatial = static_cast<int8_t>(std::min(spatial, options_.spatial_layers - 1)),
                    .temporal = static_cast<int8_t>(temporal)});
}

int PayloadProcessor::current_spatial_layer() const {
  const LayeredState* const layered = state_ ? state_->layered() : nullptr;
  return layered ? layered->layers.current().spatial : -1;
}

int PayloadProcessor::current_temporal_layer() const {
  if (!state_) {
    return -1;
  }
  if (const Vp8Processor* const vp8 = state_->vp8()) {
    return vp8->current_temporal_layer();
  }
  const LayeredState& state = *state_->layered();
  return state.by_temporal_id ? state.temporal.current() : state.layers.current().temporal;
}

bool PayloadProcessor::select(const PayloadInfo& info, bool& marker) {
  LayeredState& state = *state_->layered();
  if (!state.selects || !info.has_descriptor) {
    return true;
  }
  state.by_temporal_id = codec_ == Codec::kH265 && !info.has_dependencies;
  if (state.by_temporal_id) {
    return state.temporal.accept({.temporal_layer = info.temporal_layer,
                                  .key_frame = info.key_frame,
                                  .switching_up = info.layer_sync,
                                  .switching_up_all = info.layer_sync_above});
  }
  return state.layers.accept(layer_frame(info, marker), marker);
}

PayloadProcessor::Decision PayloadProcessor::process(const PayloadInfo& info, Bytes payload,
                                                     bool marker) {
  Decision decision{.forward = true, .marker = marker, .rewrite = {}, .frame_number = {}};
  if (!state_) {
    decision.forward = !(info.dtx && options_.ignore_dtx);
    return decision;
  }
  if (Vp8Processor* const vp8 = state_->vp8()) {
    const auto rewrite = vp8->process(info, payload);
    decision.forward = rewrite.has_value();
    decision.rewrite = rewrite.value_or(PayloadRewrite{});
  } else {
    decision.forward = select(info, decision.marker);
  }
  if (decision.forward && info.has_frame_number) {
    const uint16_t mapped = state_->frame_numbers.map(info.frame_number);
    if (mapped != info.frame_number) {
      decision.frame_number = mapped;
    }
  }
  return decision;
}

}  // namespace sluice::codecs
