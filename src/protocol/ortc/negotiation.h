// The algorithms of this folder in the order in which `produce` and `consume` run them
// (ortc-model 1.11, 1.12, 3).
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "protocol/ortc/cname_policy.h"
#include "protocol/ortc/consumer_parameters.h"
#include "protocol/ortc/mid_allocator.h"
#include "protocol/ortc/producer_mapping.h"
#include "protocol/ortc/rtp_parameters.h"
#include "protocol/ortc/ssrc_allocator.h"
#include "protocol/ortc/stream_type.h"

namespace sluice::ortc {

struct NegotiatedProducer {
  StreamType type = StreamType::kSimple;
  RtpParameters rtp_parameters;  ///< normalised, as the application sees them
  RtpParameters engine;          ///< as the engine uses and dumps them
  RtpMapping mapping;
  RtpParameters consumable;
};

/// Everything that a producer is made of. `cname` is the transport's, or null for a pipe transport.
/// Ids still have to be entered into the transport's RtpIdRegistry.
/// Errors: kType, kUnsupported.
[[nodiscard]] Result<NegotiatedProducer> negotiate_producer(
    MediaKind kind, RtpParameters parameters, const RtpCapabilities& router_capabilities,
    CnamePolicy* cname, SsrcAllocator& ssrcs);

/// What `consume` asks for.
struct ConsumerRequest {
  RtpCapabilities rtp_capabilities;
  bool pipe = false;
  std::optional<bool> enable_rtx;  ///< absent: by media kind
  std::string mid;                 ///< empty: the transport chooses
  std::optional<LayersRequest> preferred_layers;
};

struct NegotiatedConsumer {
  StreamType type = StreamType::kSimple;
  RtpParameters rtp_parameters;
  std::optional<Layers> preferred_layers;  ///< simulcast and svc only
};

/// Everything that a consumer on a WebRTC, plain or direct transport is made of.
/// Errors: kType, kUnsupported.
[[nodiscard]] Result<NegotiatedConsumer> negotiate_consumer(
    MediaKind kind, StreamType producer_type, const RtpParameters& consumable,
    const ConsumerRequest& request, MidAllocator& mids, SsrcAllocator& ssrcs);

/// Everything that a consumer on a pipe transport is made of.
[[nodiscard]] Result<NegotiatedConsumer> negotiate_pipe_consumer(const RtpParameters& consumable,
                                                                 bool enable_rtx,
                                                                 SsrcAllocator& ssrcs);

}  // namespace sluice::ortc
