// Types of producers and consumers, which follow from encodings and codec, and the layers that a
// consumer prefers (ortc-model 4.1, 4.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/scalability_mode.h"

namespace sluice::ortc {

/// Producers are never kPipe.
enum class StreamType : uint8_t { kSimple, kSimulcast, kSvc, kPipe };

/// "simple", "simulcast", "svc" or "pipe".
[[nodiscard]] std::string_view to_text(StreamType type);

/// Type of a producer with `encoding_count` (≥ 1) encodings of that codec, the first with `layers`.
/// Errors: kType when the codec cannot have such layers or several encodings.
[[nodiscard]] Result<StreamType> derive_producer_type(size_t encoding_count,
                                                      const ScalabilityMode& layers,
                                                      std::string_view mime_type);

/// Whether a consumer of `type` can be made of `consumer` parameters for a producer with these
/// `consumable` encodings. Errors: kType.
[[nodiscard]] Result<void> check_consumer_type(StreamType type, const RtpParameters& consumable,
                                               const RtpParameters& consumer);

/// A pair of layers, both counted from 0.
struct Layers {
  uint8_t spatial = 0;
  uint8_t temporal = 0;

  friend bool operator==(const Layers&, const Layers&) = default;
};

/// What somebody asks for: `{spatialLayer, temporalLayer?}`.
struct LayersRequest {
  uint8_t spatial = 0;
  std::optional<uint8_t> temporal;  ///< absent: the highest

  friend bool operator==(const LayersRequest&, const LayersRequest&) = default;
};

/// Preferred layers of a consumer whose encoding has `mode`: the highest unless `request` says
/// otherwise, never above what exists. Nothing for types without layers (simple, pipe).
[[nodiscard]] std::optional<Layers> preferred_layers(
    StreamType type, const ScalabilityMode& mode,
    const std::optional<LayersRequest>& request = std::nullopt);

}  // namespace sluice::ortc
