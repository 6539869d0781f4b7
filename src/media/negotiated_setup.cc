#include "media/negotiated_setup.h"

#include <algorithm>

#include "protocol/codecs/codec.h"
#include "protocol/ortc/red.h"
#include "protocol/ortc/scalability_mode.h"

namespace sluice::media {
namespace {

bool has_feedback(const ortc::RtpCodec& codec, std::string_view type, std::string_view parameter) {
  return std::ranges::any_of(codec.rtcp_feedback, [&](const ortc::RtcpFeedback& feedback) {
    return feedback.type == type && feedback.parameter == parameter;
  });
}

ConsumerType consumer_type(ortc::StreamType type) {
  switch (type) {
    case ortc::StreamType::kSimulcast:
      return ConsumerType::kSimulcast;
    case ortc::StreamType::kSvc:
      return ConsumerType::kSvc;
    case ortc::StreamType::kPipe:
      return ConsumerType::kPipe;
    case ortc::StreamType::kSimple:
      break;
  }
  return ConsumerType::kSimple;
}

/// Of two kinds that were negotiated, the one that tells more.
std::optional<bwe::RateFeedback> rate_feedback(const ortc::RtpParameters& parameters) {
  const auto negotiated = [&](rtp::ExtensionKind extension, std::string_view feedback) {
    return std::ranges::any_of(parameters.header_extensions,
                               [&](const ortc::RtpHeaderExtensionParameters& entry) {
                                 return rtp::extension_kind(entry.uri) == extension;
                               }) &&
           std::ranges::any_of(parameters.codecs, [&](const ortc::RtpCodecParameters& codec) {
             return has_feedback(codec, feedback, "");
           });
  };
  if (negotiated(rtp::ExtensionKind::kTransportWideCc, "transport-cc")) {
    return bwe::RateFeedback::kTransportCc;
  }
  if (negotiated(rtp::ExtensionKind::kAbsSendTime, "goog-remb")) {
    return bwe::RateFeedback::kRemb;
  }
  return std::nullopt;
}

/// What each stream of a producer announces.
std::vector<layers::LayerRates::Options> stream_layers(const ortc::RtpParameters& consumable) {
  std::vector<layers::LayerRates::Options> streams;
  for (const ortc::RtpEncodingParameters& encoding : consumable.encodings) {
    const auto mode = ortc::parse_scalability_mode(encoding.scalability_mode);
    streams.push_back({.spatial_layers = mode.spatial_layers,
                       .temporal_layers = mode.temporal_layers,
                       .dtx = encoding.dtx.value_or(false)});
  }
  return streams;
}

}  // namespace

ProducerSetup make_producer_setup(const ortc::NegotiatedProducer& negotiated,
                                  ortc::MediaKind kind) {
  const ortc::RtpParameters& engine = negotiated.engine;
  ProducerSetup setup;
  setup.video = kind == ortc::MediaKind::kVideo;
  setup.mid = engine.mid;
  setup.cname = engine.rtcp.cname;
  setup.rate_feedback = rate_feedback(engine);
  const auto mapped = [&](PayloadType type) {
    const auto found =
        std::ranges::find(negotiated.mapping.codecs, type, &ortc::CodecMapping::payload_type);
    return found == negotiated.mapping.codecs.end() ? uint8_t{0} : found->mapped_payload_type.value;
  };
  for (const ortc::RtpCodecParameters& codec : engine.codecs) {
    if (ortc::is_red(codec) && !setup.red) {
      setup.red = {.payload_type = codec.payload_type.value,
                   .mapped_payload_type = mapped(codec.payload_type)};
    }
    if (!ortc::is_media_codec(codec)) {
      continue;
    }
    ProducerCodec entry;
    entry.payload_type = codec.payload_type.value;
    entry.mapped_payload_type = mapped(codec.payload_type);
    entry.codec = codecs::codec_of(codec.mime_type);
    entry.clock_rate = codec.clock_rate;
    entry.nack = has_feedback(codec, "nack", "");
    entry.pli = has_feedback(codec, "nack", "pli");
    entry.fir = has_feedback(codec, "ccm", "fir");
    entry.in_band_fec = codec.parameters.integer("useinbandfec") == 1;
    entry.mime_type = codec.mime_type;
    for (const ortc::RtpCodecParameters& other : engine.codecs) {
      if (ortc::is_rtx(other) && ortc::associated_payload_type(other) == codec.payload_type) {
        entry.rtx_payload_type = other.payload_type.value;
      }
    }
    setup.codecs.push_back(std::move(entry));
  }
  for (size_t i = 0; i < engine.encodings.size(); ++i) {
    const ortc::RtpEncodingParameters& encoding = engine.encodings[i];
    const auto layers = ortc::parse_scalability_mode(encoding.scalability_mode);
    setup.encodings.push_back({
        .ssrc = encoding.ssrc.value_or(Ssrc{}).value,
        .rtx_ssrc = encoding.rtx_ssrc.value_or(Ssrc{}).value,
        .rid = encoding.rid,
        .mapped_ssrc = negotiated.mapping.encodings[i].mapped_ssrc.value,
        .payload_type = encoding.codec_payload_type.value_or(PayloadType{}).value,
        .dtx = encoding.dtx.value_or(false),
        .spatial_layers = layers.spatial_layers,
        .temporal_layers = layers.temporal_layers,
    });
  }
  for (const ortc::RtpHeaderExtensionParameters& extension : engine.header_extensions) {
    if (const auto known = rtp::extension_kind(extension.uri)) {
      setup.extension_ids.set(*known, extension.id);
    }
  }
  return setup;
}

codecs::Layers loop_layers(const ortc::Layers& layers) {
  return {static_cast<int8_t>(layers.spatial), static_cast<int8_t>(layers.temporal)};
}

namespace {

/// For the stream that goes out as encoding `index`.
ConsumerSetup make_consumer_setup(const ortc::NegotiatedConsumer& negotiated, size_t index,
                                  const ortc::RtpParameters& consumable, ortc::MediaKind kind) {
  const ortc::RtpParameters& parameters = negotiated.rtp_parameters;
  ConsumerSetup setup;
  setup.type = consumer_type(negotiated.type);
  setup.video = kind == ortc::MediaKind::kVideo;
  const ortc::RtpEncodingParameters& encoding = parameters.encodings[index];
  setup.stream = static_cast<uint8_t>(index);
  setup.ssrc = encoding.ssrc.value_or(Ssrc{}).value;
  setup.mid = parameters.mid;
  setup.cname = parameters.rtcp.cname;
  setup.rate_feedback = rate_feedback(parameters);
  setup.max_bitrate = encoding.max_bitrate.value_or(0);
  const auto layers = ortc::parse_scalability_mode(encoding.scalability_mode);
  setup.spatial_layers = layers.spatial_layers;
  setup.temporal_layers = layers.temporal_layers;
  setup.key_frame_svc = layers.ksvc;
  if (setup.video) {
    setup.streams = stream_layers(consumable);
  }
  if (negotiated.preferred_layers) {
    setup.preferred_layers = loop_layers(*negotiated.preferred_layers);
  }
  const ortc::RtpCodecParameters& media = parameters.codecs.front();
  setup.codec = codecs::codec_of(media.mime_type);
  setup.clock_rate = media.clock_rate;
  setup.mime_type = media.mime_type;
  setup.nack = has_feedback(media, "nack", "");
  setup.pli = has_feedback(media, "nack", "pli");
  setup.fir = has_feedback(media, "ccm", "fir");
  for (const PayloadType type : ortc::media_payload_types(parameters)) {
    setup.payload_types.push_back(type.value);
  }
  for (const ortc::RtpCodecParameters& codec : parameters.codecs) {
    if (ortc::is_red(codec)) {
      setup.payload_types.push_back(codec.payload_type.value);
    }
    if (ortc::is_rtx(codec) && ortc::associated_payload_type(codec) == media.payload_type &&
        encoding.rtx_ssrc) {
      setup.rtx_payload_type = codec.payload_type.value;
      setup.rtx_ssrc = encoding.rtx_ssrc->value;
    }
  }
  for (const ortc::RtpHeaderExtensionParameters& extension : parameters.header_extensions) {
    if (const auto known = rtp::extension_kind(extension.uri)) {
      setup.extensions.add(*known);
    }
  }
  return setup;
}

}  // namespace

std::vector<ConsumerSetup> make_consumer_setups(const ortc::NegotiatedConsumer& negotiated,
                                                const ortc::RtpParameters& consumable,
                                                ortc::MediaKind kind) {
  std::vector<ConsumerSetup> setups;
  for (size_t index = 0; index < negotiated.rtp_parameters.encodings.size(); ++index) {
    setups.push_back(make_consumer_setup(negotiated, index, consumable, kind));
  }
  return setups;
}

}  // namespace sluice::media
