// Readers and writers of transport, SCTP and SRTP parameters and of layers.
#include <algorithm>
#include <utility>

#include "protocol/ortc/base64.h"
#include "protocol/ortc/json.h"
#include "protocol/ortc/json_reader.h"

namespace sluice::ortc {
namespace {

namespace bj = boost::json;

/// The names of an enumeration as an error lists them.
template <size_t N>
std::string one_of(const std::array<std::string_view, N>& names) {
  std::string text = "one of";
  for (const std::string_view name : names) {
    text.append(&name == names.begin() ? " " : ", ").append(name);
  }
  return text;
}

/// Index of the text in `names`, or an error.
template <class Enum, size_t N>
Enum read_enum(JsonReading& reading, const JsonNode& node,
               const std::array<std::string_view, N>& names) {
  const bj::string* text = node.text();
  const auto it = text == nullptr ? names.end() : std::ranges::find(names, std::string_view(*text));
  if (it == names.end()) {
    reading.fail(node, one_of(names));
    return {};
  }
  return static_cast<Enum>(it - names.begin());
}

template <class Enum, size_t N>
std::string_view name_of(Enum value, const std::array<std::string_view, N>& names) {
  return names[static_cast<size_t>(value)];
}

/// A number of milliseconds or retransmissions; 0 counts as absent.
std::optional<uint16_t> read_lifetime(JsonReading& reading, const JsonNode& node) {
  const auto number = reading.optional_integer<uint16_t>(node);
  return number.value_or(0) == 0 ? std::nullopt : number;
}

/// A boolean; anything else counts as not given.
std::optional<bool> read_ordered(const JsonNode& node) {
  if (node.value() == nullptr || !node.value()->is_bool()) {
    return std::nullopt;
  }
  return node.value()->get_bool();
}

}  // namespace

Result<LayersRequest> parse_layers_request(const boost::json::value* value, std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  LayersRequest request;
  if (reading.expect_object(node)) {
    request.spatial = reading.integer<uint8_t>(node.member("spatialLayer"));
    request.temporal = reading.optional_integer<uint8_t>(node.member("temporalLayer"));
  }
  return reading.finish(request);
}

Result<std::vector<std::string>> parse_trace_event_types(const boost::json::value* value,
                                                         std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  const size_t count = value == nullptr ? 0 : reading.list_size(node, kMaxTraceEventTypes);
  std::vector<std::string> types;
  for (size_t i = 0; i < count && reading.ok(); ++i) {
    const JsonNode element = node.element(i);
    if (const bj::string* text = element.text()) {
      types.emplace_back(*text);
    } else {
      reading.fail(element, "a text");
    }
  }
  return reading.finish(std::move(types));
}

Result<NumSctpStreams> parse_num_sctp_streams(const boost::json::value* value,
                                              std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  NumSctpStreams streams;
  if (node.truthy() && reading.expect_object(node)) {
    streams.os = reading.integer<uint16_t>(node.member("OS"));
    streams.mis = reading.integer<uint16_t>(node.member("MIS"));
  }
  return reading.finish(streams);
}

// V10.
Result<SctpStreamParameters> parse_sctp_stream_parameters(const boost::json::value* value,
                                                          std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  SctpStreamParameters parameters;
  if (!reading.expect_object(node)) {
    return reading.finish(parameters);
  }
  const JsonNode stream_id = node.member("streamId");
  parameters.stream_id = reading.integer<uint16_t>(stream_id);
  if (parameters.stream_id > kMaxSctpStreamId) {
    reading.fail(stream_id, "a whole number from 0 to 65534");
  }
  parameters.max_packet_life_time = read_lifetime(reading, node.member("maxPacketLifeTime"));
  parameters.max_retransmits = read_lifetime(reading, node.member("maxRetransmits"));
  const bool has_lifetime = parameters.max_packet_life_time || parameters.max_retransmits;
  const JsonNode ordered = node.member("ordered");
  parameters.ordered = read_ordered(ordered).value_or(!has_lifetime);
  if (parameters.max_packet_life_time && parameters.max_retransmits) {
    reading.fail(node, "maxPacketLifeTime or maxRetransmits, not both");
  }
  if (parameters.ordered && has_lifetime) {
    reading.fail(ordered, "false with maxPacketLifeTime or maxRetransmits");
  }
  return reading.finish(parameters);
}

Result<SctpStreamOverrides> parse_sctp_stream_overrides(const boost::json::value* value,
                                                        std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  SctpStreamOverrides overrides;
  if (node.truthy() && reading.expect_object(node)) {
    overrides.ordered = read_ordered(node.member("ordered"));
    overrides.max_packet_life_time = read_lifetime(reading, node.member("maxPacketLifeTime"));
    overrides.max_retransmits = read_lifetime(reading, node.member("maxRetransmits"));
  }
  return reading.finish(overrides);
}

Result<std::vector<uint16_t>> parse_subchannels(const boost::json::value* value,
                                                std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  const size_t count = value == nullptr ? 0 : reading.list_size(node, kMaxSubchannels);
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < count && reading.ok(); ++i) {
    const JsonNode element = node.element(i);
    const std::optional<int64_t> number = element.integer();
    if (!number) {
      reading.fail(element, "a whole number");
    }
    numbers.push_back(number.value_or(0));
  }
  return reading.finish(normalise_subchannels(numbers));
}

