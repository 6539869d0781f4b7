#include "dialects/foundry/session_methods.h"

#include <array>
#include <ranges>

#include "base/log.h"
#include "dialects/foundry/printable.h"
#include "dialects/foundry/session_group.h"
#include "dialects/foundry/transport_advice.h"
#include "protocol/ortc/json.h"

namespace sluice::foundry {
namespace {

namespace bj = boost::json;

constexpr const char* kLog = "mediasoup_server";

/// What a producer brings is sent on to everybody in the room, and must leave room in the queue of
/// a newcomer who hears of all producers at once. Browsers need about 2 KiB.
constexpr size_t kMaxProduceFrame = 64 * 1024;

/// A person's name, repeated to everybody in the room.
constexpr size_t kMaxDisplayName = 256;

std::unexpected<Error> invalid(const std::string& why) {
  return type_error("Invalid request: " + why);
}

/// A field that must be there, as text.
Result<std::string> required_text(const Request& request, std::string_view name) {
  const bj::value* const value = request.parameter(name);
  if (value == nullptr) {
    return invalid(std::string(name) + " is missing");
  }
  if (!value->is_string()) {
    return invalid(std::string(name) + " is no text");
  }
  return std::string(value->get_string());
}

/// A field that may be absent, which counts as false. Anything else than true and false is an
/// error: taken for false, `"consuming": "true"` would make a peer that waits for media for ever.
Result<bool> flag(const Request& request, std::string_view name) {
  const bj::value* const value = request.parameter(name);
  if (value == nullptr) {
    return false;
  }
  if (!value->is_bool()) {
    return invalid(std::string(name) + " is neither true nor false");
  }
  return value->get_bool();
}

/// Errors of the readers name the member and the value; this dialect opens them all alike.
template <class T>
Result<T> checked(Result<T> value) {
  if (!value) {
    return invalid(value.error().message);
  }
  return value;
}

Result<bj::object> app_data_of(const Request& request) {
  const bj::value* const value = request.parameter("appData");
  if (value == nullptr) {
    return bj::object{};
  }
  if (!value->is_object()) {
    return invalid("appData is no object");
  }
  return value->get_object();
}

std::string media_tag_of(const bj::object& app_data) {
  const bj::value* const tag = app_data.if_contains("mediaTag");
  return tag != nullptr && tag->is_string() ? std::string(tag->get_string()) : std::string();
}

bj::array candidates_json(const media::WebRtcTransport& transport) {
  bj::array candidates;
  for (const ortc::IceCandidate& candidate : transport.ice_candidates()) {
    candidates.push_back(ortc::to_json(candidate));
  }
  return candidates;
}

}  // namespace

const Session::Method* Session::find_method(std::string_view name) {
  static constexpr std::array<Method, 13> kMethods{{
      {"getRouterRtpCapabilities", "routerRtpCapabilities", &Session::get_capabilities},
      {"createWebRtcTransport", "transportCreated", &Session::create_transport},
      {"connectTransport", "transportConnected", &Session::connect_transport},
      {"produce", "produced", &Session::produce},
      {"consume", "consumed", &Session::consume},
      {"pauseProducer", "pauseProducer", &Session::pause_producer},
      {"resumeProducer", "resumeProducer", &Session::resume_producer},
      // What the module has names for but does not send.
      {"producerClosed", "producerClosed", &Session::close_producer},
      {"consumerPause", "consumerPause", &Session::pause_consumer},
      {"consumerResume", "consumerResume", &Session::resume_consumer},
      {"consumerClose", "consumerClose", &Session::close_consumer},
      // Of our own web client.
      {"getTransportState", "getTransportState", &Session::transport_state},
      {"watchRoom", "watchRoom", &Session::watch_room},
  }};
  const auto found = std::ranges::find(kMethods, name, &Method::name);
  return found == kMethods.end() ? nullptr : &*found;
}

/// No parameters. The answer is the capabilities themselves.
Result<Session::Outcome> Session::get_capabilities(const Request&) {
  bj::value capabilities = ortc::to_json(peer_.room().router().rtp_capabilities());
  return Outcome{std::move(capabilities.as_object())};
}

/// producing, consuming, forceTcp (all optional); sctpCapabilities is not looked at: there are no
/// data channels here.
Result<Session::Outcome> Session::create_transport(const Request& request) {
  const auto force_tcp = flag(request, "forceTcp");
  const auto producing = flag(request, "producing");
  const auto consuming = flag(request, "consuming");
  for (const auto* value : {&force_tcp, &producing, &consuming}) {
    if (!*value) {
      return std::unexpected(value->error());
    }
  }
  media::WebRtcTransportOptions options;
  options.enable_udp = !*force_tcp;
  options.prefer_udp = true;
  options.candidate_addresses = candidate_addresses_;
  const auto transport = peer_.create_transport(options);
  if (!transport) {
    return std::unexpected(transport.error());
  }
  std::erase_if(transports_,
                [this](const TransportUse& use) { return !peer_.transport(use.id).has_value(); });
  const TransportUse& use =
      transports_.emplace_back(TransportUse{(*transport)->id(), *producing, *consuming});
  logger(kLog)->debug("transport created peer={} transport={} producing={} consuming={}",
                      peer_.id(), use.id, use.producing, use.consuming);

  Outcome outcome{{{"id", use.id},
                   {"iceParameters", ortc::to_json((*transport)->ice_parameters())},
                   {"iceCandidates", candidates_json(**transport)},
                   {"dtlsParameters", ortc::to_json((*transport)->dtls_parameters())},
                   {"sctpParameters", nullptr}}};
  if (!group_.ice_servers().empty()) {
    outcome.data["iceServers"] = group_.ice_servers();
  }
  if (use.consuming) {
    outcome.reception = Reception::kDeclared;
  } else if (request.parameter("producing") == nullptr &&
             request.parameter("consuming") == nullptr) {
    outcome.reception = Reception::kUndirected;
  }
  return outcome;
}

Result<std::shared_ptr<media::WebRtcTransport>> Session::own_transport(
    const Request& request) const {
  const auto id = required_text(request, "transportId");
  if (!id) {
    return std::unexpected(id.error());
  }
  return peer_.transport(*id);
}

Result<std::shared_ptr<media::Producer>> Session::own_producer(const Request& request) {
  const auto id = required_text(request, "producerId");
  if (!id) {
    return std::unexpected(id.error());
  }
  const auto entry = peer_.producer(*id);
  if (!entry) {
    return std::unexpected(entry.error());
  }
  return (*entry)->producer;
}

Result<std::shared_ptr<media::Consumer>> Session::own_consumer(const Request& request) const {
  const auto id = required_text(request, "consumerId");
  if (!id) {
    return std::unexpected(id.error());
  }
  return peer_.consumer(*id);
}

/// transportId, dtlsParameters.
Result<Session::Outcome> Session::connect_transport(const Request& request) {
  const auto transport = own_transport(request);
  if (!transport) {
    return std::unexpected(transport.error());
  }
  const auto remote =
      checked(ortc::parse_dtls_parameters(request.parameter("dtlsParameters"), "dtlsParameters"));
  if (!remote) {
    return std::unexpected(remote.error());
  }
  if (const auto connected = (*transport)->connect(*remote); !connected) {
    return std::unexpected(connected.error());
  }
  return Outcome{};
}

/// transportId.
Result<Session::Outcome> Session::transport_state(const Request& request) {
  const auto found = own_transport(request);
  if (!found) {
    return std::unexpected(found.error());
  }
  const media::WebRtcTransport& transport = **found;
  const std::string_view ice = media::to_string(transport.ice_state());
  const std::string_view dtls = media::to_string(transport.dtls_state());
  return Outcome{{{"iceState", ice},
                  {"dtlsState", dtls},
                  {"reason", transport_advice(ice, dtls, transport.failure_reason(),
                                              transport.ice_candidates())}}};
}

/// displayName: what the others see. From now on this connection hears who comes, goes, mutes.
Result<Session::Outcome> Session::watch_room(const Request& request) {
  auto name = required_text(request, "displayName");
  if (!name) {
    return std::unexpected(name.error());
  }
  if (name->empty() || name->size() > kMaxDisplayName) {
    return invalid("displayName has " + std::to_string(name->size()) + " bytes, expected 1 to " +
                   std::to_string(kMaxDisplayName));
  }
  peer_.room().name_peer(peer_, *std::move(name));
  watch_.emplace(peer_, [this](std::string_view method, bj::object fields) {
    wire_.send(write_notification(announcements_.form(), method, std::move(fields)));
  });
  return Outcome{{{"peers", watch_->others()}}};
}

/// transportId, kind, rtpParameters, appData (optional).
Result<Session::Outcome> Session::produce(const Request& request) {
  if (request.size > kMaxProduceFrame) {
    return invalid("it has " + std::to_string(request.size) + " bytes, expected at most " +
                   std::to_string(kMaxProduceFrame) + " for produce");
  }
  const auto kind = checked(ortc::parse_media_kind(request.parameter("kind"), "kind"));
  if (!kind) {
    return std::unexpected(kind.error());
  }
  const auto transport = own_transport(request);
  if (!transport) {
    return std::unexpected(transport.error());
  }
  auto app_data = app_data_of(request);
  if (!app_data) {
    return std::unexpected(app_data.error());
  }
  auto parameters =
      checked(ortc::parse_rtp_parameters(request.parameter("rtpParameters"), "rtpParameters"));
  if (!parameters) {
    return std::unexpected(parameters.error());
  }
  if (!cname_.empty()) {
    parameters->rtcp.cname = cname_;
  }
  rooms::Peer::Production production;
  production.options.kind = *kind;
  production.options.rtp_parameters = std::move(*parameters);
  production.source = media_tag_of(*app_data);
  production.app_data = std::move(*app_data);
  if (!production.source.empty()) {
    // Clients do not tell when they stop a device; they start it anew. The old producer goes first
    // also because the new one may come under the same mid.
    close_replaced(production.source, *kind);
  }
  const auto made = peer_.produce((*transport)->id(), std::move(production));
  if (!made) {
    return std::unexpected(made.error());
  }
  const media::Producer& producer = *(*made)->producer;
  cname_ = producer.rtp_parameters().rtcp.cname;
  logger(kLog)->info("producer created room={} peer={} user={} producer={} kind={} tag={}",
                     printable(peer_.room().name()), peer_.id(), printable(peer_.user_id),
                     producer.id(), ortc::to_text(*kind), printable((*made)->source));
  return Outcome{{{"id", producer.id()}}};
}

/// producerId.
Result<Session::Outcome> Session::pause_producer(const Request& request) {
  const auto producer = own_producer(request);
  if (!producer) {
    return std::unexpected(producer.error());
  }
  (*producer)->pause();
  return Outcome{};
}

/// producerId.
Result<Session::Outcome> Session::resume_producer(const Request& request) {
  const auto producer = own_producer(request);
  if (!producer) {
    return std::unexpected(producer.error());
  }
  (*producer)->resume();
  return Outcome{};
}

/// producerId.
Result<Session::Outcome> Session::close_producer(const Request& request) {
  const auto producer = own_producer(request);
  if (!producer) {
    return std::unexpected(producer.error());
  }
  (*producer)->close();
  return Outcome{};
}

Result<std::string> Session::receiving_transport(const Request& request) const {
  if (request.parameter("transportId") != nullptr) {
    return required_text(request, "transportId");
  }
  for (const bool declared : {true, false}) {
    for (const TransportUse& use : std::views::reverse(transports_)) {
      const bool fits = declared ? use.consuming : !use.producing;
      if (fits && peer_.transport(use.id)) {
        return use.id;
      }
    }
  }
  return not_found_error("Transport not found");
}

/// producerId, rtpCapabilities, transportId (optional).
Result<Session::Outcome> Session::consume(const Request& request) {
  const auto producer_id = required_text(request, "producerId");
  if (!producer_id) {
    return std::unexpected(producer_id.error());
  }
  if (peer_.room().find_producer(*producer_id) == nullptr) {
    return not_found_error("Producer not found: " + *producer_id);
  }
  const auto transport_id = receiving_transport(request);
  if (!transport_id) {
    return std::unexpected(transport_id.error());
  }
  media::ConsumeOptions options;
  options.producer_id = *producer_id;
  auto capabilities = checked(
      ortc::parse_rtp_capabilities(request.parameter("rtpCapabilities"), "rtpCapabilities"));
  if (!capabilities) {
    return std::unexpected(capabilities.error());
  }
  if (!peer_.room().router().can_consume(*producer_id, *capabilities)) {
    return unsupported_error("Cannot consume producer");
  }
  options.rtp_capabilities = std::move(*capabilities);
  const auto consumer = peer_.consume(*transport_id, options);
  if (!consumer) {
    return std::unexpected(consumer.error());
  }
  const media::Consumer& made = **consumer;
  logger(kLog)->debug("consumer created peer={} consumer={} producer={} transport={}", peer_.id(),
                      made.id(), made.producer_id(), *transport_id);
  return Outcome{{{"id", made.id()},
                  {"producerId", made.producer_id()},
                  {"kind", ortc::to_text(made.kind())},
                  {"rtpParameters", ortc::to_json(made.rtp_parameters())},
                  {"type", ortc::to_text(made.type())},
                  {"producerPaused", made.producer_paused()}}};
}

/// consumerId.
Result<Session::Outcome> Session::pause_consumer(const Request& request) {
  const auto consumer = own_consumer(request);
  if (!consumer) {
    return std::unexpected(consumer.error());
  }
  (*consumer)->pause();
  return Outcome{};
}

/// consumerId.
Result<Session::Outcome> Session::resume_consumer(const Request& request) {
  const auto consumer = own_consumer(request);
  if (!consumer) {
    return std::unexpected(consumer.error());
  }
  (*consumer)->resume();
  return Outcome{};
}

/// consumerId.
Result<Session::Outcome> Session::close_consumer(const Request& request) {
  const auto consumer = own_consumer(request);
  if (!consumer) {
    return std::unexpected(consumer.error());
  }
  (*consumer)->close();
  return Outcome{};
}

}  // namespace sluice::foundry
