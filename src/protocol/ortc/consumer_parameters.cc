#include "protocol/ortc/consumer_parameters.h"

#include <algorithm>
#include <bitset>
#include <utility>

#include "protocol/ortc/codec_match.h"
#include "protocol/ortc/red.h"
#include "protocol/ortc/scalability_mode.h"
#include "protocol/ortc/supported_capabilities.h"

namespace sluice::ortc {
namespace {

const RtpCodecCapability* find_endpoint_codec(const RtpCapabilities& capabilities,
                                              const RtpCodecParameters& codec) {
  const auto it =
      std::ranges::find_if(capabilities.codecs, [&](const RtpCodecCapability& candidate) {
        return codecs_match(candidate, codec, CodecMatch::kStrict);
      });
  return it == capabilities.codecs.end() ? nullptr : &*it;
}

bool is_plain_nack(const RtcpFeedback& feedback) {
  return feedback.type == "nack" && feedback.parameter.empty();
}

/// The shared codecs, in consumable order, with the endpoint's feedback. RTX stays only next to the
/// codec that it repairs, RED next to those that it carries.
std::vector<RtpCodecParameters> shared_codecs(const RtpParameters& consumable,
                                              const RtpCapabilities& capabilities,
                                              bool enable_rtx) {
  std::vector<RtpCodecParameters> codecs;
  for (const RtpCodecParameters& codec : consumable.codecs) {
    if (!enable_rtx && is_rtx(codec)) {
      continue;
    }
    const RtpCodecCapability* match = find_endpoint_codec(capabilities, codec);
    if (match == nullptr) {
      continue;
    }
    codecs.push_back(codec);
    codecs.back().rtcp_feedback = match->rtcp_feedback;
    if (!enable_rtx) {
      std::erase_if(codecs.back().rtcp_feedback, is_plain_nack);
    }
  }
  std::bitset<256> media_types;
  for (const RtpCodecParameters& codec : codecs) {
    media_types.set(codec.payload_type.value, is_media_codec(codec));
  }
  const auto is_shared = [&](PayloadType type) { return media_types.test(type.value); };
  std::erase_if(codecs, [&](const RtpCodecParameters& codec) {
    if (is_red(codec)) {
      return !std::ranges::all_of(red_payload_types(codec), is_shared);
    }
    const std::optional<PayloadType> repaired = associated_payload_type(codec);
    return is_rtx(codec) && !(repaired && is_shared(*repaired));
  });
  return codecs;
}

bool has_extension(const RtpParameters& parameters, std::string_view extension_uri) {
  return std::ranges::any_of(parameters.header_extensions,
                             [&](const RtpHeaderExtensionParameters& extension) {
                               return extension.uri == extension_uri;
                             });
}

/// Bandwidth feedback needs the header extension that it is computed from, and one kind suffices.
void reduce_congestion_control_feedback(RtpParameters& parameters) {
  const bool transport_cc = has_extension(parameters, uri::kTransportWideCc);
  const bool remb = !transport_cc && has_extension(parameters, uri::kAbsSendTime);
  for (RtpCodecParameters& codec : parameters.codecs) {
    std::erase_if(codec.rtcp_feedback, [&](const RtcpFeedback& feedback) {
      return (feedback.type == "transport-cc" && !transport_cc) ||
             (feedback.type == "goog-remb" && !remb);
    });
  }
}

/// The mode of the single stream that carries `consumable` encodings: itself for one, "L{n}T{t}"
/// for the n streams of a simulcast.
std::string consumer_scalability_mode(const std::vector<RtpEncodingParameters>& encodings) {
  const auto first = std::ranges::find_if(encodings, [](const RtpEncodingParameters& encoding) {
    return !encoding.scalability_mode.empty();
  });
  std::string mode = first == encodings.end() ? std::string() : first->scalability_mode;
  if (encodings.size() > 1) {
    mode = "L" + std::to_string(encodings.size()) + "T" +
           std::to_string(parse_scalability_mode(mode).temporal_layers);
  }
  return mode;
}

Result<RtpEncodingParameters> single_encoding(const RtpParameters& consumable, bool with_rtx,
                                              SsrcAllocator& ssrcs) {
  const Result<Ssrc> ssrc = ssrcs.allocate(2);
  if (!ssrc) {
    return std::unexpected(ssrc.error());
  }
  RtpEncodingParameters encoding;
  encoding.ssrc = *ssrc;
  if (with_rtx) {
    encoding.rtx_ssrc = Ssrc(ssrc->value + 1);
  }
  encoding.scalability_mode = consumer_scalability_mode(consumable.encodings);
  uint32_t max_bitrate = 0;
  for (const RtpEncodingParameters& stream : consumable.encodings) {
    max_bitrate = std::max(max_bitrate, stream.max_bitrate.value_or(0));
  }
  if (max_bitrate != 0) {
    encoding.max_bitrate = max_bitrate;
  }
  return encoding;
}

Result<std::vector<RtpEncodingParameters>> piped_encodings(const RtpParameters& consumable,
                                                           bool with_rtx, SsrcAllocator& ssrcs) {
  const Result<Ssrc> media = ssrcs.allocate(consumable.encodings.size());
  const Result<Ssrc> rtx = ssrcs.allocate(consumable.encodings.size());
  if (!media || !rtx) {
    return std::unexpected(media ? rtx.error() : media.error());
  }
  std::vector<RtpEncodingParameters> encodings = consumable.encodings;
  for (uint32_t i = 0; i < encodings.size(); ++i) {
    encodings[i].ssrc = Ssrc(media->value + i);
    encodings[i].rtx_ssrc = with_rtx ? std::optional(Ssrc(rtx->value + i)) : std::nullopt;
  }
  return encodings;
}

}  // namespace

bool can_consume(const RtpParameters& consumable, const RtpCapabilities& endpoint_capabilities) {
  const auto first = std::ranges::find_if(consumable.codecs, [&](const RtpCodecParameters& codec) {
    return find_endpoint_codec(endpoint_capabilities, codec) != nullptr;
  });
  return first != consumable.codecs.end() && is_media_codec(*first);
}

Result<RtpParameters> get_consumer_rtp_parameters(const RtpParameters& consumable,
                                                  const RtpCapabilities& endpoint_capabilities,
                                                  ConsumerOptions options, SsrcAllocator& ssrcs) {
  RtpParameters parameters;
  parameters.codecs = shared_codecs(consumable, endpoint_capabilities, options.enable_rtx);
  if (parameters.codecs.empty() || !is_media_codec(parameters.codecs.front())) {
    return unsupported_error(
        "rtpCapabilities.codecs: no codec in common with the producer, expected one that can "
        "receive it");
  }
  for (const RtpHeaderExtensionParameters& extension : consumable.header_extensions) {
    if (std::ranges::any_of(
            endpoint_capabilities.header_extensions, [&](const RtpHeaderExtension& candidate) {
              return candidate.uri == extension.uri && candidate.preferred_id == extension.id;
            })) {
      parameters.header_extensions.push_back(extension);
    }
  }
  reduce_congestion_control_feedback(parameters);
  const bool with_rtx = std::ranges::any_of(
      parameters.codecs, [](const RtpCodecParameters& codec) { return is_rtx(codec); });
  if (options.pipe) {
    Result<std::vector<RtpEncodingParameters>> encodings =
        piped_encodings(consumable, with_rtx, ssrcs);
    if (!encodings) {
      return std::unexpected(encodings.error());
    }
    parameters.encodings = std::move(*encodings);
  } else {
    Result<RtpEncodingParameters> encoding = single_encoding(consumable, with_rtx, ssrcs);
    if (!encoding) {
      return std::unexpected(encoding.error());
    }
    parameters.encodings.push_back(std::move(*encoding));
  }
  parameters.rtcp = consumable.rtcp;
  return parameters;
}

Result<RtpParameters> get_pipe_consumer_rtp_parameters(const RtpParameters& consumable,
                                                       bool enable_rtx, SsrcAllocator& ssrcs) {
  RtpParameters parameters;
  for (const RtpCodecParameters& codec : consumable.codecs) {
    if (!enable_rtx && is_rtx(codec)) {
      continue;
    }
    parameters.codecs.push_back(codec);
    std::erase_if(parameters.codecs.back().rtcp_feedback, [&](const RtcpFeedback& feedback) {
      const bool key_frame_request =
          feedback == RtcpFeedback{"nack", "pli"} || feedback == RtcpFeedback{"ccm", "fir"};
      return !key_frame_request && !(enable_rtx && is_plain_nack(feedback));
    });
  }
  for (const RtpHeaderExtensionParameters& extension : consumable.header_extensions) {
    if (extension.uri != uri::kMid && extension.uri != uri::kAbsSendTime &&
        extension.uri != uri::kTransportWideCc) {
      parameters.header_extensions.push_back(extension);
    }
  }
  Result<std::vector<RtpEncodingParameters>> encodings =
      piped_encodings(consumable, enable_rtx, ssrcs);
  if (!encodings) {
    return std::unexpected(encodings.error());
  }
  parameters.encodings = std::move(*encodings);
  parameters.rtcp = consumable.rtcp;
  return parameters;
}

}  // namespace sluice::ortc
