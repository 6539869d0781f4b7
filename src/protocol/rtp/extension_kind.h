// The RTP header extensions that the router knows, their URIs and the ids they have inside the
// router (media-plane 5.2). Producers negotiate ids of their own; towards consumers an extension
// always has the router id, which is also the value of its ExtensionKind.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace sluice::rtp {

enum class MediaKind : uint8_t { kAudio, kVideo };

/// A known header extension. The numeric value is its router id.
enum class ExtensionKind : uint8_t {
  kMid = 1,
  kRid = 2,
  kRepairedRid = 3,
  kAbsSendTime = 4,
  kTransportWideCc = 5,
  kFrameMarkingDraft07 = 6,
  kFrameMarking = 7,
  kDependencyDescriptor = 8,
  kAudioLevel = 10,
  kVideoOrientation = 11,
  kTimestampOffset = 12,
  kAbsCaptureTime = 13,
  kPlayoutDelay = 14,
};

/// One more than the largest router id, for tables indexed by kind.
inline constexpr size_t kExtensionKindEnd = 15;

constexpr uint8_t router_id(ExtensionKind kind) {
  return static_cast<uint8_t>(kind);
}

/// The kind whose URI is exactly `uri`, or nothing for an extension the router does not know.
std::optional<ExtensionKind> extension_kind(std::string_view uri);

/// The full URI, as it stands in SDP and in RTP parameters.
std::string_view extension_uri(ExtensionKind kind);

/// A set of extension kinds, e.g. those that a consumer negotiated.
class ExtensionMask {
 public:
  constexpr ExtensionMask() = default;
  constexpr ExtensionMask(std::initializer_list<ExtensionKind> kinds) {
    for (const ExtensionKind kind : kinds) {
      add(kind);
    }
  }
  /// Every kind.
  static constexpr ExtensionMask all() {
    ExtensionMask mask;
    mask.bits_ = 0x7fff;
    return mask;
  }

  constexpr void add(ExtensionKind kind) { bits_ = static_cast<uint16_t>(bits_ | bit(kind)); }
  [[nodiscard]] constexpr bool has(ExtensionKind kind) const { return (bits_ & bit(kind)) != 0; }
  /// Same for a router id, which may be one that no kind has.
  [[nodiscard]] constexpr bool has_id(uint8_t id) const {
    return id < kExtensionKindEnd && (bits_ >> id & 1) != 0;
  }
  /// True when every kind of this set is in `other` too.
  [[nodiscard]] constexpr bool is_subset_of(ExtensionMask other) const {
    return (bits_ & ~other.bits_) == 0;
  }
  friend constexpr bool operator==(ExtensionMask, ExtensionMask) = default;

 private:
  static constexpr uint16_t bit(ExtensionKind kind) {
    return static_cast<uint16_t>(1U << router_id(kind));
  }
  uint16_t bits_ = 0;
};

/// The ids under which one producer (or transport) negotiated the known extensions.
class ExtensionIds {
 public:
  /// Declares that `kind` has `id` on the wire: 1..14, or up to 255 for senders that use the
  /// two-byte form. 0 takes it back.
  constexpr void set(ExtensionKind kind, uint8_t id) { ids_[router_id(kind)] = id; }
  /// The wire id, or 0 when the extension was not negotiated.
  [[nodiscard]] constexpr uint8_t id(ExtensionKind kind) const { return ids_[router_id(kind)]; }

 private:
  std::array<uint8_t, kExtensionKindEnd> ids_{};
};

}  // namespace sluice::rtp
