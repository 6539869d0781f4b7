// The dependency descriptor, the header extension of AV1 which other codecs may use as well (AV1
// RTP payload specification 1.0, appendix A). It tells for each frame its layers, which decode
// targets need it, and which frames it refers to.
//
// A descriptor names a template of the structure which the sender attached to an earlier one,
// usually to that of a key frame. The reader remembers the structure, so it belongs to one received
// stream. Memory is fixed; parsing never allocates.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace sluice::codecs {

/// What a frame is to a decode target.
enum class DecodeTargetIndication : uint8_t {
  kNotPresent = 0,   ///< not part of it
  kDiscardable = 1,  ///< nothing else of the target needs it
  kSwitch = 2,       ///< the target is decodable from here on when this frame is
  kRequired = 3,
};

inline constexpr size_t kMaxDecodeTargets = 32;
inline constexpr size_t kMaxTemplates = 64;
inline constexpr uint8_t kMaxSpatialLayers = 4;
inline constexpr uint8_t kMaxTemporalLayers = 8;
/// The syntax has no limit; an AV1 frame has 7 references, an H264 frame 16.
inline constexpr size_t kMaxFrameDiffs = 16;

/// The indications for all decode targets, two bits each.
class DecodeTargetIndications {
 public:
  [[nodiscard]] DecodeTargetIndication at(size_t target) const {
    return static_cast<DecodeTargetIndication>(bits_ >> (2 * target) & 3);
  }
  void set(size_t target, DecodeTargetIndication value) {
    bits_ = (bits_ & ~(uint64_t{3} << (2 * target))) | uint64_t{static_cast<uint8_t>(value)}
                                                           << (2 * target);
  }

 private:
  uint64_t bits_ = 0;
};

/// The layers and dependencies of one frame, or of a template.
struct FrameDependencies {
  uint8_t spatial_layer = 0;
  uint8_t temporal_layer = 0;
  uint8_t frame_diff_count = 0;
  DecodeTargetIndications indications;
  /// How far back the frames are that this one refers to, in frame numbers.
  std::array<uint16_t, kMaxFrameDiffs> frame_diffs{};
  /// For each chain, how far back its previous frame is, in frame numbers; 0 for none.
  std::array<uint8_t, kMaxDecodeTargets> chain_diffs{};
};

/// The structure to which descriptors refer.
struct DependencyStructure {
  struct Layers {
    uint8_t spatial = 0;
    uint8_t temporal = 0;
  };
  struct Resolution {
    uint32_t width = 0;
    uint32_t height = 0;
  };

  uint8_t template_id_offset = 0;
  uint8_t template_count = 0;
  uint8_t decode_target_count = 0;
  uint8_t chain_count = 0;
  uint8_t spatial_layer_count = 0;
  bool has_resolutions = false;
  std::array<FrameDependencies, kMaxTemplates> templates;
  /// The highest layers that a decode target has.
  std::array<Layers, kMaxDecodeTargets> decode_target_layers{};
  /// The chain that protects a decode target, meaningless without chains.
  std::array<uint8_t, kMaxDecodeTargets> protected_by{};
  std::array<Resolution, kMaxSpatialLayers> resolutions{};
};

/// The descriptor of one packet.
struct DependencyDescriptor {
  bool start_of_frame = false;
  bool end_of_frame = false;
  bool structure_attached = false;
  uint8_t template_id = 0;
  uint16_t frame_number = 0;
  /// Bit i is set when the sender produces decode target i.
  uint32_t active_decode_targets = 0;
  FrameDependencies frame;
  /// Temporal layers that the receiver of this frame's spatial layer may take up from here on: bit
  /// t for the decode target of that spatial and this temporal layer.
  uint8_t switch_temporal_layers = 0;
  /// Spatial layers that need this frame: bit s when it is part of a decode target of that layer.
  uint8_t needed_by_spatial_layers = 0;
};

/// The start of every descriptor, which can be read without the structure.
struct DependencyDescriptorStart {
  static constexpr size_t kSize = 3;
  bool start_of_frame = false;
  bool end_of_frame = false;
  uint8_t template_id = 0;
  uint16_t frame_number = 0;
};

/// Nothing for fewer than three bytes.
std::optional<DependencyDescriptorStart> parse_dependency_descriptor_start(Bytes value);

class DependencyDescriptorReader {
 public:
  /// Nothing when the value is cut short or malformed, or when the structure which it needs has not
  /// come yet. Nothing is remembered of such a value.
  std::optional<DependencyDescriptor> parse(Bytes value);

  /// Forgets the structure.
  void reset() { has_structure_ = false; }

  /// The latest structure, null before the first one.
  [[nodiscard]] const DependencyStructure* structure() const {
    return has_structure_ ? &structure_ : nullptr;
  }

 private:
  [[nodiscard]] bool is_late(uint16_t frame_number) const;

  bool has_structure_ = false;
  uint16_t structure_frame_ = 0;  ///< the frame that brought the structure
  uint32_t active_decode_targets_ = 0;
  DependencyStructure structure_;
};

}  // namespace sluice::codecs
