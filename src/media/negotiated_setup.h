// From what was negotiated for a producer or consumer to what its loop needs to know. Handles, the
// transport and the states of pausing are the caller's.
#pragma once

#include <vector>

#include "media/loop_setup.h"
#include "protocol/ortc/negotiation.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/stream_type.h"

namespace sluice::media {

[[nodiscard]] ProducerSetup make_producer_setup(const ortc::NegotiatedProducer& negotiated,
                                                ortc::MediaKind kind);

/// One, or for a pipe consumer one for each stream. `consumable`: the producer's.
[[nodiscard]] std::vector<ConsumerSetup> make_consumer_setups(
    const ortc::NegotiatedConsumer& negotiated, const ortc::RtpParameters& consumable,
    ortc::MediaKind kind);

/// Layers in the form that the loops use.
[[nodiscard]] codecs::Layers loop_layers(const ortc::Layers& layers);

}  // namespace sluice::media
