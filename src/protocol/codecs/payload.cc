#include "protocol/codecs/payload.h"

#include "base/types.h"
#include "protocol/codecs/av1.h"
#include "protocol/codecs/dependency_descriptor.h"
#include "protocol/codecs/h264.h"
#include "protocol/codecs/h265.h"
#include "protocol/codecs/opus.h"
#include "protocol/codecs/vp8.h"
#include "protocol/codecs/vp9.h"

namespace sluice::codecs {

struct PayloadParser::DescriptorState {
  DependencyDescriptorReader reader;
};

namespace {

constexpr uint16_t kPictureIdMask = 0x7fff;

/// Codecs whose layers are taken from the dependency descriptor when there is one.
constexpr bool has_dependency_layers(Codec codec) {
  return codec == Codec::kAv1 || codec == Codec::kH264 || codec == Codec::kH265;
}

}  // namespace

PayloadParser::PayloadParser(Codec codec, const PayloadParserOptions& options)
    : codec_(codec), options_(options) {
  if (has_dependency_layers(codec)) {
    descriptor_ = std::make_unique<DescriptorState>();
  }
}

PayloadParser::~PayloadParser() = default;
PayloadParser::PayloadParser(PayloadParser&&) noexcept = default;
PayloadParser& PayloadParser::operator=(PayloadParser&&) noexcept = default;

void PayloadParser::reset() {
  last_picture_id_.reset();
  if (descriptor_) {
    descriptor_->reader.reset();
  }
}

PayloadInfo PayloadParser::parse(Bytes payload, Bytes dependency_descriptor) {
  PayloadInfo info;
  info.codec = codec_;
  if (codec_ == Codec::kOther) {
    return info;
  }
  if (!parse_dependencies(dependency_descriptor, info)) {
    parse_payload(payload, info);
  }
  return info;
}

/// True when all that is to know of the packet comes from its dependency descriptor.
bool PayloadParser::parse_dependencies(Bytes value, PayloadInfo& info) {
  if (value.empty()) {
    return false;
  }
  if (!descriptor_) {
    if (const auto start = parse_dependency_descriptor_start(value)) {
      info.has_frame_number = true;
      info.frame_number = start->frame_number;
    }
    return false;
  }
  const auto d = descriptor_->reader.parse(value);
  if (!d) {
    return false;
  }
  info.has_descriptor = true;
  info.has_dependencies = true;
  info.has_temporal_layer = true;
  info.has_frame_number = true;
  info.key_frame = d->structure_attached && d->start_of_frame;
  info.spatial_layer = d->frame.spatial_layer;
  info.temporal_layer = d->frame.temporal_layer;
  info.start_of_frame = d->start_of_frame;
  info.end_of_frame = d->end_of_frame;
  info.frame_number = d->frame_number;
  info.switch_temporal_layers = d->switch_temporal_layers;
  info.needed_by_spatial_layers = d->needed_by_spatial_layers;
  return true;
}

void PayloadParser::parse_payload(Bytes payload, PayloadInfo& info) {
  switch (codec_) {
    case Codec::kOpus:
      if (const auto opus = parse_opus(payload)) {
        info.has_descriptor = true;
        info.dtx = opus->dtx;
      }
      break;
    case Codec::kVp8:
      parse_vp8_payload(payload, info);
      break;
    case Codec::kVp9:
      parse_vp9_payload(payload, info);
      break;
    case Codec::kH264:
      info.key_frame = starts_h264_key_frame(payload, options_.h264_idr_starts_key_frame);
      break;
    case Codec::kH265:
      if (const auto h265 = parse_h265(payload)) {
        info.has_descriptor = true;
        info.has_temporal_layer = true;
        info.key_frame = h265->key_frame;
        info.temporal_layer = h265->temporal_layer;
        info.layer_sync = h265->switching_up;
        info.layer_sync_above = h265->switching_up_all;
      }
      break;
    case Codec::kAv1:
      info.key_frame = starts_av1_sequence(payload);
      break;
    case Codec::kOther:
      break;
  }
}

void PayloadParser::parse_vp8_payload(Bytes payload, PayloadInfo& info) {
  const auto d = parse_vp8(payload);
  if (!d) {
    return;
  }
  info.has_descriptor = true;
  info.key_frame = d->key_frame;
  info.has_temporal_layer = d->has_temporal_layer;
  info.temporal_layer = d->has_temporal_layer ? d->temporal_layer : uint8_t{0};
  info.layer_sync = d->has_temporal_layer && d->layer_sync;
  info.start_of_frame = d->starts_partition && d->partition == 0;
  info.has_picture_id = d->has_picture_id;
  info.has_tl0 = d->has_tl0;
  info.tl0_picture_index = d->tl0_picture_index;
  info.descriptor_size = d->size;
  info.picture_id_offset = d->picture_id_offset;
  info.picture_id_size = d->picture_id_size;
  info.tl0_offset = d->tl0_offset;
  if (d->has_picture_id) {
    info.picture_id = full_picture_id(d->picture_id, d->picture_id_size);
  }
}

void PayloadParser::parse_vp9_payload(Bytes payload, PayloadInfo& info) {
  const auto d = parse_vp9(payload);
  if (!d) {
    return;
  }
  info.has_descriptor = true;
  info.key_frame = d->key_frame;
  info.has_temporal_layer = d->has_layers;
  info.spatial_layer = d->spatial_layer;
  info.temporal_layer = d->temporal_layer;
  info.layer_sync = d->switching_up;
  info.start_of_frame = d->start_of_frame;
  info.end_of_frame = d->end_of_frame;
  info.inter_picture_predicted = d->inter_picture_predicted;
  info.has_picture_id = d->has_picture_id;
  info.has_tl0 = d->has_tl0;
  info.tl0_picture_index = d->tl0_picture_index;
  info.picture_id_size = d->picture_id_size;
  if (d->has_picture_id) {
    info.picture_id = full_picture_id(d->picture_id, d->picture_id_size);
  }
}

/// Ids of 7 bits wrap every few seconds, much sooner than everything that counts in 15 expects.
uint16_t PayloadParser::full_picture_id(uint16_t picture_id, uint8_t size) {
  if (size == 1 && last_picture_id_) {
    picture_id = static_cast<uint16_t>(extend<7>(picture_id, *last_picture_id_)) & kPictureIdMask;
  }
  last_picture_id_ = picture_id;
  return picture_id;
}

}  // namespace sluice::codecs
