// Readers and writers of RTP capabilities and parameters (rules V1 to V9 of ortc-model 3.1).
#include <cmath>
#include <utility>

#include "protocol/ortc/json.h"
#include "protocol/ortc/json_reader.h"

namespace sluice::ortc {
namespace {

namespace bj = boost::json;

// ---- reading

constexpr std::string_view kWholeParameter =
    "a text or a number (a whole number within 32 bits, or a fraction)";

/// A text, a fraction, or a whole number that fits the 32 bits that the engine has for it.
ParameterValue read_parameter(JsonReading& reading, const JsonNode& node) {
  if (const bj::string* text = node.text()) {
    return std::string(*text);
  }
  if (const std::optional<int64_t> number = node.integer()) {
    if (*number < INT32_MIN || *number > INT32_MAX) {
      reading.fail(node, kWholeParameter);
    }
    return *number;
  }
  const double* fraction = node.value()->if_double();
  if (fraction == nullptr || !std::isfinite(*fraction) || std::trunc(*fraction) == *fraction) {
    reading.fail(node, kWholeParameter);
    return int64_t{0};
  }
  return *fraction;
}

ParameterMap read_parameters(JsonReading& reading, const JsonNode& node) {
  ParameterMap parameters;
  const bj::object* members = node.object();
  if (members == nullptr) {
    return parameters;
  }
  if (members->size() > kMaxFormatParameters) {
    reading.fail(node, "at most " + std::to_string(kMaxFormatParameters) + " members");
    return parameters;
  }
  for (const auto& entry : *members) {
    const std::string_view key = entry.key();
    parameters.append(std::string(key), read_parameter(reading, node.member(key)));
  }
  return parameters;
}

/// V3.
RtcpFeedback read_rtcp_feedback(JsonReading& reading, const JsonNode& node) {
  RtcpFeedback feedback;
  if (reading.expect_object(node)) {
    feedback.type = reading.required_text(node.member("type"));
    const JsonNode parameter = node.member("parameter");
    if (parameter.text() != nullptr) {
      feedback.parameter = std::string(*parameter.text());
    }
  }
  return feedback;
}

/// Begins with "audio/" or "video/" in any case and has at least one more character.
bool is_mime_type(std::string_view text) {
  constexpr size_t kPrefixLength = 6;
  return media_kind_of(text) && text.size() > kPrefixLength && text[kPrefixLength] != '\n' &&
         text[kPrefixLength] != '\r';
}

/// What V2 and V6 have in common.
void read_codec(JsonReading& reading, const JsonNode& node, RtpCodec& codec) {
  const JsonNode mime_type = node.member("mimeType");
  codec.mime_type = reading.required_text(mime_type);
  if (reading.ok() && !is_mime_type(codec.mime_type)) {
    reading.fail(mime_type, "\"audio/…\" or \"video/…\"");
  }
  codec.clock_rate = reading.integer<uint32_t>(node.member("clockRate"));
  if (media_kind_of(codec.mime_type) == MediaKind::kAudio) {
    const JsonNode channels = node.member("channels");
    codec.channels = channels.is_number() ? reading.integer<uint8_t>(channels) : uint8_t{1};
  }
  const JsonNode parameters = node.member("parameters");
  codec.parameters = read_parameters(reading, parameters);
  const JsonNode apt = parameters.member("apt");
  if (apt.value() != nullptr && !apt.is_number()) {
    reading.fail(apt, "a number");
  }
  const JsonNode feedback = node.member("rtcpFeedback");
  if (feedback.array() != nullptr) {
    const size_t count = reading.list_size(feedback, kMaxRtcpFeedback);
    for (size_t i = 0; i < count && reading.ok(); ++i) {
      codec.rtcp_feedback.push_back(read_rtcp_feedback(reading, feedback.element(i)));
    }
  }
}

/// V2.
RtpCodecCapability read_codec_capability(JsonReading& reading, const JsonNode& node) {
  RtpCodecCapability codec;
  if (!reading.expect_object(node)) {
    return codec;
  }
  read_codec(reading, node, codec);
  codec.kind = media_kind_of(codec.mime_type).value_or(MediaKind::kAudio);
  if (const auto type = reading.optional_integer<uint8_t>(node.member("preferredPayloadType"))) {
    codec.preferred_payload_type = PayloadType(*type);
  }
  return codec;
}

std::vector<RtpCodecCapability> read_codec_capabilities(JsonReading& reading, const JsonNode& node,
                                                        size_t count) {
  std::vector<RtpCodecCapability> codecs;
  for (size_t i = 0; i < count && reading.ok(); ++i) {
    codecs.push_back(read_codec_capability(reading, node.element(i)));
  }
  return codecs;
}

MediaKind read_media_kind(JsonReading& reading, const JsonNode& node) {
  const bj::string* text = node.text();
  if (text != nullptr && *text == "video") {
    return MediaKind::kVideo;
  }
  if (text == nullptr || *text != "audio") {
    reading.fail(node, "\"audio\" or \"video\"");
  }
  return MediaKind::kAudio;
}

/// V4.
RtpHeaderExtension read_header_extension(JsonReading& reading, const JsonNode& node) {
  RtpHeaderExtension extension;
  if (!reading.expect_object(node)) {
    return extension;
  }
  extension.kind = read_media_kind(reading, node.member("kind"));
  extension.uri = reading.required_text(node.member("uri"));
  extension.preferred_id = reading.integer<uint8_t>(node.member("preferredId"));
  extension.preferred_encrypt = reading.optional_bool(node.member("preferredEncrypt"));
  if (std::string direction = reading.optional_text(node.member("direction")); !direction.empty()) {
    extension.direction = std::move(direction);
  }
  return extension;
}

/// V6.
RtpCodecParameters read_codec_parameters(JsonReading& reading, const JsonNode& node) {
  RtpCodecParameters codec;
  if (!reading.expect_object(node)) {
    return codec;
  }
  read_codec(reading, node, codec);
  codec.payload_type = PayloadType(reading.integer<uint8_t>(node.member("payloadType")));
  return codec;
}

/// V7.
RtpHeaderExtensionParameters read_header_extension_parameters(JsonReading& reading,
                                                              const JsonNode& node) {
  RtpHeaderExtensionParameters extension;
  if (!reading.expect_object(node)) {
    return extension;
  }
  extension.uri = reading.required_text(node.member("uri"));
  extension.id = reading.integer<uint8_t>(node.member("id"));
  extension.encrypt = reading.optional_bool(node.member("encrypt"));
  extension.parameters = read_parameters(reading, node.member("parameters"));
  return extension;
}

/// An SSRC; 0 counts as absent.
std::optional<Ssrc> read_ssrc(JsonReading& reading, const JsonNode& node) {
  const auto ssrc = reading.optional_integer<uint32_t>(node);
  return ssrc.value_or(0) == 0 ? std::nullopt : std::optional(Ssrc(*ssrc));
}

/// `maxBitrate` is not validated, so what is no number travels with the unknown members. A fraction
/// of a bit per second is dropped.
void read_max_bitrate(JsonReading& reading, const JsonNode& node, RtpEncodingParameters& encoding) {
  if (node.is_number()) {
    const auto bitrate = node.value()->to_number<double>();
    if (!(bitrate >= 0 && bitrate <= UINT32_MAX)) {
      reading.fail(node, "a number from 0 to 4294967295");
      return;
    }
    encoding.max_bitrate = static_cast<uint32_t>(bitrate);
  } else if (node.truthy()) {
    encoding.unknown.push_back({"maxBitrate", bj::serialize(*node.value())});
  }
}

bool is_known_encoding_member(std::string_view key) {
  return key == "ssrc" || key == "rid" || key == "codecPayloadType" || key == "rtx" ||
         key == "dtx" || key == "scalabilityMode" || key == "maxBitrate";
}

/// V8.
RtpEncodingParameters read_encoding(JsonReading& reading, const JsonNode& node) {
  RtpEncodingParameters encoding;
  if (!reading.expect_object(node)) {
    return encoding;
  }
  encoding.ssrc = read_ssrc(reading, node.member("ssrc"));
  encoding.rid = reading.optional_text(node.member("rid"));
  const JsonNode rtx = node.member("rtx");
  if (rtx.truthy() && reading.expect_object(rtx)) {
    const JsonNode ssrc = rtx.member("ssrc");
    if (!ssrc.is_number()) {
      reading.fail(ssrc, "a whole number from 0 to 4294967295");
    }
    encoding.rtx_ssrc = read_ssrc(reading, ssrc);
  }
  const JsonNode dtx = node.member("dtx");
  encoding.dtx = dtx.value() != nullptr && dtx.value()->is_bool() && dtx.truthy();
  encoding.scalability_mode = reading.optional_text(node.member("scalabilityMode"));
  if (const auto type = reading.optional_integer<uint8_t>(node.member("codecPayloadType"))) {
    encoding.codec_payload_type = PayloadType(*type);
  }
  read_max_bitrate(reading, node.member("maxBitrate"), encoding);
  for (const auto& member : *node.object()) {
    if (!is_known_encoding_member(member.key())) {
      encoding.unknown.push_back({std::string(member.key()), bj::serialize(member.value())});
    }
  }
  return encoding;
}

/// V9. `reducedSize` is always true, whatever is given.
RtcpParameters read_rtcp(JsonReading& reading, const JsonNode& node) {
  RtcpParameters rtcp;
  if (node.truthy() && reading.expect_object(node)) {
    rtcp.cname = reading.optional_text(node.member("cname"));
  }
  return rtcp;
}

// ---- writing

bj::object write_parameters(const ParameterMap& parameters) {
  bj::object object;
  for (const ParameterMap::Entry& entry : parameters) {
    object[entry.key] = std::visit([](const auto& value) { return bj::value(value); }, entry.value);
  }
  return object;
}

bj::array write_feedback(const std::vector<RtcpFeedback>& list, JsonStyle style) {
  bj::array array;
  for (const RtcpFeedback& feedback : list) {
    bj::object object{{"type", feedback.type}};
    if (style == JsonStyle::kApi || !feedback.parameter.empty()) {
      object["parameter"] = feedback.parameter;
    }
    array.push_back(std::move(object));
  }
  return array;
}

/// Adds the members that follow the payload type.
void write_codec(const RtpCodec& codec, JsonStyle style, bj::object& object) {
  object["clockRate"] = codec.clock_rate;
  if (codec.channels) {
    object["channels"] = *codec.channels;
  }
  object["parameters"] = write_parameters(codec.parameters);
  object["rtcpFeedback"] = write_feedback(codec.rtcp_feedback, style);
}

bj::object write_text_if_given(bj::object object, std::string_view key, const std::string& text) {
  if (!text.empty()) {
    object[key] = text;
  }
  return object;
}

bj::object write_encoding(const RtpEncodingParameters& encoding) {
  bj::object object;
  if (encoding.ssrc) {
    object["ssrc"] = encoding.ssrc->value;
  }
  object = write_text_if_given(std::move(object), "rid", encoding.rid);
  if (encoding.codec_payload_type) {
    object["codecPayloadType"] = encoding.codec_payload_type->value;
  }
  if (encoding.rtx_ssrc) {
    object["rtx"] = bj::object{{"ssrc", encoding.rtx_ssrc->value}};
  }
  if (encoding.dtx) {
    object["dtx"] = *encoding.dtx;
  }
  object = write_text_if_given(std::move(object), "scalabilityMode", encoding.scalability_mode);
  if (encoding.max_bitrate) {
    object["maxBitrate"] = *encoding.max_bitrate;
  }
  for (const RawMember& member : encoding.unknown) {
    if (Result<bj::value> value = parse_json(member.json)) {
      object[member.key] = std::move(*value);
    }
  }
  return object;
}

}  // namespace

Result<boost::json::value> parse_json(std::string_view text) {
  bj::error_code error;
  bj::value value = bj::parse(text, error);
  if (error) {
    return type_error("JSON: " + error.message());
  }
  return value;
}

Result<MediaKind> parse_media_kind(const boost::json::value* value, std::string_view name) {
  JsonReading reading;
  const MediaKind kind = read_media_kind(reading, JsonNode(name, value));
  return reading.finish(kind);
}

Result<std::vector<RtpCodecCapability>> parse_media_codecs(const boost::json::value* value,
                                                           std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  const size_t count = value == nullptr ? 0 : reading.list_size(node, kMaxCodecs);
  return reading.finish(read_codec_capabilities(reading, node, count));
}

Result<RtpCapabilities> parse_rtp_capabilities(const boost::json::value* value,
                                               std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  RtpCapabilities capabilities;
  if (reading.expect_object(node)) {
    const JsonNode codecs = node.member("codecs");
    const size_t codec_count = reading.optional_list_size(codecs, kMaxCodecs);
    capabilities.codecs = read_codec_capabilities(reading, codecs, codec_count);
    const JsonNode extensions = node.member("headerExtensions");
    const size_t count = reading.optional_list_size(extensions, kMaxHeaderExtensions);
    for (size_t i = 0; i < count && reading.ok(); ++i) {
      capabilities.header_extensions.push_back(
          read_header_extension(reading, extensions.element(i)));
    }
  }
  return reading.finish(std::move(capabilities));
}

Result<RtpParameters> parse_rtp_parameters(const boost::json::value* value, std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  RtpParameters parameters;
  if (!reading.expect_object(node)) {
    return reading.finish(std::move(parameters));
  }
  parameters.mid = reading.optional_text(node.member("mid"));
  const JsonNode codecs = node.member("codecs");
  const size_t codec_count = reading.list_size(codecs, kMaxCodecs);
  for (size_t i = 0; i < codec_count && reading.ok(); ++i) {
    parameters.codecs.push_back(read_codec_parameters(reading, codecs.element(i)));
  }
  const JsonNode extensions = node.member("headerExtensions");
  const size_t extension_count = reading.optional_list_size(extensions, kMaxHeaderExtensions);
  for (size_t i = 0; i < extension_count && reading.ok(); ++i) {
    parameters.header_extensions.push_back(
        read_header_extension_parameters(reading, extensions.element(i)));
  }
  const JsonNode encodings = node.member("encodings");
  const size_t encoding_count = reading.optional_list_size(encodings, kMaxEncodings);
  for (size_t i = 0; i < encoding_count && reading.ok(); ++i) {
    parameters.encodings.push_back(read_encoding(reading, encodings.element(i)));
  }
  parameters.rtcp = read_rtcp(reading, node.member("rtcp"));
  const JsonNode msid = node.member("msid");
  if (msid.text() != nullptr) {
    parameters.msid = std::string(*msid.text());
  }
  return reading.finish(std::move(parameters));
}

boost::json::value to_json(const RtpCapabilities& capabilities) {
  bj::array codecs;
  for (const RtpCodecCapability& codec : capabilities.codecs) {
    bj::object object{{"kind", to_text(codec.kind)}, {"mimeType", codec.mime_type}};
    if (codec.preferred_payload_type) {
      object["preferredPayloadType"] = codec.preferred_payload_type->value;
    }
    write_codec(codec, JsonStyle::kApi, object);
    codecs.push_back(std::move(object));
  }
  bj::array extensions;
  for (const RtpHeaderExtension& extension : capabilities.header_extensions) {
    extensions.push_back({{"kind", to_text(extension.kind)},
                          {"uri", extension.uri},
                          {"preferredId", extension.preferred_id},
                          {"preferredEncrypt", extension.preferred_encrypt},
                          {"direction", extension.direction}});
  }
  return {{"codecs", std::move(codecs)}, {"headerExtensions", std::move(extensions)}};
}

boost::json::value to_json(const RtpParameters& parameters, JsonStyle style) {
  bj::array codecs;
  for (const RtpCodecParameters& codec : parameters.codecs) {
    bj::object object{{"mimeType", codec.mime_type}, {"payloadType", codec.payload_type.value}};
    write_codec(codec, style, object);
    codecs.push_back(std::move(object));
  }
  bj::array extensions;
  for (const RtpHeaderExtensionParameters& extension : parameters.header_extensions) {
    extensions.push_back({{"uri", extension.uri},
                          {"id", extension.id},
                          {"encrypt", extension.encrypt},
                          {"parameters", write_parameters(extension.parameters)}});
  }
  bj::array encodings;
  for (const RtpEncodingParameters& encoding : parameters.encodings) {
    encodings.push_back(write_encoding(encoding));
  }
  bj::object object = write_text_if_given({}, "mid", parameters.mid);
  object["codecs"] = std::move(codecs);
  object["headerExtensions"] = std::move(extensions);
  object["encodings"] = std::move(encodings);
  bj::object rtcp = write_text_if_given({}, "cname", parameters.rtcp.cname);
  rtcp["reducedSize"] = parameters.rtcp.reduced_size;
  object["rtcp"] = std::move(rtcp);
  return write_text_if_given(std::move(object), "msid", parameters.msid);
}

boost::json::value to_json(const RtpEncodingParameters& encoding) {
  return write_encoding(encoding);
}

boost::json::value to_json(const RtpMapping& mapping) {
  bj::array codecs;
  for (const CodecMapping& codec : mapping.codecs) {
    codecs.push_back({{"payloadType", codec.payload_type.value},
                      {"mappedPayloadType", codec.mapped_payload_type.value}});
  }
  bj::array encodings;
  for (const EncodingMapping& encoding : mapping.encodings) {
    bj::object object;
    if (encoding.ssrc) {
      object["ssrc"] = encoding.ssrc->value;
    }
    object = write_text_if_given(std::move(object), "rid", encoding.rid);
    object = write_text_if_given(std::move(object), "scalabilityMode", encoding.scalability_mode);
    object["mappedSsrc"] = encoding.mapped_ssrc.value;
    encodings.push_back(std::move(object));
  }
  return {{"codecs", std::move(codecs)}, {"encodings", std::move(encodings)}};
}

}  // namespace sluice::ortc
