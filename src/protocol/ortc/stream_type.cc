#include "protocol/ortc/stream_type.h"

#include <algorithm>
#include <string>

#include "protocol/ortc/excerpt.h"

namespace sluice::ortc {
namespace {

/// Codecs whose single stream can carry spatial and temporal layers.
bool allows_svc(std::string_view mime_type) {
  return equals_ignoring_case(mime_type, "video/VP9") ||
         equals_ignoring_case(mime_type, "video/AV1");
}

/// Codecs that can be sent as several streams, or as one with temporal layers.
bool allows_simulcast(std::string_view mime_type) {
  return equals_ignoring_case(mime_type, "video/VP8") ||
         equals_ignoring_case(mime_type, "video/H264") ||
         equals_ignoring_case(mime_type, "video/H265");
}

std::string describe(size_t encodings, const ScalabilityMode& layers) {
  return std::to_string(encodings) + " encodings, the first with " +
         std::to_string(layers.spatial_layers) + " spatial and " +
         std::to_string(layers.temporal_layers) + " temporal layers";
}

}  // namespace

std::string_view to_text(StreamType type) {
  switch (type) {
    case StreamType::kSimple:
      return "simple";
    case StreamType::kSimulcast:
      return "simulcast";
    case StreamType::kSvc:
      return "svc";
    case StreamType::kPipe:
      return "pipe";
  }
  return {};
}

Result<StreamType> derive_producer_type(size_t encoding_count, const ScalabilityMode& layers,
                                        std::string_view mime_type) {
  const bool has_layers = layers.spatial_layers > 1 || layers.temporal_layers > 1;
  if (encoding_count == 1 && !has_layers) {
    return StreamType::kSimple;
  }
  if (encoding_count == 1 && allows_svc(mime_type)) {
    return StreamType::kSvc;
  }
  if (allows_simulcast(mime_type)) {
    return StreamType::kSimulcast;
  }
  return type_error("rtpParameters.encodings: got " + describe(encoding_count, layers) + " for " +
                    excerpt(mime_type) + ", expected what that codec allows");
}

Result<void> check_consumer_type(StreamType type, const RtpParameters& consumable,
                                 const RtpParameters& consumer) {
  const size_t streams = consumable.encodings.size();
  const ScalabilityMode mode = parse_scalability_mode(
      consumer.encodings.empty() ? std::string_view{} : consumer.encodings[0].scalability_mode);
  bool fits = !consumer.encodings.empty();
  switch (type) {
    case StreamType::kSimple:
      fits = fits && streams == 1;
      break;
    case StreamType::kSimulcast:
      fits = fits && mode.spatial_layers == streams;
      break;
    case StreamType::kSvc:
      fits = fits && streams == 1 && (mode.spatial_layers > 1 || mode.temporal_layers > 1);
      break;
    case StreamType::kPipe:
      fits = fits && consumer.encodings.size() == streams;
      break;
  }
  if (!fits) {
    return type_error("consumer of type " + std::string(to_text(type)) + ": got " +
                      describe(consumer.encodings.size(), mode) + " for a producer with " +
                      std::to_string(streams) + " encodings, expected them to fit");
  }
  return {};
}

std::optional<Layers> preferred_layers(StreamType type, const ScalabilityMode& mode,
                                       const std::optional<LayersRequest>& request) {
  if (type != StreamType::kSimulcast && type != StreamType::kSvc) {
    return std::nullopt;
  }
  const auto top_spatial = static_cast<uint8_t>(mode.spatial_layers - 1);
  const auto top_temporal = static_cast<uint8_t>(mode.temporal_layers - 1);
  if (!request) {
    return Layers{top_spatial, top_temporal};
  }
  return Layers{std::min(request->spatial, top_spatial),
                std::min(request->temporal.value_or(top_temporal), top_temporal)};
}

}  // namespace sluice::ortc
