#include "unit/codecs/dependency_structures.h"

#include <array>

namespace sluice::codecs {
namespace {

// For each position of the pattern: its layer, and how many pictures back its reference is.
constexpr unsigned kPattern = 4;
constexpr std::array<std::array<uint8_t, kPattern>, 3> kLayers = {
    {{0, 0, 0, 0}, {0, 1, 0, 1}, {0, 2, 1, 2}}};
constexpr std::array<std::array<uint8_t, kPattern>, 3> kDistances = {
    {{1, 1, 1, 1}, {2, 1, 2, 1}, {4, 1, 2, 1}}};
// Templates of a spatial layer: the key picture, then each position ordered by temporal layer.
constexpr std::array<uint8_t, kPattern> kPositionsByLayer = {0, 2, 1, 3};

}  // namespace

LayeredStream::LayeredStream(uint8_t spatial_layers, uint8_t temporal_layers, bool key_frame_svc,
                             uint16_t first_number, uint8_t template_offset)
    : spatial_layers_(spatial_layers),
      temporal_layers_(temporal_layers),
      key_frame_svc_(key_frame_svc),
      number_(first_number) {
  strings_.reserve(64);
  structure_.offset = template_offset;
  structure_.decode_targets = static_cast<uint8_t>(spatial_layers * temporal_layers);
  for (uint8_t s = 0; s < spatial_layers; ++s) {
    structure_.templates.push_back({.spatial_layer = s,
                                    .temporal_layer = 0,
                                    .indications = indications(s, 0, true),
                                    .frame_diffs = frame_diffs(s, 0, true)});
    for (const unsigned position : kPositionsByLayer) {
      const uint8_t t = kLayers[temporal_layers - 1U][position];
      structure_.templates.push_back({.spatial_layer = s,
                                      .temporal_layer = t,
                                      .indications = indications(s, t, false),
                                      .frame_diffs = frame_diffs(s, position, false)});
    }
  }
}

std::string_view LayeredStream::indications(uint8_t spatial, uint8_t temporal, bool key) {
  std::string text;
  for (uint8_t s = 0; s < spatial_layers_; ++s) {
    for (uint8_t t = 0; t < temporal_layers_; ++t) {
      const bool other_space = s < spatial || (s > spatial && key_frame_svc_ && !key);
      if (other_space || t < temporal) {
        text += '-';
      } else if (s > spatial) {
        text += key ? 'S' : 'R';
      } else {
        text += temporal > 0 && t == temporal ? 'D' : 'S';
      }
    }
  }
  return strings_.emplace_back(std::move(text));
}

std::vector<uint16_t> LayeredStream::frame_diffs(uint8_t spatial, unsigned position,
                                                 bool key) const {
  std::vector<uint16_t> diffs;
  if (!key) {
    diffs.push_back(
        static_cast<uint16_t>(kDistances[temporal_layers_ - 1U][position] * spatial_layers_));
  }
  if (spatial > 0 && (key || !key_frame_svc_)) {
    diffs.push_back(1);
  }
  return diffs;
}

uint8_t LayeredStream::template_index(uint8_t spatial, unsigned position, bool key) const {
  unsigned i = 0;
  while (!key && kPositionsByLayer[i] != position) {
    ++i;
  }
  return static_cast<uint8_t>(spatial * (kPattern + 1) + (key ? 0 : i + 1));
}

std::vector<LayeredStream::Frame> LayeredStream::next_picture(bool key) {
  if (key) {
    position_ = 0;
  }
  std::vector<Frame> frames;
  for (uint8_t s = 0; s < spatial_layers_; ++s) {
    const uint8_t index = template_index(s, position_, key);
    frames.push_back({.number = number_++,
                      .spatial_layer = s,
                      .temporal_layer = kLayers[temporal_layers_ - 1U][position_],
                      .template_id = static_cast<uint8_t>((index + structure_.offset) % 64),
                      .key = key && s == 0,
                      .frame_diffs = structure_.templates[index].frame_diffs});
  }
  position_ = (position_ + 1) % kPattern;
  return frames;
}

Payload LayeredStream::descriptor(const Frame& frame, bool start, bool end) const {
  return dependency_descriptor({.start = start,
                                .end = end,
                                .template_id = frame.template_id,
                                .frame_number = frame.number,
                                .structure = frame.key && start ? &structure_ : nullptr});
}

}  // namespace sluice::codecs
