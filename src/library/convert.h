// Public values and options (include/sluice) from and to those of the engine.
#pragma once

#include <optional>
#include <vector>

#include "media/events.h"
#include "media/settings.h"
#include "protocol/audio/volume_ranking.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/srtp_parameters.h"
#include "protocol/ortc/stream_type.h"
#include "protocol/ortc/transport_parameters.h"
#include "sluice/options.h"
#include "sluice/types.h"

namespace sluice {

/// Enumerations have the same values on both sides (the tests of to_string check it).
template <class To, class From>
constexpr To same(From from) {
  return static_cast<To>(from);
}

TransportTuple to_public(const ortc::TransportTuple& tuple);
std::optional<TransportTuple> to_public(const std::optional<ortc::TransportTuple>& tuple);
std::optional<Layers> to_public(const std::optional<ortc::Layers>& layers);
ConsumerScore to_public(const media::ConsumerScore& score);
std::vector<ProducerScore> to_public(const std::vector<media::ProducerScore>& score);
VideoOrientation to_public(const media::VideoOrientation& orientation);

media::EngineSettings to_media(const EngineOptions& options);
media::WebRtcTransportOptions to_media(const WebRtcTransportOptions& options);
media::PlainTransportOptions to_media(const PlainTransportOptions& options);
media::PipeTransportOptions to_media(const PipeTransportOptions& options);
media::DirectTransportOptions to_media(const DirectTransportOptions& options);
media::TransportListenInfo to_media(const ListenInfo& listen);
std::optional<media::SctpOptions> to_media(const std::optional<SctpOptions>& options);
audio::AudioLevelOptions to_media(const AudioLevelOptions& options);
media::ActiveSpeakerOptions to_media(const ActiveSpeakerOptions& options);

}  // namespace sluice
