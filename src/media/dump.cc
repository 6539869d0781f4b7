#include "media/dump.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>

#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/engine.h"
#include "media/media_loop.h"
#include "media/producer.h"
#include "media/router.h"
#include "media/rtp_observer.h"
#include "media/webrtc_transport.h"
#include "protocol/ortc/engine_parameters.h"
#include "protocol/ortc/json.h"

namespace sluice::media {
namespace {
namespace json = boost::json;

template <class Objects>
json::array ids_of(const Objects& objects) {
  json::array ids;
  for (const auto& object : objects) {
    ids.emplace_back(object->id());
  }
  return ids;
}

json::array names_of(TraceSet traces) {
  json::array names;
  for (const std::string_view name : traces.names()) {
    names.emplace_back(name);
  }
  return names;
}

/// RTP parameters as the engine uses them: canonical names, each encoding with its codec.
json::value engine_view(const ortc::RtpParameters& parameters) {
  const auto engine = ortc::get_engine_rtp_parameters(parameters);
  return ortc::to_json(engine ? *engine : parameters, ortc::JsonStyle::kDump);
}

json::object extension_ids(const rtp::ExtensionIds& ids) {
  json::object out;
  const auto add = [&](const char* name, rtp::ExtensionKind kind) {
    if (const uint8_t id = ids.id(kind); id != 0) {
      out[name] = id;
    }
  };
  add("mid", rtp::ExtensionKind::kMid);
  add("rid", rtp::ExtensionKind::kRid);
  add("rrid", rtp::ExtensionKind::kRepairedRid);
  add("absSendTime", rtp::ExtensionKind::kAbsSendTime);
  add("transportWideCc01", rtp::ExtensionKind::kTransportWideCc);
  return out;
}

}  // namespace

json::object to_json(const RtpStreamDump& stream) {
  json::object params{
      {"encodingIdx", stream.encoding_index},
      {"ssrc", stream.ssrc.value},
      {"payloadType", stream.payload_type.value},
      {"mimeType", stream.mime_type},
      {"clockRate", stream.clock_rate},
      {"cname", stream.cname},
      {"useNack", stream.nack},
      {"usePli", stream.pli},
      {"useFir", stream.fir},
      {"useInBandFec", stream.in_band_fec},
      {"useDtx", stream.dtx},
      {"spatialLayers", stream.spatial_layers},
      {"temporalLayers", stream.temporal_layers},
  };
  json::object out;
  if (!stream.rid.empty()) {
    params["rid"] = stream.rid;
  }
  if (stream.rtx_ssrc && stream.rtx_payload_type) {
    params["rtxSsrc"] = stream.rtx_ssrc->value;
    params["rtxPayloadType"] = stream.rtx_payload_type->value;
    json::object rtx{{"ssrc", stream.rtx_ssrc->value},
                     {"payloadType", stream.rtx_payload_type->value},
                     {"mimeType", stream.mime_type.substr(0, stream.mime_type.find('/')) + "/rtx"},
                     {"clockRate", stream.clock_rate},
                     {"cname", stream.cname}};
    if (!stream.rid.empty()) {
      rtx["rrid"] = stream.rid;
    }
    out["rtxStream"] = json::object{{"params", std::move(rtx)}};
  }
  out["params"] = std::move(params);
  out["score"] = stream.score;
  return out;
}

Result<json::object> Engine::dump() const {
  if (closed_) {
    return std::unexpected(loops_->closed_error("engine"));
  }
  json::array routers;
  for (const auto& [handle, router] : routers_) {
    routers.emplace_back(router->id());
  }
  // Who takes requests, and who takes packets or messages from outside the loops too.
  json::array requests;
  json::array notifications;
  for (const ObjectIds::Entry& entry : ids_.entries()) {
    requests.emplace_back(entry.id);
    if (entry.kind == ObjectKind::kTransport || entry.kind == ObjectKind::kProducer ||
        entry.kind == ObjectKind::kDataProducer) {
      notifications.emplace_back(entry.id);
    }
  }
  return json::object{{"pid", getpid()},
                      {"webRtcServerIds", json::array{}},
                      {"routerIds", std::move(routers)},
                      {"channelMessageHandlers",
                       json::object{{"channelRequestHandlers", std::move(requests)},
                                    {"channelNotificationHandlers", std::move(notifications)}}}};
}

Result<json::object> Router::dump() const {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  json::array transports;
  json::array consumers_of_producers;
  json::array producers_of_consumers;
  json::array consumers_of_data_producers;
  json::array producers_of_data_consumers;
  for (const auto& [handle, transport] : transports_) {
    transports.emplace_back(transport->id());
    for (const auto& producer : transport->producers()) {
      consumers_of_producers.push_back(
          {{"key", producer->id()}, {"values", ids_of(producer->consumers())}});
    }
    for (const auto& consumer : transport->consumers()) {
      producers_of_consumers.push_back(
          {{"key", consumer->id()}, {"value", consumer->producer_id()}});
    }
    for (const auto& producer : transport->data_producers()) {
      consumers_of_data_producers.push_back(
          {{"key", producer->id()}, {"values", ids_of(producer->data_consumers())}});
    }
    for (const auto& consumer : transport->data_consumers()) {
      producers_of_data_consumers.push_back(
          {{"key", consumer->id()}, {"value", consumer->data_producer_id()}});
    }
  }
  json::array observers;
  std::map<std::string, json::array> observers_by_producer;
  for (const auto& [handle, observer] : observers_) {
    observers.emplace_back(observer->id());
    for (const auto& producer : observer->producers()) {
      observers_by_producer[producer->id()].emplace_back(observer->id());
    }
  }
  json::array observers_of_producers;
  for (auto& [producer, ids] : observers_by_producer) {
    observers_of_producers.push_back({{"key", producer}, {"values", std::move(ids)}});
  }
  return json::object{{"id", id_},
                      {"transportIds", std::move(transports)},
                      {"rtpObserverIds", std::move(observers)},
                      {"mapProducerIdConsumerIds", std::move(consumers_of_producers)},
                      {"mapConsumerIdProducerId", std::move(producers_of_consumers)},
                      {"mapProducerIdObserverIds", std::move(observers_of_producers)},
                      {"mapDataProducerIdDataConsumerIds", std::move(consumers_of_data_producers)},
                      {"mapDataConsumerIdDataProducerId", std::move(producers_of_data_consumers)}};
}

void Transport::dump(Reply<json::object> reply) {
  loops_.ask_for<TransportDump>(
      shared_from_this(), loop_,
      [handle = handle_](MediaLoop& loop) { return loop.transport_dump(handle); },
      [self = shared_from_this(), reply = std::move(reply)](Result<TransportDump> dump) mutable {
        if (dump) {
          reply(self->describe(*dump));
        } else {
          reply(std::unexpected(dump.error()));
        }
      });
}

json::object Transport::describe(const TransportDump& dump) const {
  json::array media_ssrcs;
  json::array rtx_ssrcs;
  for (const auto& [handle, consumer] : consumers_) {
    for (const auto& encoding : consumer->rtp_parameters().encodings) {
      if (encoding.ssrc) {
        media_ssrcs.push_back({{"key", encoding.ssrc->value}, {"value", consumer->id()}});
      }
      if (encoding.rtx_ssrc) {
        rtx_ssrcs.push_back({{"key", encoding.rtx_ssrc->value}, {"value", consumer->id()}});
      }
    }
  }
  const auto table = [this](const auto& entries, const auto& key_of) {
    json::array out;
    for (const auto& [key, handle] : entries) {
      if (const auto found = producers_.find(handle); found != producers_.end()) {
        out.push_back({{"key", key_of(key)}, {"value", found->second->id()}});
      }
    }
    return out;
  };
  const auto number = [](Ssrc ssrc) { return ssrc.value; };
  const auto text = [](const std::string& key) { return key; };
  json::object out{{"id", id_},
                   {"producerIds", ids_of(producers())},
                   {"consumerIds", ids_of(consumers())},
                   {"mapSsrcConsumerId", std::move(media_ssrcs)},
                   {"mapRtxSsrcConsumerId", std::move(rtx_ssrcs)},
                   {"dataProducerIds", ids_of(data_producers())},
                   {"dataConsumerIds", ids_of(data_consumers())},
                   {"recvRtpHeaderExtensions", extension_ids(dump.extension_ids)},
                   {"rtpListener", json::object{{"ssrcTable", table(dump.ssrcs, number)},
                                                {"midTable", table(dump.mids, text)},
                                                {"ridTable", table(dump.rids, text)}}},
                   {"maxMessageSize", max_message_size_},
                   {"traceEventTypes", names_of(traces_)}};
  if (dump.sctp && sctp_parameters_) {
    ortc::SctpParameters parameters = *sctp_parameters_;
    parameters.buffered_amount = static_cast<uint32_t>(dump.sctp->buffered_amount);
    json::array streams;
    for (const auto& [stream, handle] : dump.sctp->streams) {
      if (const auto found = data_producers_.find(handle); found != data_producers_.end()) {
        streams.push_back({{"key", stream}, {"value", found->second->id()}});
      }
    }
    out["sctpParameters"] = ortc::to_json(parameters);
    out["sctpState"] = to_string(*sctp_state_);
    out["sctpListener"] = json::object{{"streamIdTable", std::move(streams)}};
  }
  describe(out);
  return out;
}

void WebRtcTransport::describe(json::object& out) const {
  json::array candidates;
  for (const ortc::IceCandidate& candidate : ice_candidates_) {
    candidates.push_back(ortc::to_json(candidate));
  }
  out["iceRole"] = "controlled";
  out["iceParameters"] = ortc::to_json(ice_parameters_);
  out["iceCandidates"] = std::move(candidates);
  out["iceState"] = to_string(ice_state_);
  out["dtlsParameters"] = ortc::to_json(dtls_parameters_);
  out["dtlsState"] = to_string(dtls_state_);
  if (ice_selected_tuple_) {
    out["iceSelectedTuple"] = ortc::to_json(*ice_selected_tuple_);
  }
}

void Producer::dump(Reply<json::object> reply) {
  loops_->ask_for<std::vector<RtpStreamDump>>(
      shared_from_this(), loop_,
      [handle = handle_](MediaLoop& loop) { return loop.producer_dump(handle); },
      [self = shared_from_this(),
       reply = std::move(reply)](Result<std::vector<RtpStreamDump>> streams) mutable {
        if (streams) {
          reply(self->describe(*streams));
        } else {
          reply(std::unexpected(streams.error()));
        }
      });
}

json::object Producer::describe(const std::vector<RtpStreamDump>& streams) const {
  json::object out{{"id", id_},
                   {"kind", ortc::to_text(kind_)},
                   {"type", ortc::to_text(type_)},
                   {"rtpParameters", engine_view(rtp_parameters_)},
                   {"rtpMapping", ortc::to_json(mapping_)},
                   {"traceEventTypes", names_of(traces_)},
                   {"paused", paused_}};
  if (!streams.empty()) {
    json::array list;
    for (const RtpStreamDump& stream : streams) {
      list.push_back(to_json(stream));
    }
    out["rtpStreams"] = std::move(list);
  }
  return out;
}

void Consumer::dump(Reply<json::object> reply) {
  using Dumps = std::vector<ConsumerDump>;
  loops_->ask_for<Dumps>(
      shared_from_this(), loop_,
      [handles = handles_](MediaLoop& loop) {
        Dumps dumps;
        for (const Handle handle : handles) {
          dumps.push_back(loop.consumer_dump(handle));
        }
        return dumps;
      },
      [self = shared_from_this(), reply = std::move(reply)](Result<Dumps> dumps) mutable {
        if (dumps) {
          reply(self->describe(std::move(*dumps)));
        } else {
          reply(std::unexpected(dumps.error()));
        }
      });
}

json::object Consumer::describe(std::vector<ConsumerDump> dumps) const {
  json::array consumable;
  for (const auto& encoding : consumable_encodings_) {
    consumable.push_back(ortc::to_json(encoding));
  }
  json::array payload_types;
  for (const PayloadType type : ortc::media_payload_types(rtp_parameters_)) {
    payload_types.emplace_back(type.value);
  }
  json::array streams;
  for (size_t i = 0; i < dumps.size(); ++i) {
    RtpStreamDump& stream = dumps[i].stream;
    // The loop has no use for these two.
    stream.in_band_fec = rtp_parameters_.codecs.front().parameters.integer("useinbandfec") == 1;
    stream.dtx = rtp_parameters_.encodings[i].dtx.value_or(false);
    stream.encoding_index = static_cast<uint32_t>(i);
    streams.push_back(to_json(stream));
  }
  json::object out{{"id", id_},
                   {"producerId", producer_id_},
                   {"kind", ortc::to_text(kind_)},
                   {"type", ortc::to_text(type_)},
                   {"rtpParameters", engine_view(rtp_parameters_)},
                   {"consumableRtpEncodings", std::move(consumable)},
                   {"supportedCodecPayloadTypes", std::move(payload_types)},
                   {"traceEventTypes", names_of(traces_)},
                   {"paused", paused_},
                   {"producerPaused", producer_paused_},
                   {"priority", priority_}};
  if (type_ == ortc::StreamType::kPipe) {
    out["rtpStreams"] = std::move(streams);
  } else {
    out["rtpStream"] = streams.front();
  }
  if (preferred_layers_) {
    const ConsumerDump& dump = dumps.front();
    out["preferredSpatialLayer"] = preferred_layers_->spatial;
    out["preferredTemporalLayer"] = preferred_layers_->temporal;
    out["targetSpatialLayer"] = dump.target_layers.spatial;
    out["targetTemporalLayer"] = dump.target_layers.temporal;
    out["currentSpatialLayer"] = dump.current_layers.spatial;
    out["currentTemporalLayer"] = dump.current_layers.temporal;
  }
  return out;
}

Result<json::object> DataProducer::dump() const {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  json::object out{{"id", id_},
                   {"type", to_string(type())},
                   {"label", label_},
                   {"protocol", protocol_},
                   {"paused", paused_}};
  if (stream_) {
    out["sctpStreamParameters"] = ortc::to_json(*stream_);
  }
  return out;
}

Result<json::object> DataConsumer::dump() const {
  if (closed_) {
    return std::unexpected(closed_error());
  }
  json::object out{{"id", id_},
                   {"dataProducerId", producer_id_},
                   {"type", to_string(type())},
                   {"label", label_},
                   {"protocol", protocol_},
                   {"bufferedAmountLowThreshold", low_threshold_},
                   {"paused", paused_},
                   {"dataProducerPaused", producer_paused_},
                   {"subchannels", json::value_from(subchannels_)}};
  if (stream_) {
    out["sctpStreamParameters"] = ortc::to_json(*stream_);
  }
  return out;
}

}  // namespace sluice::media
