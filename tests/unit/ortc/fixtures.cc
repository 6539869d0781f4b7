#include "unit/ortc/fixtures.h"

#include <algorithm>
#include <boost/json.hpp>

namespace sluice::ortc {
namespace {

namespace bj = boost::json;

bj::value sorted(const bj::value& value) {
  if (const bj::object* object = value.if_object()) {
    std::vector<std::string> keys;
    for (const auto& member : *object) {
      keys.emplace_back(std::string_view(member.key()));
    }
    std::ranges::sort(keys);
    bj::object result;
    for (const std::string& key : keys) {
      result[key] = sorted(object->at(key));
    }
    return result;
  }
  if (const bj::array* array = value.if_array()) {
    bj::array result;
    for (const bj::value& element : *array) {
      result.push_back(sorted(element));
    }
    return result;
  }
  return value;
}

std::string member_text(const bj::value& value, std::string_view member) {
  const bj::value* found = value.as_object().if_contains(member);
  return found == nullptr ? "absent" : bj::serialize(sorted(*found));
}

/// The reader of each type.
template <class T>
struct Reader;
template <>
struct Reader<MediaKind> {
  static constexpr auto kParse = parse_media_kind;
};
template <>
struct Reader<std::vector<RtpCodecCapability>> {
  static constexpr auto kParse = parse_media_codecs;
};
template <>
struct Reader<RtpCapabilities> {
  static constexpr auto kParse = parse_rtp_capabilities;
};
template <>
struct Reader<RtpParameters> {
  static constexpr auto kParse = parse_rtp_parameters;
};
template <>
struct Reader<LayersRequest> {
  static constexpr auto kParse = parse_layers_request;
};
template <>
struct Reader<NumSctpStreams> {
  static constexpr auto kParse = parse_num_sctp_streams;
};
template <>
struct Reader<SctpStreamParameters> {
  static constexpr auto kParse = parse_sctp_stream_parameters;
};
template <>
struct Reader<SctpStreamOverrides> {
  static constexpr auto kParse = parse_sctp_stream_overrides;
};
template <>
struct Reader<std::vector<uint16_t>> {
  static constexpr auto kParse = parse_subchannels;
};
template <>
struct Reader<std::vector<std::string>> {
  static constexpr auto kParse = parse_trace_event_types;
};
template <>
struct Reader<DtlsParameters> {
  static constexpr auto kParse = parse_dtls_parameters;
};
template <>
struct Reader<SrtpParameters> {
  static constexpr auto kParse = parse_srtp_parameters;
};

}  // namespace

std::string normal(std::string_view json) {
  return bj::serialize(sorted(must(parse_json(json))));
}

std::string parsing(std::string_view text) {
  return outcome(parse_json(text));
}

template <class T>
std::string text_of(const T& value) {
  return bj::serialize(sorted(to_json(value)));
}
template std::string text_of(const RtpCapabilities&);
template std::string text_of(const RtpEncodingParameters&);
template std::string text_of(const RtpMapping&);
template std::string text_of(const Layers&);
template std::string text_of(const NumSctpStreams&);
template std::string text_of(const SctpParameters&);
template std::string text_of(const SctpStreamParameters&);
template std::string text_of(const IceParameters&);
template std::string text_of(const IceCandidate&);
template std::string text_of(const DtlsParameters&);
template std::string text_of(const TransportTuple&);
template std::string text_of(const SrtpParameters&);
template std::string text_of(const RtpParameters&);

std::string dump_of(const RtpParameters& parameters) {
  return bj::serialize(sorted(to_json(parameters, JsonStyle::kDump)));
}

std::string member_of(const RtpParameters& parameters, std::string_view member) {
  return member_text(to_json(parameters), member);
}

std::string member_of(const RtpCapabilities& capabilities, std::string_view member) {
  return member_text(to_json(capabilities), member);
}

template <class T>
Result<T> read(std::string_view json) {
  if (json.empty()) {
    return Reader<T>::kParse(nullptr, "it");
  }
  const bj::value value = must(parse_json(json));
  return Reader<T>::kParse(&value, "it");
}
template Result<MediaKind> read(std::string_view);
template Result<std::vector<RtpCodecCapability>> read(std::string_view);
template Result<RtpCapabilities> read(std::string_view);
template Result<RtpParameters> read(std::string_view);
template Result<LayersRequest> read(std::string_view);
template Result<NumSctpStreams> read(std::string_view);
template Result<SctpStreamParameters> read(std::string_view);
template Result<SctpStreamOverrides> read(std::string_view);
template Result<std::vector<uint16_t>> read(std::string_view);
template Result<std::vector<std::string>> read(std::string_view);
template Result<DtlsParameters> read(std::string_view);
template Result<SrtpParameters> read(std::string_view);

template <class T>
Result<T> reread(const T& value) {
  const bj::value written = to_json(value);
  return Reader<T>::kParse(&written, "it");
}
template Result<RtpCapabilities> reread(const RtpCapabilities&);
template Result<RtpParameters> reread(const RtpParameters&);
template Result<NumSctpStreams> reread(const NumSctpStreams&);
template Result<SctpStreamParameters> reread(const SctpStreamParameters&);

Result<RtpCapabilities> router_of(std::string_view media_codecs) {
  const Result<std::vector<RtpCodecCapability>> codecs =
      read<std::vector<RtpCodecCapability>>(media_codecs);
  if (!codecs) {
    return std::unexpected(codecs.error());
  }
  return generate_router_rtp_capabilities(*codecs);
}

std::vector<int> payload_types(const RtpCapabilities& capabilities) {
  std::vector<int> types;
  for (const RtpCodecCapability& codec : capabilities.codecs) {
    types.push_back(codec.preferred_payload_type ? codec.preferred_payload_type->value : -1);
  }
  return types;
}

std::vector<int> payload_types(const RtpParameters& parameters) {
  std::vector<int> types;
  for (const RtpCodecParameters& codec : parameters.codecs) {
    types.push_back(codec.payload_type.value);
  }
  return types;
}

std::vector<int> extension_ids(const RtpParameters& parameters) {
  std::vector<int> ids;
  for (const RtpHeaderExtensionParameters& extension : parameters.header_extensions) {
    ids.push_back(extension.id);
  }
  return ids;
}

std::string feedback(const RtpParameters& parameters, size_t index) {
  std::string text;
  for (const RtcpFeedback& entry : parameters.codecs.at(index).rtcp_feedback) {
    text += text.empty() ? "" : ",";
    text += entry.parameter.empty() ? entry.type : entry.type + " " + entry.parameter;
  }
  return text;
}

TestTransport::TestTransport(std::string_view media_codecs)
    : router(must(router_of(media_codecs))) {}

Result<NegotiatedProducer> TestTransport::produce(MediaKind kind, std::string_view rtp_parameters) {
  Result<RtpParameters> parameters = read<RtpParameters>(rtp_parameters);
  if (!parameters) {
    return std::unexpected(parameters.error());
  }
  Result<NegotiatedProducer> producer =
      negotiate_producer(kind, std::move(*parameters), router, &cname, ssrcs);
  if (!producer) {
    return producer;
  }
  if (const Result<void> added = ids.add(producer->engine); !added) {
    return std::unexpected(added.error());
  }
  return producer;
}

Result<NegotiatedProducer> TestTransport::produce_audio(std::string_view rtp_parameters) {
  return produce(MediaKind::kAudio, rtp_parameters);
}

Result<NegotiatedProducer> TestTransport::produce_video(std::string_view rtp_parameters) {
  return produce(MediaKind::kVideo, rtp_parameters);
}

void TestTransport::close(const NegotiatedProducer& producer) {
  ids.remove(producer.engine);
}

Result<NegotiatedConsumer> TestTransport::consume(const NegotiatedProducer& producer,
                                                  std::string_view capabilities,
                                                  ConsumerRequest request) {
  Result<RtpCapabilities> endpoint = read<RtpCapabilities>(capabilities);
  if (!endpoint) {
    return std::unexpected(endpoint.error());
  }
  request.rtp_capabilities = std::move(*endpoint);
  return negotiate_consumer(kind_of(producer), producer.type, producer.consumable, request, mids,
                            ssrcs);
}

MediaKind kind_of(const NegotiatedProducer& producer) {
  return media_kind_of(producer.consumable.codecs.at(0).mime_type).value();
}

}  // namespace sluice::ortc
