#include "protocol/ortc/engine_parameters.h"

#include <algorithm>
#include <bitset>
#include <string>

#include "protocol/ortc/excerpt.h"
#include "protocol/ortc/scalability_mode.h"
#include "protocol/ortc/supported_capabilities.h"

namespace sluice::ortc {
namespace {

std::string describe(const RtpCodecParameters& codec) {
  return excerpt(codec.mime_type) + " (payload type " + std::to_string(codec.payload_type.value) +
         ")";
}

const RtpCodecParameters* find_codec(const RtpParameters& parameters, PayloadType type) {
  const auto it = std::ranges::find(parameters.codecs, type, &RtpCodecParameters::payload_type);
  return it == parameters.codecs.end() ? nullptr : &*it;
}

const RtpCodecParameters* first_media_codec(const RtpParameters& parameters) {
  const auto it = std::ranges::find_if(parameters.codecs, is_media_codec);
  return it == parameters.codecs.end() ? nullptr : &*it;
}

/// E1 to E4.
Result<void> check_codecs(const RtpParameters& parameters) {
  if (parameters.codecs.empty()) {
    return type_error("rtpParameters.codecs: got an empty list, expected at least one codec");
  }
  std::bitset<256> seen;
  for (const RtpCodecParameters& codec : parameters.codecs) {
    if (seen.test(codec.payload_type.value)) {
      return type_error("rtpParameters.codecs: payload type of " + describe(codec) +
                        " occurs twice, expected different ones");
    }
    seen.set(codec.payload_type.value);
  }
  for (const RtpCodecParameters& codec : parameters.codecs) {
    if (!is_rtx(codec)) {
      continue;
    }
    const PayloadType apt = associated_payload_type(codec).value_or(PayloadType{});
    const RtpCodecParameters* repaired = apt.value == 0 ? nullptr : find_codec(parameters, apt);
    if (repaired == nullptr || !is_media_codec(*repaired)) {
      return type_error("rtpParameters.codecs: apt of " + describe(codec) +
                        " names no media codec, expected the payload type of one");
    }
  }
  if (first_media_codec(parameters) == nullptr) {
    return type_error("rtpParameters.codecs: got no media codec, expected at least one");
  }
  return {};
}

/// E7.
Result<void> check_header_extensions(const RtpParameters& parameters) {
  for (const RtpHeaderExtensionParameters& extension : parameters.header_extensions) {
    if (extension.id == 0) {
      return type_error("rtpParameters.headerExtensions: got id 0 for " + excerpt(extension.uri) +
                        ", expected 1 to 255");
    }
    if (!is_supported_header_extension(extension.uri)) {
      return type_error("rtpParameters.headerExtensions: got uri " + excerpt(extension.uri) +
                        ", expected a supported one");
    }
  }
  return {};
}

/// E5: the codec of an encoding, which is the first media codec unless it says otherwise.
Result<PayloadType> encoding_codec(const RtpParameters& parameters,
                                   const RtpEncodingParameters& encoding) {
  if (!encoding.codec_payload_type) {
    return first_media_codec(parameters)->payload_type;
  }
  const RtpCodecParameters* codec = find_codec(parameters, *encoding.codec_payload_type);
  if (codec == nullptr || !is_media_codec(*codec)) {
    return type_error("rtpParameters.encodings: got codecPayloadType " +
                      std::to_string(encoding.codec_payload_type->value) +
                      ", expected the payload type of a media codec");
  }
  return codec->payload_type;
}

/// E9 to E11.
Result<void> check_encodings(const RtpParameters& parameters) {
  const auto names_stream = [](const RtpEncodingParameters& encoding) {
    return encoding.ssrc || !encoding.rid.empty();
  };
  if (parameters.encodings.empty()) {
    return type_error("rtpParameters.encodings: got an empty list, expected at least one");
  }
  if (parameters.encodings.size() == 1) {
    if (!names_stream(parameters.encodings[0]) && parameters.mid.empty()) {
      return type_error(
          "rtpParameters: got neither mid nor an ssrc or rid in the encoding, expected one of "
          "them");
    }
    return {};
  }
  for (const RtpEncodingParameters& encoding : parameters.encodings) {
    if (parse_scalability_mode(encoding.scalability_mode).spatial_layers > 1) {
      return type_error("rtpParameters.encodings: got scalabilityMode " +
                        excerpt(encoding.scalability_mode, 16) +
                        " in one of several encodings, expected one spatial layer");
    }
    if (!names_stream(encoding)) {
      return type_error(
          "rtpParameters.encodings: one of several encodings has neither ssrc nor rid, expected "
          "one of them in each");
    }
  }
  return {};
}

}  // namespace

Result<RtpParameters> get_engine_rtp_parameters(const RtpParameters& parameters) {
  if (const Result<void> checked = check_codecs(parameters); !checked) {
    return std::unexpected(checked.error());
  }
  if (const Result<void> checked = check_header_extensions(parameters); !checked) {
    return std::unexpected(checked.error());
  }
  RtpParameters engine = parameters;
  engine.msid.clear();
  for (RtpCodecParameters& codec : engine.codecs) {
    codec.mime_type = canonical_mime_type(codec.mime_type);
  }
  for (RtpEncodingParameters& encoding : engine.encodings) {
    const Result<PayloadType> type = encoding_codec(engine, encoding);
    if (!type) {
      return std::unexpected(type.error());
    }
    encoding.codec_payload_type = *type;
    encoding.unknown.clear();
  }
  return engine;
}

Result<StreamType> check_producer(MediaKind kind, const RtpParameters& engine) {
  if (const Result<void> checked = check_encodings(engine); !checked) {
    return std::unexpected(checked.error());
  }
  for (const RtpCodecParameters& codec : engine.codecs) {
    if (media_kind_of(codec.mime_type) != kind) {
      return type_error("rtpParameters.codecs: got " + describe(codec) + " for kind " +
                        std::string(to_text(kind)) + ", expected codecs of that kind");
    }
  }
  const RtpEncodingParameters& first = engine.encodings[0];
  const RtpCodecParameters* codec =
      find_codec(engine, first.codec_payload_type.value_or(PayloadType{}));
  if (codec == nullptr) {
    return type_error(
        "rtpParameters.encodings: got no codecPayloadType, expected engine parameters");
  }
  return derive_producer_type(engine.encodings.size(),
                              parse_scalability_mode(first.scalability_mode), codec->mime_type);
}

}  // namespace sluice::ortc
