#include "library/convert.h"

namespace sluice {

TransportTuple to_public(const ortc::TransportTuple& tuple) {
  return {.local_address = tuple.local_address,
          .local_port = tuple.local_port,
          .remote_ip = tuple.remote_ip,
          .remote_port = tuple.remote_port,
          .protocol = same<TransportProtocol>(tuple.protocol)};
}

std::optional<TransportTuple> to_public(const std::optional<ortc::TransportTuple>& tuple) {
  return tuple ? std::optional(to_public(*tuple)) : std::nullopt;
}

std::optional<Layers> to_public(const std::optional<ortc::Layers>& layers) {
  return layers ? std::optional(Layers{.spatial = layers->spatial, .temporal = layers->temporal})
                : std::nullopt;
}

ConsumerScore to_public(const media::ConsumerScore& score) {
  return {.score = score.score,
          .producer_score = score.producer_score,
          .producer_scores = score.producer_scores};
}

std::vector<ProducerScore> to_public(const std::vector<media::ProducerScore>& score) {
  std::vector<ProducerScore> streams;
  streams.reserve(score.size());
  for (const media::ProducerScore& stream : score) {
    streams.push_back({.encoding_index = stream.encoding_index,
                       .ssrc = stream.ssrc,
                       .rid = stream.rid,
                       .score = stream.score});
  }
  return streams;
}

VideoOrientation to_public(const media::VideoOrientation& orientation) {
  return {.camera_back = orientation.camera_back,
          .flip = orientation.flip,
          .rotation = orientation.rotation};
}

media::EngineSettings to_media(const EngineOptions& options) {
  media::EngineSettings settings;
  settings.loops = options.media_loops;
  settings.listen.clear();
  for (const ListenAddress& address : options.listen) {
    settings.listen.push_back({.ip = address.ip,
                               .announced_address = address.announced_address,
                               .expose_internal_ip = address.expose_internal_ip});
  }
  settings.min_port = options.min_port;
  settings.max_port = options.max_port;
  settings.enable_tcp = options.enable_tcp;
  settings.pin_threads = options.pin_threads;
  settings.transports_before_spread = options.transports_before_spread;
  settings.dtls_certificate_pem = options.dtls_certificate_pem;
  settings.dtls_private_key_pem = options.dtls_private_key_pem;
  settings.packets_per_loop = options.packets_per_loop;
  return settings;
}

std::optional<media::SctpOptions> to_media(const std::optional<SctpOptions>& options) {
  if (!options) {
    return std::nullopt;
  }
  media::SctpOptions converted;
  converted.streams = {.os = options->outgoing_streams, .mis = options->max_incoming_streams};
  converted.max_message_size = options->max_message_size;
  converted.send_buffer_size = options->send_buffer_size;
  return converted;
}

media::WebRtcTransportOptions to_media(const WebRtcTransportOptions& options) {
  media::WebRtcTransportOptions converted;
  converted.enable_udp = options.enable_udp;
  converted.enable_tcp = options.enable_tcp;
  converted.prefer_udp = options.prefer_udp;
  converted.prefer_tcp = options.prefer_tcp;
  converted.candidate_addresses = options.candidate_addresses;
  converted.ice_consent_timeout = options.ice_consent_timeout;
  converted.initial_outgoing_bitrate = options.initial_available_outgoing_bitrate;
  converted.sctp = to_media(options.sctp);
  return converted;
}

media::TransportListenInfo to_media(const ListenInfo& listen) {
  media::TransportListenInfo converted = media::TransportListenInfo::on(listen.ip);
  converted.announced_address = listen.announced_address;
  converted.port = listen.port;
  converted.min_port = listen.min_port;
  converted.max_port = listen.max_port;
  converted.ipv6_only = listen.ipv6_only;
  converted.reuse_port = listen.reuse_port;
  converted.send_buffer_size = listen.send_buffer_size;
  converted.receive_buffer_size = listen.receive_buffer_size;
  return converted;
}

media::PlainTransportOptions to_media(const PlainTransportOptions& options) {
  media::PlainTransportOptions converted;
  converted.listen = to_media(options.listen);
  if (options.rtcp_listen) {
    converted.rtcp_listen = to_media(*options.rtcp_listen);
  }
  converted.rtcp_mux = options.rtcp_mux;
  converted.comedia = options.comedia;
  converted.enable_srtp = options.enable_srtp;
  converted.srtp_crypto_suite = same<ortc::SrtpCryptoSuite>(options.srtp_crypto_suite);
  converted.sctp = to_media(options.sctp);
  return converted;
}

media::PipeTransportOptions to_media(const PipeTransportOptions& options) {
  media::PipeTransportOptions converted;
  converted.listen = to_media(options.listen);
  converted.enable_rtx = options.enable_rtx;
  converted.enable_srtp = options.enable_srtp;
  converted.sctp = to_media(options.sctp);
  return converted;
}

media::DirectTransportOptions to_media(const DirectTransportOptions& options) {
  return {.max_message_size = options.max_message_size};
}

audio::AudioLevelOptions to_media(const AudioLevelOptions& options) {
  return {.max_entries = options.max_entries,
          .threshold = options.threshold,
          .interval = options.interval};
}

media::ActiveSpeakerOptions to_media(const ActiveSpeakerOptions& options) {
  return {.interval = options.interval};
}

}  // namespace sluice