Result<DtlsParameters> parse_dtls_parameters(const boost::json::value* value,
                                             std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  DtlsParameters parameters;
  if (!reading.expect_object(node)) {
    return reading.finish(std::move(parameters));
  }
  const JsonNode role = node.member("role");
  if (role.truthy()) {
    parameters.role = read_enum<DtlsRole>(reading, role, kDtlsRoleNames);
  }
  const JsonNode fingerprints = node.member("fingerprints");
  const size_t count = reading.list_size(fingerprints, kMaxFingerprints);
  if (count == 0) {
    reading.fail(fingerprints, "at least one fingerprint");
  }
  for (size_t i = 0; i < count && reading.ok(); ++i) {
    const JsonNode fingerprint = fingerprints.element(i);
    if (reading.expect_object(fingerprint)) {
      const auto algorithm = read_enum<FingerprintAlgorithm>(
          reading, fingerprint.member("algorithm"), kFingerprintAlgorithmNames);
      parameters.fingerprints.push_back(
          {algorithm, reading.required_text(fingerprint.member("value"))});
    }
  }
  return reading.finish(std::move(parameters));
}

Result<SrtpParameters> parse_srtp_parameters(const boost::json::value* value,
                                             std::string_view name) {
  JsonReading reading;
  const JsonNode node(name, value);
  if (node.object() == nullptr) {
    reading.fail_secret(node, "an object");
    return reading.finish(SrtpParameters{});
  }
  const JsonNode suite_name = node.member("cryptoSuite");
  const auto suite = suite_name.text() == nullptr
                         ? std::nullopt
                         : srtp_crypto_suite(std::string_view(*suite_name.text()));
  if (!suite) {
    std::array<std::string_view, kSrtpCryptoSuites.size()> names;
    std::ranges::transform(kSrtpCryptoSuites, names.begin(),
                           [](SrtpCryptoSuite known) { return to_text(known); });
    reading.fail(suite_name, one_of(names));
    return reading.finish(SrtpParameters{});
  }
  const JsonNode key_text = node.member("keyBase64");
  auto key =
      key_text.text() == nullptr ? std::nullopt : decode_base64(std::string_view(*key_text.text()));
  const size_t size = srtp_key_and_salt_size(*suite);
  if (!key || key->size() != size) {
    reading.fail_secret(key_text, std::to_string(size) + " bytes of key and salt in base64");
    return reading.finish(SrtpParameters{});
  }
  return SrtpParameters{*suite, std::move(*key)};
}

boost::json::value to_json(const Layers& layers) {
  return {{"spatialLayer", layers.spatial}, {"temporalLayer", layers.temporal}};
}

boost::json::value to_json(const NumSctpStreams& streams) {
  return {{"OS", streams.os}, {"MIS", streams.mis}};
}

boost::json::value to_json(const SctpParameters& parameters) {
  bj::object object{{"port", parameters.port},
                    {"OS", parameters.os},
                    {"MIS", parameters.mis},
                    {"maxMessageSize", parameters.max_receive_message_size},
                    {"maxSendMessageSize", parameters.max_send_message_size},
                    {"maxReceiveMessageSize", parameters.max_receive_message_size}};
  if (parameters.send_buffer_size) {
    object["sendBufferSize"] = *parameters.send_buffer_size;
  }
  if (parameters.buffered_amount) {
    object["sctpBufferedAmount"] = *parameters.buffered_amount;
  }
  if (parameters.is_data_channel) {
    object["isDataChannel"] = *parameters.is_data_channel;
  }
  return object;
}

boost::json::value to_json(const SctpStreamParameters& parameters) {
  bj::object object{{"streamId", parameters.stream_id}, {"ordered", parameters.ordered}};
  if (parameters.max_packet_life_time) {
    object["maxPacketLifeTime"] = *parameters.max_packet_life_time;
  }
  if (parameters.max_retransmits) {
    object["maxRetransmits"] = *parameters.max_retransmits;
  }
  return object;
}

boost::json::value to_json(const IceParameters& parameters) {
  return {{"usernameFragment", parameters.username_fragment},
          {"password", parameters.password},
          {"iceLite", parameters.ice_lite}};
}

boost::json::value to_json(const IceCandidate& candidate) {
  // `ip` is the older name of `address`; old clients need it.
  bj::object object{{"foundation", candidate.foundation},
                    {"priority", candidate.priority},
                    {"ip", candidate.address},
                    {"address", candidate.address},
                    {"protocol", name_of(candidate.protocol, kTransportProtocolNames)},
                    {"port", candidate.port},
                    {"type", "host"}};
  if (candidate.protocol == TransportProtocol::kTcp) {
    object["tcpType"] = "passive";
  }
  return object;
}

boost::json::value to_json(const DtlsParameters& parameters) {
  bj::array fingerprints;
  for (const DtlsFingerprint& fingerprint : parameters.fingerprints) {
    fingerprints.push_back(
        {{"algorithm", name_of(fingerprint.algorithm, kFingerprintAlgorithmNames)},
         {"value", fingerprint.value}});
  }
  return {{"role", name_of(parameters.role, kDtlsRoleNames)},
          {"fingerprints", std::move(fingerprints)}};
}

boost::json::value to_json(const TransportTuple& tuple) {
  // `localIp` is the older name of `localAddress` and must be there.
  bj::object object{{"localIp", tuple.local_address},
                    {"localAddress", tuple.local_address},
                    {"localPort", tuple.local_port}};
  if (!tuple.remote_ip.empty()) {
    object["remoteIp"] = tuple.remote_ip;
    object["remotePort"] = tuple.remote_port;
  }
  object["protocol"] = name_of(tuple.protocol, kTransportProtocolNames);
  return object;
}

boost::json::value to_json(const SrtpParameters& parameters) {
  return {{"cryptoSuite", to_text(parameters.crypto_suite)},
          {"keyBase64", encode_base64(parameters.key)}};
}

}  // namespace sluice::ortc
