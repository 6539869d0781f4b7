#include "protocol/ortc/router_capabilities.h"

#include <algorithm>
#include <bitset>
#include <utility>

#include "protocol/ortc/codec_match.h"
#include "protocol/ortc/excerpt.h"
#include "protocol/ortc/red.h"
#include "protocol/ortc/supported_capabilities.h"

namespace sluice::ortc {
namespace {

/// The dynamic payload types that are still free, in the order in which they are given out.
class PayloadTypePool {
 public:
  void take(PayloadType type) { taken_.set(type.value); }

  Result<PayloadType> next(std::string_view mime_type) {
    for (const uint8_t type : dynamic_payload_types()) {
      if (!taken_.test(type)) {
        taken_.set(type);
        return PayloadType(type);
      }
    }
    return generic_error("cannot allocate a payload type for " + std::string(mime_type) + ": all " +
                         std::to_string(dynamic_payload_types().size()) +
                         " dynamic payload types are in use");
  }

 private:
  std::bitset<256> taken_;
};

std::string describe(const RtpCodecCapability& codec) {
  return excerpt(codec.mime_type) + ", " + std::to_string(codec.clock_rate) + " Hz" +
         (codec.channels ? ", channels " + std::to_string(*codec.channels) : "");
}

Result<PayloadType> choose_payload_type(const RtpCodecCapability& media_codec,
                                        const RtpCodecCapability& supported,
                                        PayloadTypePool& pool) {
  const std::optional<PayloadType> fixed = media_codec.preferred_payload_type
                                               ? media_codec.preferred_payload_type
                                               : supported.preferred_payload_type;
  if (!fixed) {
    return pool.next(supported.mime_type);
  }
  pool.take(*fixed);
  return *fixed;
}

RtpCodecCapability make_rtx(const RtpCodecCapability& codec, PayloadType type) {
  RtpCodecCapability rtx;
  rtx.kind = MediaKind::kVideo;
  rtx.mime_type = "video/rtx";
  rtx.preferred_payload_type = type;
  rtx.clock_rate = codec.clock_rate;
  rtx.parameters = {{"apt", int64_t{codec.preferred_payload_type->value}}};
  return rtx;
}

/// Appends the router's form of one media codec, and its RTX.
Result<void> add_codec(const RtpCodecCapability& media_codec, PayloadTypePool& pool,
                       std::vector<RtpCodecCapability>& codecs) {
  const auto& supported = supported_rtp_capabilities().codecs;
  const auto match = std::ranges::find_if(supported, [&](const RtpCodecCapability& candidate) {
    return codecs_match(media_codec, candidate, CodecMatch::kLoose);
  });
  if (match == supported.end()) {
    return unsupported_error("mediaCodecs: got " + describe(media_codec) +
                             ", expected a supported codec");
  }
  RtpCodecCapability codec = *match;
  const Result<PayloadType> type = choose_payload_type(media_codec, *match, pool);
  if (!type) {
    return std::unexpected(type.error());
  }
  if (std::ranges::any_of(codecs, [&](const RtpCodecCapability& other) {
        return other.preferred_payload_type == *type;
      })) {
    return type_error("mediaCodecs: payload type " + std::to_string(type->value) + " of " +
                      describe(media_codec) + " is already in use, expected a free one");
  }
  codec.preferred_payload_type = *type;
  for (const ParameterMap::Entry& entry : media_codec.parameters) {
    codec.parameters.set(entry.key, entry.value);
  }
  codecs.push_back(std::move(codec));
  if (codecs.back().kind == MediaKind::kVideo) {
    const Result<PayloadType> rtx_type = pool.next("video/rtx");
    if (!rtx_type) {
      return std::unexpected(rtx_type.error());
    }
    codecs.push_back(make_rtx(codecs.back(), *rtx_type));
  }
  return {};
}

/// RED carries the first Opus of the list, wherever that stands.
Result<void> refer_to_opus(RtpCodecCapability& red, const std::vector<RtpCodecCapability>& codecs) {
  const auto opus = std::ranges::find_if(codecs, [&](const RtpCodecCapability& codec) {
    return equals_ignoring_case(codec.mime_type, "audio/opus") &&
           codec.clock_rate == red.clock_rate && codec.channels == red.channels;
  });
  if (opus == codecs.end()) {
    return unsupported_error("mediaCodecs: got " + describe(red) +
                             " without what it carries, expected audio/opus too");
  }
  red.parameters = red_parameters(*opus->preferred_payload_type);
  return {};
}

}  // namespace

Result<RtpCapabilities> generate_router_rtp_capabilities(
    std::span<const RtpCodecCapability> media_codecs) {
  RtpCapabilities capabilities;
  capabilities.header_extensions = supported_rtp_capabilities().header_extensions;
  PayloadTypePool pool;
  for (const RtpCodecCapability& media_codec : media_codecs) {
    if (const Result<void> added = add_codec(media_codec, pool, capabilities.codecs); !added) {
      return std::unexpected(added.error());
    }
  }
  for (RtpCodecCapability& codec : capabilities.codecs) {
    if (!is_red(codec)) {
      continue;
    }
    if (const Result<void> refers = refer_to_opus(codec, capabilities.codecs); !refers) {
      return std::unexpected(refers.error());
    }
  }
  return capabilities;
}

}  // namespace sluice::ortc
