// JSON in and out for the values of this folder. Reading is validation and normalisation at once
// (ortc-model 3.1, rules V1 to V10, and the option rules of 1.7, 1.8, 1.12 and 5): a result is
// always usable, and an error (kType) names the member, the value and what was expected.
//
// A reader takes a pointer that is null when the member is absent, as `object.if_contains(…)` gives
// it. A member that is falsy in ECMAScript and of the wrong type counts as absent where the model
// says so. Writers leave out absent members and never write null.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "protocol/ortc/producer_mapping.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/sctp_parameters.h"
#include "protocol/ortc/srtp_parameters.h"
#include "protocol/ortc/stream_type.h"
#include "protocol/ortc/transport_parameters.h"

namespace sluice::ortc {

// Limits of one value from outside; a longer list is a kType error that names the limit. They are
// several times what browsers send and keep the quadratic searches of the algorithms short.
inline constexpr size_t kMaxCodecs = 512;
inline constexpr size_t kMaxHeaderExtensions = 256;
inline constexpr size_t kMaxEncodings = SsrcAllocator::kBlock;
inline constexpr size_t kMaxRtcpFeedback = 64;
inline constexpr size_t kMaxFormatParameters = 128;
inline constexpr size_t kMaxFingerprints = 16;
inline constexpr size_t kMaxSubchannels = 65536;
inline constexpr size_t kMaxTraceEventTypes = 64;

/// Parses a JSON text. Errors: kType for what is not JSON, or nested deeper than 32 levels.
[[nodiscard]] Result<boost::json::value> parse_json(std::string_view text);

// Readers. `name` is how errors call the value.

/// "audio" or "video", exactly.
[[nodiscard]] Result<MediaKind> parse_media_kind(const boost::json::value* value,
                                                 std::string_view name = "kind");
/// The codecs of a router; absent means none.
[[nodiscard]] Result<std::vector<RtpCodecCapability>> parse_media_codecs(
    const boost::json::value* value, std::string_view name = "mediaCodecs");
[[nodiscard]] Result<RtpCapabilities> parse_rtp_capabilities(
    const boost::json::value* value, std::string_view name = "rtpCapabilities");
[[nodiscard]] Result<RtpParameters> parse_rtp_parameters(const boost::json::value* value,
                                                         std::string_view name = "rtpParameters");
/// The argument of `enableTraceEvent`; absent means none. Unknown names are the caller's business.
[[nodiscard]] Result<std::vector<std::string>> parse_trace_event_types(
    const boost::json::value* value, std::string_view name = "types");
/// `{spatialLayer, temporalLayer?}`.
[[nodiscard]] Result<LayersRequest> parse_layers_request(const boost::json::value* value,
                                                         std::string_view name = "preferredLayers");

[[nodiscard]] Result<NumSctpStreams> parse_num_sctp_streams(
    const boost::json::value* value, std::string_view name = "numSctpStreams");
[[nodiscard]] Result<SctpStreamParameters> parse_sctp_stream_parameters(
    const boost::json::value* value, std::string_view name = "sctpStreamParameters");
/// `ordered`, `maxPacketLifeTime` and `maxRetransmits` among the options of `consumeData`.
[[nodiscard]] Result<SctpStreamOverrides> parse_sctp_stream_overrides(
    const boost::json::value* value, std::string_view name = "options");
/// A list of subchannel numbers as a sorted set, each modulo 65536; absent means none.
[[nodiscard]] Result<std::vector<uint16_t>> parse_subchannels(
    const boost::json::value* value, std::string_view name = "subchannels");

[[nodiscard]] Result<DtlsParameters> parse_dtls_parameters(
    const boost::json::value* value, std::string_view name = "dtlsParameters");
/// Errors do not show the key.
[[nodiscard]] Result<SrtpParameters> parse_srtp_parameters(
    const boost::json::value* value, std::string_view name = "srtpParameters");

// Writers.

enum class JsonStyle {
  kApi,   ///< every feedback has a `parameter`: what applications and clients see
  kDump,  ///< empty `parameter`s are left out: what the engine dumps
};

[[nodiscard]] boost::json::value to_json(const RtpCapabilities& capabilities);
[[nodiscard]] boost::json::value to_json(const RtpParameters& parameters,
                                         JsonStyle style = JsonStyle::kApi);
[[nodiscard]] boost::json::value to_json(const RtpEncodingParameters& encoding);
[[nodiscard]] boost::json::value to_json(const RtpMapping& mapping);
[[nodiscard]] boost::json::value to_json(const Layers& layers);

[[nodiscard]] boost::json::value to_json(const NumSctpStreams& streams);
/// The union of the members that client generations read (ortc-model 5.1).
[[nodiscard]] boost::json::value to_json(const SctpParameters& parameters);
[[nodiscard]] boost::json::value to_json(const SctpStreamParameters& parameters);

[[nodiscard]] boost::json::value to_json(const IceParameters& parameters);
[[nodiscard]] boost::json::value to_json(const IceCandidate& candidate);
[[nodiscard]] boost::json::value to_json(const DtlsParameters& parameters);
[[nodiscard]] boost::json::value to_json(const TransportTuple& tuple);
[[nodiscard]] boost::json::value to_json(const SrtpParameters& parameters);

}  // namespace sluice::ortc
