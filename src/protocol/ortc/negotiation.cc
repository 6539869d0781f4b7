#include "protocol/ortc/negotiation.h"

#include <utility>

#include "protocol/ortc/engine_parameters.h"
#include "protocol/ortc/scalability_mode.h"

namespace sluice::ortc {
namespace {

Result<NegotiatedConsumer> make_consumer(StreamType type, RtpParameters parameters,
                                         const RtpParameters& consumable) {
  if (const Result<void> checked = check_consumer_type(type, consumable, parameters); !checked) {
    return std::unexpected(checked.error());
  }
  return NegotiatedConsumer{type, std::move(parameters), std::nullopt};
}

}  // namespace

Result<NegotiatedProducer> negotiate_producer(MediaKind kind, RtpParameters parameters,
                                              const RtpCapabilities& router_capabilities,
                                              CnamePolicy* cname, SsrcAllocator& ssrcs) {
  if (parameters.encodings.empty()) {
    parameters.encodings.emplace_back();
  }
  if (cname != nullptr) {
    cname->apply(parameters);
  }
  Result<RtpMapping> mapping =
      get_producer_rtp_parameters_mapping(parameters, router_capabilities, ssrcs);
  if (!mapping) {
    return std::unexpected(mapping.error());
  }
  Result<RtpParameters> consumable =
      get_consumable_rtp_parameters(kind, parameters, router_capabilities, *mapping);
  if (!consumable) {
    return std::unexpected(consumable.error());
  }
  Result<RtpParameters> engine = get_engine_rtp_parameters(parameters);
  if (!engine) {
    return std::unexpected(engine.error());
  }
  const Result<StreamType> type = check_producer(kind, *engine);
  if (!type) {
    return std::unexpected(type.error());
  }
  return NegotiatedProducer{*type, std::move(parameters), std::move(*engine), std::move(*mapping),
                            std::move(*consumable)};
}

Result<NegotiatedConsumer> negotiate_consumer(MediaKind kind, StreamType producer_type,
                                              const RtpParameters& consumable,
                                              const ConsumerRequest& request, MidAllocator& mids,
                                              SsrcAllocator& ssrcs) {
  const ConsumerOptions options{request.pipe,
                                request.enable_rtx.value_or(default_enable_rtx(kind))};
  Result<RtpParameters> parameters =
      get_consumer_rtp_parameters(consumable, request.rtp_capabilities, options, ssrcs);
  if (!parameters) {
    return std::unexpected(parameters.error());
  }
  Result<NegotiatedConsumer> consumer = make_consumer(
      request.pipe ? StreamType::kPipe : producer_type, std::move(*parameters), consumable);
  if (!consumer) {
    return consumer;
  }
  if (!request.pipe) {
    consumer->rtp_parameters.mid = request.mid.empty() ? mids.next() : request.mid;
  }
  const ScalabilityMode mode =
      parse_scalability_mode(consumer->rtp_parameters.encodings[0].scalability_mode);
  consumer->preferred_layers = preferred_layers(consumer->type, mode, request.preferred_layers);
  return consumer;
}

Result<NegotiatedConsumer> negotiate_pipe_consumer(const RtpParameters& consumable, bool enable_rtx,
                                                   SsrcAllocator& ssrcs) {
  Result<RtpParameters> parameters =
      get_pipe_consumer_rtp_parameters(consumable, enable_rtx, ssrcs);
  if (!parameters) {
    return std::unexpected(parameters.error());
  }
  return make_consumer(StreamType::kPipe, std::move(*parameters), consumable);
}

}  // namespace sluice::ortc
