#include "protocol/ortc/producer_mapping.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/ortc/codec_match.h"
#include "protocol/ortc/excerpt.h"
#include "protocol/ortc/red.h"

namespace sluice::ortc {
namespace {

std::string describe(const RtpCodecParameters& codec) {
  return excerpt(codec.mime_type) + " (payload type " + std::to_string(codec.payload_type.value) +
         ")";
}

const RtpCodecCapability* router_rtx_for(const RtpCapabilities& capabilities, PayloadType type) {
  const auto it = std::ranges::find_if(capabilities.codecs, [&](const RtpCodecCapability& codec) {
    return is_rtx(codec) && associated_payload_type(codec) == type;
  });
  return it == capabilities.codecs.end() ? nullptr : &*it;
}

std::optional<PayloadType> mapped_payload_type(const RtpMapping& mapping, PayloadType type) {
  const auto it = std::ranges::find(mapping.codecs, type, &CodecMapping::payload_type);
  return it == mapping.codecs.end() ? std::nullopt : std::optional(it->mapped_payload_type);
}

Result<void> map_media_codec(RtpCodecParameters& codec, const RtpCapabilities& capabilities,
                             RtpMapping& mapping) {
  for (const RtpCodecCapability& candidate : capabilities.codecs) {
    if (candidate.preferred_payload_type && match_and_adapt_codec(codec, candidate)) {
      mapping.codecs.push_back({codec.payload_type, *candidate.preferred_payload_type});
      return {};
    }
  }
  return unsupported_error("rtpParameters.codecs: got " + describe(codec) +
                           ", expected a codec of the router with fitting parameters");
}

Result<void> map_rtx_codec(const RtpCodecParameters& rtx, const RtpParameters& parameters,
                           const RtpCapabilities& capabilities, RtpMapping& mapping) {
  const std::optional<PayloadType> apt = associated_payload_type(rtx);
  const auto media = std::ranges::find_if(parameters.codecs, [&](const RtpCodecParameters& codec) {
    return apt == codec.payload_type;
  });
  if (media == parameters.codecs.end() || is_rtx(*media)) {
    return type_error("rtpParameters.codecs: apt of " + describe(rtx) +
                      " names no media codec, expected the payload type of one");
  }
  const std::optional<PayloadType> mapped = mapped_payload_type(mapping, media->payload_type);
  const RtpCodecCapability* router_rtx = mapped ? router_rtx_for(capabilities, *mapped) : nullptr;
  if (router_rtx == nullptr || !router_rtx->preferred_payload_type) {
    return unsupported_error("rtpParameters.codecs: got " + describe(rtx) +
                             ", but the router has no RTX for " + describe(*media));
  }
  mapping.codecs.push_back({rtx.payload_type, *router_rtx->preferred_payload_type});
  return {};
}

/// What RED says that it carries must be there.
Result<void> check_red_codec(const RtpCodecParameters& red, const RtpParameters& parameters) {
  for (const PayloadType type : red_payload_types(red)) {
    const auto carried =
        std::ranges::find(parameters.codecs, type, &RtpCodecParameters::payload_type);
    if (carried == parameters.codecs.end() || !is_media_codec(*carried)) {
      return type_error("rtpParameters.codecs: " + describe(red) + " refers to payload type " +
                        std::to_string(type.value) + ", expected that of a media codec");
    }
  }
  return {};
}

Result<void> map_codecs(RtpParameters& parameters, const RtpCapabilities& capabilities,
                        RtpMapping& mapping) {
  for (RtpCodecParameters& codec : parameters.codecs) {
    if (is_rtx(codec)) {
      continue;
    }
    if (Result<void> mapped = map_media_codec(codec, capabilities, mapping); !mapped) {
      return mapped;
    }
    if (is_red(codec)) {
      if (Result<void> checked = check_red_codec(codec, parameters); !checked) {
        return checked;
      }
    }
  }
  for (const RtpCodecParameters& codec : parameters.codecs) {
    if (!is_rtx(codec)) {
      continue;
    }
    if (Result<void> mapped = map_rtx_codec(codec, parameters, capabilities, mapping); !mapped) {
      return mapped;
    }
  }
  return {};
}

/// A codec as the router names it, with the format parameters of `parameters`.
RtpCodecParameters from_router(const RtpCodecCapability& codec, ParameterMap parameters) {
  RtpCodecParameters result;
  result.mime_type = codec.mime_type;
  result.payload_type = codec.preferred_payload_type.value_or(PayloadType{});
  result.clock_rate = codec.clock_rate;
  result.channels = codec.channels;
  result.parameters = std::move(parameters);
  result.rtcp_feedback = codec.rtcp_feedback;
  return result;
}

Result<std::vector<RtpCodecParameters>> consumable_codecs(const RtpParameters& parameters,
                                                          const RtpCapabilities& capabilities,
                                                          const RtpMapping& mapping) {
  std::vector<RtpCodecParameters> codecs;
  std::vector<RtpCodecParameters> carriers;  // RED: the media codec comes first
  for (const RtpCodecParameters& codec : parameters.codecs) {
    if (is_rtx(codec)) {
      continue;
    }
    const std::optional<PayloadType> type = mapped_payload_type(mapping, codec.payload_type);
    const auto in_router =
        std::ranges::find_if(capabilities.codecs, [&](const RtpCodecCapability& candidate) {
          return type && candidate.preferred_payload_type == type;
        });
    if (in_router == capabilities.codecs.end()) {
      return type_error("rtpMapping.codecs: nothing for " + describe(codec) +
                        ", expected a router payload type");
    }
    if (std::ranges::find(codecs, *type, &RtpCodecParameters::payload_type) != codecs.end()) {
      continue;
    }
    if (is_red(codec)) {
      // The producer's parameters refer to its own payload types.
      if (carriers.empty()) {
        carriers.push_back(from_router(*in_router, in_router->parameters));
      }
      continue;
    }
    codecs.push_back(from_router(*in_router, codec.parameters));
    if (const RtpCodecCapability* rtx = router_rtx_for(capabilities, *type)) {
      codecs.push_back(from_router(*rtx, rtx->parameters));
    }
  }
  std::ranges::move(carriers, std::back_inserter(codecs));
  return codecs;
}

}  // namespace

Result<RtpMapping> get_producer_rtp_parameters_mapping(RtpParameters& parameters,
                                                       const RtpCapabilities& router_capabilities,
                                                       SsrcAllocator& ssrcs) {
  RtpMapping mapping;
  if (const Result<void> mapped = map_codecs(parameters, router_capabilities, mapping); !mapped) {
    return std::unexpected(mapped.error());
  }
  const Result<Ssrc> first = ssrcs.allocate(parameters.encodings.size());
  if (!first) {
    return std::unexpected(first.error());
  }
  for (const RtpEncodingParameters& encoding : parameters.encodings) {
    const auto index = static_cast<uint32_t>(mapping.encodings.size());
    mapping.encodings.push_back(
        {encoding.ssrc, encoding.rid, encoding.scalability_mode, Ssrc(first->value + index)});
  }
  return mapping;
}

Result<RtpParameters> get_consumable_rtp_parameters(MediaKind kind, const RtpParameters& parameters,
                                                    const RtpCapabilities& router_capabilities,
                                                    const RtpMapping& mapping) {
  // E16 of ortc-model 3.9.
  if (mapping.encodings.size() != parameters.encodings.size()) {
    return type_error("rtpMapping.encodings: got " + std::to_string(mapping.encodings.size()) +
                      ", expected " + std::to_string(parameters.encodings.size()));
  }
  Result<std::vector<RtpCodecParameters>> codecs =
      consumable_codecs(parameters, router_capabilities, mapping);
  if (!codecs) {
    return std::unexpected(codecs.error());
  }
  RtpParameters consumable;
  consumable.codecs = std::move(*codecs);
  for (const RtpHeaderExtension& extension : router_capabilities.header_extensions) {
    if (extension.kind == kind &&
        (extension.direction == "sendrecv" || extension.direction == "sendonly")) {
      consumable.header_extensions.push_back({extension.uri, extension.preferred_id, false, {}});
    }
  }
  for (size_t i = 0; i < parameters.encodings.size(); ++i) {
    RtpEncodingParameters encoding = parameters.encodings[i];
    encoding.rid.clear();
    encoding.rtx_ssrc.reset();
    encoding.codec_payload_type.reset();
    encoding.ssrc = mapping.encodings[i].mapped_ssrc;
    consumable.encodings.push_back(std::move(encoding));
  }
  consumable.rtcp = {parameters.rtcp.cname, true};
  return consumable;
}

}  // namespace sluice::ortc
