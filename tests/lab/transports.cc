// Transports of every kind that reaches something over the network.

#include <array>
#include <utility>

#include "lab/lab.h"
#include "lab/lookup.h"
#include "protocol/ortc/json.h"

namespace sluice::lab {

namespace bj = boost::json;

namespace {

template <class Items>
bj::array to_array(const Items& items) {
  bj::array values;
  for (const auto& item : items) {
    values.push_back(ortc::to_json(item));
  }
  return values;
}

media::TransportListenInfo listen_info(const Parameters& parameters) {
  media::TransportListenInfo listen;
  listen.ip = parameters.text_or("listenIp", "127.0.0.1");
  listen.port = static_cast<uint16_t>(parameters.number_or("port", 0));
  return listen;
}

/// What the other end of a transport of UDP ports of its own needs to know.
bj::object describe(const media::UdpTransport& transport) {
  bj::object result = {{"id", transport.id()}, {"tuple", ortc::to_json(transport.tuple())}};
  if (transport.srtp_parameters()) {
    result["srtpParameters"] = ortc::to_json(*transport.srtp_parameters());
  }
  return result;
}

/// Where such a transport's other end is.
template <class Remote>
Result<Remote> parse_remote(const Parameters& parameters) {
  Remote remote;
  remote.ip = parameters.text_or("ip", "");
  remote.port = static_cast<uint16_t>(parameters.number_or("port", 0));
  if (const bj::value* const srtp = parameters.find("srtpParameters")) {
    auto parsed = ortc::parse_srtp_parameters(srtp);
    if (!parsed) {
      return std::unexpected(parsed.error());
    }
    remote.srtp_parameters = std::move(*parsed);
  }
  return remote;
}

constexpr std::string_view kind_of(const media::WebRtcTransport* /*kind*/) {
  return "WebRTC";
}
constexpr std::string_view kind_of(const media::PlainTransport* /*kind*/) {
  return "plain";
}
constexpr std::string_view kind_of(const media::PipeTransport* /*kind*/) {
  return "pipe";
}

}  // namespace

template <class T>
Result<std::shared_ptr<T>> Lab::find_transport(const Parameters& parameters) const {
  const auto transport = find(transports_, parameters, "transportId");
  if (!transport) {
    return std::unexpected(transport.error());
  }
  auto of_kind = std::dynamic_pointer_cast<T>(*transport);
  if (!of_kind) {
    return type_error("transportId " + (*transport)->id() + " names no " +
                      std::string(kind_of(of_kind.get())) + " transport");
  }
  return of_kind;
}

void Lab::create_webrtc_transport(const Parameters& parameters, Answer answer) {
  const auto router = find(routers_, parameters, "routerId");
  if (!router) {
    return answer(std::unexpected(router.error()));
  }
  media::WebRtcTransportOptions options;
  options.enable_udp = parameters.flag_or("enableUdp", true);
  options.enable_tcp = parameters.flag_or("enableTcp", true);
  options.initial_outgoing_bitrate = static_cast<uint32_t>(
      parameters.number_or("initialAvailableOutgoingBitrate", options.initial_outgoing_bitrate));
  if (parameters.flag_or("enableSctp", false)) {
    options.sctp.emplace();
  }
  const auto made = (*router)->create_webrtc_transport(options);
  if (!made) {
    return answer(std::unexpected(made.error()));
  }
  const media::WebRtcTransport& transport = **made;
  keep(*made);
  bj::object result = {{"id", transport.id()},
                       {"iceParameters", ortc::to_json(transport.ice_parameters())},
                       {"iceCandidates", to_array(transport.ice_candidates())},
                       {"dtlsParameters", ortc::to_json(transport.dtls_parameters())}};
  if (transport.sctp_parameters()) {
    result["sctpParameters"] = ortc::to_json(*transport.sctp_parameters());
  }
  answer(std::move(result));
}

void Lab::create_plain_transport(const Parameters& parameters, Answer answer) {
  const auto router = find(routers_, parameters, "routerId");
  if (!router) {
    return answer(std::unexpected(router.error()));
  }
  media::PlainTransportOptions options;
  options.listen = listen_info(parameters);
  options.rtcp_mux = parameters.flag_or("rtcpMux", true);
  options.comedia = parameters.flag_or("comedia", false);
  options.enable_srtp = parameters.flag_or("enableSrtp", false);
  options.srtp_crypto_suite = ortc::srtp_crypto_suite(parameters.text_or("srtpCryptoSuite", ""))
                                  .value_or(options.srtp_crypto_suite);
  const auto made = (*router)->create_plain_transport(options);
  if (!made) {
    return answer(std::unexpected(made.error()));
  }
  keep(*made);
  bj::object result = describe(**made);
  if ((*made)->rtcp_tuple()) {
    result["rtcpTuple"] = ortc::to_json(*(*made)->rtcp_tuple());
  }
  answer(std::move(result));
}

void Lab::create_pipe_transport(const Parameters& parameters, Answer answer) {
  const auto router = find(routers_, parameters, "routerId");
  if (!router) {
    return answer(std::unexpected(router.error()));
  }
  media::PipeTransportOptions options;
  options.listen = listen_info(parameters);
  options.enable_rtx = parameters.flag_or("enableRtx", false);
  options.enable_srtp = parameters.flag_or("enableSrtp", false);
  if (parameters.flag_or("enableSctp", false)) {
    options.sctp = media::SctpOptions::for_pipe();
  }
  const auto made = (*router)->create_pipe_transport(options);
  if (!made) {
    return answer(std::unexpected(made.error()));
  }
  keep_transport(*made);
  answer(describe(**made));
}

void Lab::connect(const Parameters& parameters, Answer answer) {
  const auto transport = find_transport<media::WebRtcTransport>(parameters);
  const auto remote = ortc::parse_dtls_parameters(parameters.find("dtlsParameters"));
  if (!transport || !remote) {
    return answer(std::unexpected(!transport ? transport.error() : remote.error()));
  }
  answer(done((*transport)->connect(*remote)));
}

void Lab::connect_plain(const Parameters& parameters, Answer answer) {
  const auto transport = find_transport<media::PlainTransport>(parameters);
  auto remote = parse_remote<media::PlainRemote>(parameters);
  if (!transport || !remote) {
    return answer(std::unexpected(!transport ? transport.error() : remote.error()));
  }
  remote->rtcp_port = static_cast<uint16_t>(parameters.number_or("rtcpPort", 0));
  answer(done((*transport)->connect(*remote)));
}

void Lab::connect_pipe(const Parameters& parameters, Answer answer) {
  const auto transport = find_transport<media::PipeTransport>(parameters);
  const auto remote = parse_remote<media::PipeRemote>(parameters);
  if (!transport || !remote) {
    return answer(std::unexpected(!transport ? transport.error() : remote.error()));
  }
  answer(done((*transport)->connect(*remote)));
}

void Lab::restart_ice(const Parameters& parameters, Answer answer) {
  const auto transport = find_transport<media::WebRtcTransport>(parameters);
  if (!transport) {
    return answer(std::unexpected(transport.error()));
  }
  const auto fresh = (*transport)->restart_ice();
  if (!fresh) {
    return answer(std::unexpected(fresh.error()));
  }
  answer(bj::object{{"iceParameters", ortc::to_json(*fresh)}});
}

void Lab::set_bitrates(const Parameters& parameters, Answer answer) {
  const auto transport = find(transports_, parameters, "transportId");
  if (!transport) {
    return answer(std::unexpected(transport.error()));
  }
  using Setter = Result<void> (media::Transport::*)(BitRate);
  static constexpr std::array<std::pair<std::string_view, Setter>, 3> kLimits = {{
      {"maxIncomingBitrate", &media::Transport::set_max_incoming_bitrate},
      {"maxOutgoingBitrate", &media::Transport::set_max_outgoing_bitrate},
      {"minOutgoingBitrate", &media::Transport::set_min_outgoing_bitrate},
  }};
  for (const auto& [name, set] : kLimits) {
    if (parameters.find(name) == nullptr) {
      continue;
    }
    const auto limit = static_cast<uint32_t>(parameters.number_or(name, 0));
    if (const Result<void> result = ((**transport).*set)(BitRate{limit}); !result) {
      return answer(std::unexpected(result.error()));
    }
  }
  answer(bj::object{});
}

}  // namespace sluice::lab
