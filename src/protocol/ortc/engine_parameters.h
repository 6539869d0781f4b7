// The engine's own view of a producer's RTP parameters, and the checks that it makes before a
// producer may exist (ortc-model 3.9, rows E1 to E12). Duplicates within a transport, E13 to E15,
// are in rtp_id_registry.h; E16 is in producer_mapping.h.
#pragma once

#include "base/error.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/stream_type.h"

namespace sluice::ortc {

/// `parameters` as a dump of the producer shows them: mime types in canonical spelling, the codec
/// of each encoding named, members without meaning removed. Checks rows E1 to E8; a producer with
/// empty `encodings` is expected to have got one empty encoding before.
/// Errors: kType.
[[nodiscard]] Result<RtpParameters> get_engine_rtp_parameters(const RtpParameters& parameters);

/// Type of a producer from its engine parameters. Checks rows E9 to E12, and that the codecs are of
/// `kind`. Errors: kType.
[[nodiscard]] Result<StreamType> check_producer(MediaKind kind, const RtpParameters& engine);

}  // namespace sluice::ortc
