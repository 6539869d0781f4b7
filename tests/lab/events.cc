// What the objects of the lab tell.

#include "lab/lab.h"
#include "protocol/ortc/json.h"

namespace sluice::lab {

namespace bj = boost::json;

void Lab::emit(const std::string& object, const char* event, bj::value data) {
  write_(
      bj::serialize(bj::object{{"event", event}, {"object", object}, {"data", std::move(data)}}));
}

void Lab::keep_transport(const std::shared_ptr<media::Transport>& transport) {
  const std::string id = transport->id();
  transports_.emplace(id, transport);
  transport->on_trace.connect([this, id](const auto& trace) { emit(id, "trace", to_json(trace)); });
  transport->on_close.connect([this, id] {
    transports_.erase(id);
    emit(id, "close");
  });
}

void Lab::keep(const std::shared_ptr<media::WebRtcTransport>& transport) {
  const std::string id = transport->id();
  transport->on_ice_state.connect(
      [this, id](media::IceState state) { emit(id, "icestatechange", media::to_string(state)); });
  transport->on_dtls_state.connect(
      [this, id](media::DtlsState state) { emit(id, "dtlsstatechange", media::to_string(state)); });
  transport->on_ice_selected_tuple.connect([this, id](const ortc::TransportTuple& tuple) {
    emit(id, "iceselectedtuplechange", ortc::to_json(tuple));
  });
  keep_transport(transport);
}

void Lab::keep(const std::shared_ptr<media::PlainTransport>& transport) {
  const std::string id = transport->id();
  transport->on_tuple.connect(
      [this, id](const ortc::TransportTuple& tuple) { emit(id, "tuple", ortc::to_json(tuple)); });
  transport->on_rtcp_tuple.connect([this, id](const ortc::TransportTuple& tuple) {
    emit(id, "rtcptuple", ortc::to_json(tuple));
  });
  keep_transport(transport);
}

void Lab::keep(const std::shared_ptr<media::Producer>& producer) {
  const std::string id = producer->id();
  producers_.emplace(id, producer);
  producer->on_score.connect([this, id](const std::vector<media::ProducerScore>& scores) {
    bj::array data;
    for (const media::ProducerScore& score : scores) {
      data.push_back({{"encodingIdx", score.encoding_index},
                      {"ssrc", score.ssrc},
                      {"rid", score.rid},
                      {"score", score.score}});
    }
    emit(id, "score", std::move(data));
  });
  producer->on_trace.connect([this, id](const auto& trace) { emit(id, "trace", to_json(trace)); });
  producer->on_close.connect([this, id] {
    producers_.erase(id);
    emit(id, "close");
  });
}

void Lab::keep(const std::shared_ptr<media::Consumer>& consumer) {
  const std::string id = consumer->id();
  consumers_.emplace(id, consumer);
  consumer->on_score.connect([this, id](const media::ConsumerScore& score) {
    emit(id, "score",
         {{"score", score.score},
          {"producerScore", score.producer_score},
          {"producerScores", bj::value_from(score.producer_scores)}});
  });
  consumer->on_layers_change.connect([this, id](const std::optional<ortc::Layers>& layers) {
    emit(id, "layerschange", layers ? ortc::to_json(*layers) : bj::value());
  });
  consumer->on_producer_pause.connect([this, id] { emit(id, "producerpause"); });
  consumer->on_producer_resume.connect([this, id] { emit(id, "producerresume"); });
  consumer->on_trace.connect([this, id](const auto& trace) { emit(id, "trace", to_json(trace)); });
  consumer->on_close.connect([this, id] {
    consumers_.erase(id);
    emit(id, "close");
  });
}

void Lab::keep(const std::shared_ptr<media::DataProducer>& producer) {
  const std::string id = producer->id();
  data_producers_.emplace(id, producer);
  producer->on_close.connect([this, id] {
    data_producers_.erase(id);
    emit(id, "close");
  });
}

void Lab::keep(const std::shared_ptr<media::DataConsumer>& consumer) {
  const std::string id = consumer->id();
  data_consumers_.emplace(id, consumer);
  consumer->on_sctp_send_buffer_full.connect([this, id] { emit(id, "sctpsendbufferfull"); });
  consumer->on_buffered_amount_low.connect(
      [this, id](size_t amount) { emit(id, "bufferedamountlow", amount); });
  consumer->on_close.connect([this, id] {
    data_consumers_.erase(id);
    emit(id, "close");
  });
}

}  // namespace sluice::lab
