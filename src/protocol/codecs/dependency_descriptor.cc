#include "protocol/codecs/dependency_descriptor.h"

#include <algorithm>
#include <bit>

#include "protocol/codecs/bit_reader.h"

namespace sluice::codecs {
namespace {

// A structure that comes with a frame at most this far before that of the current one is a
// straggler; farther back, the sender started over. About 15 s of three spatial layers at 30 frames
// a second.
constexpr int kLateFrames = 1500;

/// next_layer_idc
enum class NextLayer : uint8_t { kSame = 0, kNextTemporal = 1, kNextSpatial = 2, kEnd = 3 };

/// Bits 0..count-1.
constexpr uint32_t all_targets(unsigned count) {
  return count >= 32 ? ~uint32_t{0} : (uint32_t{1} << count) - 1;
}

bool read_template_layers(BitReader& bits, DependencyStructure& s) {
  uint8_t spatial = 0;
  uint8_t temporal = 0;
  while (true) {
    if (s.template_count == kMaxTemplates || temporal >= kMaxTemporalLayers ||
        spatial >= kMaxSpatialLayers) {
      return false;
    }
    FrameDependencies& t = s.templates[s.template_count++];
    t.spatial_layer = spatial;
    t.temporal_layer = temporal;
    switch (static_cast<NextLayer>(bits.read(2))) {
      case NextLayer::kSame:
        break;
      case NextLayer::kNextTemporal:
        ++temporal;
        break;
      case NextLayer::kNextSpatial:
        ++spatial;
        temporal = 0;
        break;
      case NextLayer::kEnd:
        s.spatial_layer_count = static_cast<uint8_t>(spatial + 1);
        return true;
    }
    if (!bits.ok()) {
      return false;
    }
  }
}

void read_indications(BitReader& bits, unsigned targets, DecodeTargetIndications& out) {
  for (unsigned i = 0; i < targets; ++i) {
    out.set(i, static_cast<DecodeTargetIndication>(bits.read(2)));
  }
}

bool read_template_frame_diffs(BitReader& bits, FrameDependencies& t) {
  while (bits.flag()) {
    if (t.frame_diff_count == kMaxFrameDiffs) {
      return false;
    }
    t.frame_diffs[t.frame_diff_count++] = static_cast<uint16_t>(bits.read(4) + 1);
  }
  return bits.ok();
}

void read_chains(BitReader& bits, DependencyStructure& s) {
  s.chain_count = static_cast<uint8_t>(bits.non_symmetric(s.decode_target_count + 1U));
  if (s.chain_count == 0) {
    return;
  }
  for (unsigned i = 0; i < s.decode_target_count; ++i) {
    s.protected_by[i] = static_cast<uint8_t>(bits.non_symmetric(s.chain_count));
  }
  for (unsigned i = 0; i < s.template_count; ++i) {
    for (unsigned c = 0; c < s.chain_count; ++c) {
      s.templates[i].chain_diffs[c] = static_cast<uint8_t>(bits.read(4));
    }
  }
}

void find_decode_target_layers(DependencyStructure& s) {
  for (unsigned i = 0; i < s.template_count; ++i) {
    const FrameDependencies& t = s.templates[i];
    for (unsigned d = 0; d < s.decode_target_count; ++d) {
      if (t.indications.at(d) != DecodeTargetIndication::kNotPresent) {
        auto& layers = s.decode_target_layers[d];
        layers.spatial = std::max(layers.spatial, t.spatial_layer);
        layers.temporal = std::max(layers.temporal, t.temporal_layer);
      }
    }
  }
}

bool read_structure(BitReader& bits, DependencyStructure& s) {
  s.template_id_offset = static_cast<uint8_t>(bits.read(6));
  s.decode_target_count = static_cast<uint8_t>(bits.read(5) + 1);
  if (!read_template_layers(bits, s)) {
    return false;
  }
  for (unsigned i = 0; i < s.template_count; ++i) {
    read_indications(bits, s.decode_target_count, s.templates[i].indications);
  }
  for (unsigned i = 0; i < s.template_count; ++i) {
    if (!read_template_frame_diffs(bits, s.templates[i])) {
      return false;
    }
  }
  read_chains(bits, s);
  s.has_resolutions = bits.flag();
  if (s.has_resolutions) {
    for (unsigned i = 0; i < s.spatial_layer_count; ++i) {
      s.resolutions[i].width = bits.read(16) + 1;
      s.resolutions[i].height = bits.read(16) + 1;
    }
  }
  find_decode_target_layers(s);
  return bits.ok();
}

/// next_fdiff_size counts nibbles; 0 ends the list.
bool read_custom_frame_diffs(BitReader& bits, FrameDependencies& f) {
  f.frame_diff_count = 0;
  while (const uint32_t nibbles = bits.read(2)) {
    if (f.frame_diff_count == kMaxFrameDiffs) {
      return false;
    }
    f.frame_diffs[f.frame_diff_count++] = static_cast<uint16_t>(bits.read(4 * nibbles) + 1);
  }
  return bits.ok();
}

void find_layer_use(const DependencyStructure& s, DependencyDescriptor& d) {
  for (unsigned i = 0; i < s.decode_target_count; ++i) {
    const DecodeTargetIndication indication = d.frame.indications.at(i);
    const auto& layers = s.decode_target_layers[i];
    if (indication != DecodeTargetIndication::kNotPresent) {
      d.needed_by_spatial_layers |= static_cast<uint8_t>(1U << layers.spatial);
    }
    if (indication == DecodeTargetIndication::kSwitch && layers.spatial == d.frame.spatial_layer) {
      d.switch_temporal_layers |= static_cast<uint8_t>(1U << layers.temporal);
    }
  }
}

}  // namespace

std::optional<DependencyDescriptorStart> parse_dependency_descriptor_start(Bytes value) {
  if (value.size() < DependencyDescriptorStart::kSize) {
    return std::nullopt;
  }
  return DependencyDescriptorStart{.start_of_frame = (value[0] & 0x80) != 0,
                                   .end_of_frame = (value[0] & 0x40) != 0,
                                   .template_id = static_cast<uint8_t>(value[0] & 0x3f),
                                   .frame_number = load_be16(&value[1])};
}

bool DependencyDescriptorReader::is_late(uint16_t frame_number) const {
  const auto behind = static_cast<uint16_t>(structure_frame_ - frame_number);
  return has_structure_ && behind > 0 && behind <= kLateFrames;
}

std::optional<DependencyDescriptor> DependencyDescriptorReader::parse(Bytes value) {
  const auto start = parse_dependency_descriptor_start(value);
  if (!start) {
    return std::nullopt;
  }
  DependencyDescriptor d;
  d.start_of_frame = start->start_of_frame;
  d.end_of_frame = start->end_of_frame;
  d.template_id = start->template_id;
  d.frame_number = start->frame_number;

  BitReader bits(value.subspan(DependencyDescriptorStart::kSize));
  const bool extended = bits.remaining() > 0;
  d.structure_attached = extended && bits.flag();
  const bool has_active_targets = extended && bits.flag();
  const bool custom_indications = extended && bits.flag();
  const bool custom_frame_diffs = extended && bits.flag();
  const bool custom_chains = extended && bits.flag();

  // It is large, so it is only made for the few packets that bring one.
  std::optional<DependencyStructure> attached;
  if (d.structure_attached ? !read_structure(bits, attached.emplace()) : !has_structure_) {
    return std::nullopt;
  }
  const DependencyStructure& structure = attached ? *attached : structure_;
  d.active_decode_targets =
      d.structure_attached ? all_targets(structure.decode_target_count) : active_decode_targets_;
  if (has_active_targets) {
    d.active_decode_targets = bits.read(structure.decode_target_count);
  }

  const unsigned index =
      (d.template_id + kMaxTemplates - structure.template_id_offset) % kMaxTemplates;
  if (index >= structure.template_count) {
    return std::nullopt;
  }
  d.frame = structure.templates[index];
  if (custom_indications) {
    read_indications(bits, structure.decode_target_count, d.frame.indications);
  }
  if (custom_frame_diffs && !read_custom_frame_diffs(bits, d.frame)) {
    return std::nullopt;
  }
  if (custom_chains) {
    for (unsigned c = 0; c < structure.chain_count; ++c) {
      d.frame.chain_diffs[c] = static_cast<uint8_t>(bits.read(8));
    }
  }
  if (!bits.ok()) {
    return std::nullopt;
  }
  find_layer_use(structure, d);
  // A straggler counts for itself only.
  if (!is_late(d.frame_number)) {
    active_decode_targets_ = d.active_decode_targets;
    if (attached) {
      structure_ = *attached;
      structure_frame_ = d.frame_number;
      has_structure_ = true;
    }
  }
  return d;
}

}  // namespace sluice::codecs
