// links: sluice_codecs
// A row of dependency descriptors for one reader. Whatever is read must lie within the limits of
// the syntax, and must not change when the value is read a second time.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocol/codecs/dependency_descriptor.h"

namespace {

using namespace sluice;
using namespace sluice::codecs;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_frame(const FrameDependencies& frame, const DependencyStructure& structure) {
  require(frame.spatial_layer < kMaxSpatialLayers && frame.temporal_layer < kMaxTemporalLayers);
  require(frame.spatial_layer < structure.spatial_layer_count);
  require(frame.frame_diff_count <= kMaxFrameDiffs);
  for (size_t i = 0; i < frame.frame_diff_count; ++i) {
    require(frame.frame_diffs[i] >= 1 && frame.frame_diffs[i] <= 4096);
  }
  for (size_t i = structure.decode_target_count; i < kMaxDecodeTargets; ++i) {
    require(frame.indications.at(i) == DecodeTargetIndication::kNotPresent);
  }
}

void check_structure(const DependencyStructure& s) {
  require(s.template_count >= 1 && s.template_count <= kMaxTemplates);
  require(s.decode_target_count >= 1 && s.decode_target_count <= kMaxDecodeTargets);
  require(s.chain_count <= s.decode_target_count);
  for (size_t i = 0; i < s.decode_target_count; ++i) {
    require(s.chain_count == 0 || s.protected_by[i] < s.chain_count);
    require(s.decode_target_layers[i].spatial < s.spatial_layer_count);
  }
  for (size_t i = 0; i < s.template_count; ++i) {
    check_frame(s.templates[i], s);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteReader input(Bytes(data, size));
  DependencyDescriptorReader reader;
  while (input.remaining() > 0) {
    const uint8_t length = input.u8();
    if (length == 0xff) {
      reader.reset();
      continue;
    }
    const Bytes bytes = input.bytes(std::min<size_t>(length, input.remaining()));
    const std::vector<uint8_t> value(bytes.begin(), bytes.end());
    const bool had_structure = reader.structure() != nullptr;
    const auto d = reader.parse(value);
    require(!had_structure || reader.structure() != nullptr);
    if (!d) {
      continue;
    }
    require(value.size() >= DependencyDescriptorStart::kSize && reader.structure() != nullptr);
    check_structure(*reader.structure());
    require(d->frame.spatial_layer < kMaxSpatialLayers);
    require(d->needed_by_spatial_layers < 1 << kMaxSpatialLayers);
    const auto again = reader.parse(value);
    require(again && again->frame_number == d->frame_number &&
            again->switch_temporal_layers == d->switch_temporal_layers &&
            again->needed_by_spatial_layers == d->needed_by_spatial_layers &&
            again->active_decode_targets == d->active_decode_targets);
  }
  return 0;
}
