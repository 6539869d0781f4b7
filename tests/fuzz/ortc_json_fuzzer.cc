// links: sluice_ortc
// ORTC: any JSON as every type of the object model, and for what is valid: writing it must give the
// same value again, and the algorithms must keep what they promise to each other. An object may
// carry `mediaCodecs`, `kind`, `rtpParameters` and `rtpCapabilities` to go through the whole
// pipeline; without them a router with the usual codecs stands in.
#include <algorithm>
#include <bitset>
#include <boost/json.hpp>
#include <cstdlib>
#include <string_view>

#include "protocol/ortc/algorithms.h"
#include "protocol/ortc/json.h"

namespace {

using namespace sluice;        // NOLINT(google-build-using-namespace): a program of one file
using namespace sluice::ortc;  // NOLINT(google-build-using-namespace)
namespace bj = boost::json;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

/// Errors travel to the peer: they must have a text, and a short one.
template <class T>
bool usable(const Result<T>& result) {
  if (!result) {
    require(!result.error().message.empty() && result.error().message.size() < 4096);
  }
  return result.has_value();
}

template <class T>
bool same(const Result<T>& result, const T& value) {
  return result && *result == value;
}

// ---- readers and writers

/// Text inside may be written differently from how it was read (1e2, 100); its value is the same.
RtpParameters without_unknown(RtpParameters parameters) {
  for (RtpEncodingParameters& encoding : parameters.encodings) {
    encoding.unknown.clear();
  }
  return parameters;
}

void check_capabilities(const bj::value* value) {
  const auto parsed = parse_rtp_capabilities(value);
  if (usable(parsed)) {
    const bj::value written = to_json(*parsed);
    require(same(parse_rtp_capabilities(&written), *parsed));
  }
}

void check_parameters(const bj::value* value) {
  const auto parsed = parse_rtp_parameters(value);
  if (usable(parsed)) {
    const bj::value written = to_json(*parsed);
    const auto again = parse_rtp_parameters(&written);
    require(again && without_unknown(*again) == without_unknown(*parsed));
    static_cast<void>(to_json(*parsed, JsonStyle::kDump));
  }
}

template <class T>
void check_round_trip(Result<T> (*parse)(const bj::value*, std::string_view),
                      const bj::value* value) {
  const Result<T> parsed = parse(value, "it");
  if (usable(parsed)) {
    const bj::value written = to_json(*parsed);
    require(same(parse(&written, "it"), *parsed));
  }
}

void check_data_channel(const bj::value* value) {
  const auto overrides = parse_sctp_stream_overrides(value);
  if (!usable(overrides)) {
    return;
  }
  const auto producer = parse_sctp_stream_parameters(value);
  for (const SctpStreamParameters* from :
       {static_cast<const SctpStreamParameters*>(nullptr), producer ? &*producer : nullptr}) {
    const auto stream = derive_data_consumer_stream(from, *overrides, 7);
    if (usable(stream)) {
      require(stream->stream_id == 7 && check_sctp_stream_parameters(*stream));
    }
  }
}

void check_readers(const bj::value* value) {
  check_capabilities(value);
  check_parameters(value);
  check_round_trip(&parse_num_sctp_streams, value);
  check_round_trip(&parse_sctp_stream_parameters, value);
  check_round_trip(&parse_dtls_parameters, value);
  check_round_trip(&parse_srtp_parameters, value);
  check_data_channel(value);
  static_cast<void>(usable(parse_media_kind(value)));
  static_cast<void>(usable(parse_layers_request(value)));
  const auto subchannels = parse_subchannels(value);
  if (usable(subchannels)) {
    require(std::ranges::is_sorted(*subchannels));
  }
}

// ---- the pipeline

const RtpCapabilities& usual_router() {
  static const RtpCapabilities kRouter = [] {
    const bj::value codecs = bj::parse(R"([
        {"mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
        {"mimeType": "video/VP8", "clockRate": 90000},
        {"mimeType": "video/VP9", "clockRate": 90000},
        {"mimeType": "video/H264", "clockRate": 90000,
         "parameters": {"level-asymmetry-allowed": 1, "packetization-mode": 1,
                        "profile-level-id": "42e01f"}},
        {"mimeType": "video/AV1", "clockRate": 90000}])");
    return *generate_router_rtp_capabilities(*parse_media_codecs(&codecs));
  }();
  return kRouter;
}

void check_router(const RtpCapabilities& router) {
  std::bitset<256> types;
  for (size_t i = 0; i < router.codecs.size(); ++i) {
    const RtpCodecCapability& codec = router.codecs[i];
    require(codec.preferred_payload_type && !types.test(codec.preferred_payload_type->value));
    types.set(codec.preferred_payload_type->value);
    if (codec.kind == MediaKind::kVideo && !is_rtx(codec)) {
      require(i + 1 < router.codecs.size() && is_rtx(router.codecs[i + 1]));
      require(associated_payload_type(router.codecs[i + 1]) == codec.preferred_payload_type);
    }
  }
  const bj::value written = to_json(router);
  require(same(parse_rtp_capabilities(&written), router));
}

void check_consumer(const NegotiatedProducer& producer, const RtpParameters& consumer) {
  require(!consumer.codecs.empty() && is_media_codec(consumer.codecs[0]));
  require(!consumer.encodings.empty() && consumer.rtcp == producer.consumable.rtcp);
  for (const RtpEncodingParameters& encoding : consumer.encodings) {
    require(encoding.ssrc.has_value() && encoding.rid.empty());
  }
  for (const RtpCodecParameters& codec : consumer.codecs) {
    require(std::ranges::find(producer.consumable.codecs, codec.payload_type,
                              &RtpCodecParameters::payload_type) !=
            producer.consumable.codecs.end());
  }
  static_cast<void>(to_json(consumer));
}

void check_consuming(MediaKind kind, const NegotiatedProducer& producer,
                     const RtpCapabilities& capabilities) {
  SsrcAllocator ssrcs(0, 1);
  MidAllocator mids;
  for (const bool pipe : {false, true}) {
    for (const bool rtx : {false, true}) {
      ConsumerRequest request;
      request.rtp_capabilities = capabilities;
      request.pipe = pipe;
      request.enable_rtx = rtx;
      request.preferred_layers = LayersRequest{1, 1};
      const auto consumer =
          negotiate_consumer(kind, producer.type, producer.consumable, request, mids, ssrcs);
      if (usable(consumer)) {
        check_consumer(producer, consumer->rtp_parameters);
        require(consumer->rtp_parameters.mid.empty() == pipe);
      } else {
        // Who can consume is refused for its type at most.
        require(consumer.error().kind == ErrorKind::kType ||
                !can_consume(producer.consumable, capabilities));
      }
    }
  }
}

/// A producer that arrives through a pipe at the same router.
void check_piping(MediaKind kind, const NegotiatedProducer& producer,
                  const RtpCapabilities& router) {
  SsrcAllocator ssrcs(0, 1);
  for (const bool rtx : {false, true}) {
    const auto consumer = negotiate_pipe_consumer(producer.consumable, rtx, ssrcs);
    require(usable(consumer));
    check_consumer(producer, consumer->rtp_parameters);
    const auto piped = negotiate_producer(kind, consumer->rtp_parameters, router, nullptr, ssrcs);
    require(usable(piped) || piped.error().kind != ErrorKind::kUnsupported);
  }
}

void check_producing(MediaKind kind, const RtpParameters& parameters, const RtpCapabilities& router,
                     const RtpCapabilities* endpoint) {
  SsrcAllocator ssrcs(0, 1);
  CnamePolicy cname;
  const auto producer = negotiate_producer(kind, parameters, router, &cname, ssrcs);
  if (!usable(producer)) {
    return;
  }
  require(!producer->rtp_parameters.rtcp.cname.empty());
  require(producer->mapping.codecs.size() == parameters.codecs.size());
  require(producer->mapping.encodings.size() == producer->consumable.encodings.size());
  static_cast<void>(to_json(producer->mapping));
  static_cast<void>(to_json(producer->engine, JsonStyle::kDump));

  RtpIdRegistry ids;
  if (usable(ids.add(producer->engine))) {
    // There is always something that tells its packets, so the same ids again must be refused.
    require(!ids.add(producer->engine));
    ids.remove(producer->engine);
  }
  require(ids.empty());

  require(can_consume(producer->consumable, router));
  check_consuming(kind, *producer, router);
  if (endpoint != nullptr) {
    check_consuming(kind, *producer, *endpoint);
  }
  check_piping(kind, *producer, router);
}

void check_pipeline(const bj::object& object) {
  RtpCapabilities router = usual_router();
  if (const bj::value* value = object.if_contains("mediaCodecs")) {
    const auto codecs = parse_media_codecs(value);
    if (usable(codecs)) {
      auto generated = generate_router_rtp_capabilities(*codecs);
      if (usable(generated)) {
        check_router(*generated);
        router = std::move(*generated);
      }
    }
  }
  const auto parameters = parse_rtp_parameters(object.if_contains("rtpParameters"));
  if (!usable(parameters)) {
    return;
  }
  const auto endpoint = parse_rtp_capabilities(object.if_contains("rtpCapabilities"));
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    check_producing(kind, *parameters, router, usable(endpoint) ? &*endpoint : nullptr);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto value = parse_json({reinterpret_cast<const char*>(data), size});
  check_readers(nullptr);
  if (!usable(value)) {
    return 0;
  }
  check_readers(&*value);
  if (const bj::object* object = value->if_object()) {
    for (const auto& member : *object) {
      check_readers(&member.value());
    }
    check_pipeline(*object);
  }
  return 0;
}
