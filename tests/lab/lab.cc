#include "lab/lab.h"

#include <array>
#include <utility>

#include "lab/lookup.h"
#include "protocol/ortc/json.h"

namespace sluice::lab {

namespace bj = boost::json;

Lab::Lab(media::Engine& engine, std::function<void(const std::string&)> write)
    : engine_(engine), write_(std::move(write)) {}

void Lab::on_line(const std::string& line) {
  static constexpr std::array<std::pair<std::string_view, Method>, 22> kMethods = {{
      {"createRouter", &Lab::create_router},
      {"createWebRtcTransport", &Lab::create_webrtc_transport},
      {"createPlainTransport", &Lab::create_plain_transport},
      {"createPipeTransport", &Lab::create_pipe_transport},
      {"connect", &Lab::connect},
      {"connectPlain", &Lab::connect_plain},
      {"connectPipe", &Lab::connect_pipe},
      {"restartIce", &Lab::restart_ice},
      {"setBitrates", &Lab::set_bitrates},
      {"produce", &Lab::produce},
      {"consume", &Lab::consume},
      {"produceData", &Lab::produce_data},
      {"consumeData", &Lab::consume_data},
      {"setPreferredLayers", &Lab::set_preferred_layers},
      {"setPriority", &Lab::set_priority},
      {"requestKeyFrame", &Lab::request_key_frame},
      {"pause", &Lab::pause},
      {"resume", &Lab::resume},
      {"close", &Lab::close},
      {"getStats", &Lab::get_stats},
      {"dump", &Lab::dump},
      {"enableTraceEvent", &Lab::enable_trace_event},
  }};
  boost::system::error_code failure;
  const bj::value request = bj::parse(line, failure);
  bj::value id;
  const auto answer = [this](const bj::value& of, Result<bj::value> result) {
    bj::object reply = {{"id", of}};
    if (result) {
      reply["result"] = std::move(*result);
    } else {
      reply["error"] = {{"name", result.error().name()}, {"message", result.error().message}};
    }
    write_(bj::serialize(reply));
  };
  if (failure || !request.is_object()) {
    answer(id, type_error("a line is no JSON object"));
    return;
  }
  const Parameters envelope(request.get_object());
  if (const bj::value* const value = envelope.find("id")) {
    id = *value;
  }
  const std::string name = envelope.text_or("method", "");
  const bj::value* const values = envelope.find("params");
  for (const auto& [known, method] : kMethods) {
    if (known == name) {
      const bool given = values != nullptr && values->is_object();
      (this->*method)(Parameters(given ? values->get_object() : bj::object()),
                      [answer, id](Result<bj::value> result) { answer(id, std::move(result)); });
      return;
    }
  }
  answer(id, not_found_error("there is no method " + name));
}

void Lab::create_router(const Parameters& parameters, Answer answer) {
  const auto codecs = ortc::parse_media_codecs(parameters.find("mediaCodecs"));
  if (!codecs) {
    return answer(std::unexpected(codecs.error()));
  }
  const auto router = engine_.create_router(*codecs);
  if (!router) {
    return answer(std::unexpected(router.error()));
  }
  routers_.emplace((*router)->id(), *router);
  answer(bj::object{{"id", (*router)->id()},
                    {"rtpCapabilities", ortc::to_json((*router)->rtp_capabilities())}});
}

void Lab::produce(const Parameters& parameters, Answer answer) {
  const auto transport = find(transports_, parameters, "transportId");
  const auto kind = ortc::parse_media_kind(parameters.find("kind"));
  auto rtp = ortc::parse_rtp_parameters(parameters.find("rtpParameters"));
  if (!transport || !kind || !rtp) {
    return answer(std::unexpected(!transport ? transport.error()
                                  : !kind    ? kind.error()
                                             : rtp.error()));
  }
  media::ProduceOptions options;
  options.kind = *kind;
  options.rtp_parameters = std::move(*rtp);
  options.paused = parameters.flag_or("paused", false);
  options.id = parameters.text_or("id", "");
  const auto producer = (*transport)->produce(options);
  if (!producer) {
    return answer(std::unexpected(producer.error()));
  }
  keep(*producer);
  answer(bj::object{{"id", (*producer)->id()}, {"type", ortc::to_text((*producer)->type())}});
}

void Lab::consume(const Parameters& parameters, Answer answer) {
  const auto transport = find(transports_, parameters, "transportId");
  const auto producer = find(producers_, parameters, "producerId");
  if (!transport || !producer) {
    return answer(std::unexpected(!transport ? transport.error() : producer.error()));
  }
  media::ConsumeOptions options;
  options.producer_id = (*producer)->id();
  // A pipe takes every producer as it is.
  if ((*transport)->type() != media::TransportType::kPipe) {
    auto capabilities = ortc::parse_rtp_capabilities(parameters.find("rtpCapabilities"));
    if (!capabilities) {
      return answer(std::unexpected(capabilities.error()));
    }
    options.rtp_capabilities = std::move(*capabilities);
  }
  options.paused = parameters.flag_or("paused", false);
  options.ignore_dtx = parameters.flag_or("ignoreDtx", false);
  if (const bj::value* const layers = parameters.find("preferredLayers")) {
    const auto request = ortc::parse_layers_request(layers);
    if (!request) {
      return answer(std::unexpected(request.error()));
    }
    options.preferred_layers = *request;
  }
  const auto made = (*transport)->consume(options);
  if (!made) {
    return answer(std::unexpected(made.error()));
  }
  const media::Consumer& consumer = **made;
  keep(*made);
  answer(bj::object{{"id", consumer.id()},
                    {"producerId", consumer.producer_id()},
                    {"kind", ortc::to_text(consumer.kind())},
                    {"type", ortc::to_text(consumer.type())},
                    {"producerPaused", consumer.producer_paused()},
                    {"rtpParameters", ortc::to_json(consumer.rtp_parameters())}});
}

void Lab::produce_data(const Parameters& parameters, Answer answer) {
  const auto transport = find(transports_, parameters, "transportId");
  const auto stream = ortc::parse_sctp_stream_parameters(parameters.find("sctpStreamParameters"));
  if (!transport || !stream) {
    return answer(std::unexpected(!transport ? transport.error() : stream.error()));
  }
  media::ProduceDataOptions options;
  options.sctp_stream_parameters = *stream;
  options.label = parameters.text_or("label", "");
  options.protocol = parameters.text_or("protocol", "");
  options.id = parameters.text_or("id", "");
  const auto made = (*transport)->produce_data(options);
  if (!made) {
    return answer(std::unexpected(made.error()));
  }
  keep(*made);
  answer(bj::object{{"id", (*made)->id()}});
}

void Lab::consume_data(const Parameters& parameters, Answer answer) {
  const auto transport = find(transports_, parameters, "transportId");
  const auto producer = find(data_producers_, parameters, "dataProducerId");
  if (!transport || !producer) {
    return answer(std::unexpected(!transport ? transport.error() : producer.error()));
  }
  media::ConsumeDataOptions options;
  options.data_producer_id = (*producer)->id();
  const auto made = (*transport)->consume_data(options);
  if (!made) {
    return answer(std::unexpected(made.error()));
  }
  const media::DataConsumer& consumer = **made;
  keep(*made);
  answer(bj::object{{"id", consumer.id()},
                    {"dataProducerId", consumer.data_producer_id()},
                    {"sctpStreamParameters", ortc::to_json(*consumer.sctp_stream_parameters())},
                    {"label", consumer.label()},
                    {"protocol", consumer.protocol()}});
}

void Lab::set_preferred_layers(const Parameters& parameters, Answer answer) {
  const auto consumer = find(consumers_, parameters, "consumerId");
  const auto layers = ortc::parse_layers_request(parameters.find("preferredLayers"));
  if (!consumer || !layers) {
    return answer(std::unexpected(!consumer ? consumer.error() : layers.error()));
  }
  answer(done((*consumer)->set_preferred_layers(*layers)));
}

void Lab::set_priority(const Parameters& parameters, Answer answer) {
  const auto consumer = find(consumers_, parameters, "consumerId");
  const auto priority = parameters.number("priority");
  if (!consumer || !priority) {
    return answer(std::unexpected(!consumer ? consumer.error() : priority.error()));
  }
  answer(done((*consumer)->set_priority(static_cast<int>(*priority))));
}

void Lab::request_key_frame(const Parameters& parameters, Answer answer) {
  const auto consumer = find(consumers_, parameters, "consumerId");
  answer(consumer ? done((*consumer)->request_key_frame()) : std::unexpected(consumer.error()));
}

void Lab::with_any(const Parameters& parameters, Answer answer, const auto& use) {
  if (const auto consumer = find(consumers_, parameters, "id")) {
    use(**consumer, std::move(answer));
  } else if (const auto producer = find(producers_, parameters, "id")) {
    use(**producer, std::move(answer));
  } else if (const auto data_producer = find(data_producers_, parameters, "id")) {
    use(**data_producer, std::move(answer));
  } else if (const auto data_consumer = find(data_consumers_, parameters, "id")) {
    use(**data_consumer, std::move(answer));
  } else if (const auto transport = find(transports_, parameters, "id")) {
    use(**transport, std::move(answer));
  } else {
    answer(std::unexpected(transport.error()));
  }
}

void Lab::pause(const Parameters& parameters, Answer answer) {
  with_any(parameters, std::move(answer), [](auto& object, Answer reply) {
    if constexpr (requires { object.pause(); }) {
      reply(done(object.pause()));
    } else {
      reply(type_error("id names nothing that can pause"));
    }
  });
}

void Lab::resume(const Parameters& parameters, Answer answer) {
  with_any(parameters, std::move(answer), [](auto& object, Answer reply) {
    if constexpr (requires { object.resume(); }) {
      reply(done(object.resume()));
    } else {
      reply(type_error("id names nothing that can resume"));
    }
  });
}

void Lab::close(const Parameters& parameters, Answer answer) {
  if (const auto router = find(routers_, parameters, "id")) {
    routers_.erase((*router)->id());
    (*router)->close();
    return answer(bj::object{});
  }
  with_any(parameters, std::move(answer), [](auto& object, Answer reply) {
    object.close();
    reply(bj::object{});
  });
}

void Lab::get_stats(const Parameters& parameters, Answer answer) {
  with_any(parameters, std::move(answer), [](auto& object, Answer reply) {
    object.get_stats([reply = std::move(reply)](auto result) mutable {
      if (!result) {
        return reply(std::unexpected(result.error()));
      }
      if constexpr (requires { result->begin(); }) {
        bj::array entries;
        for (const auto& entry : *result) {
          entries.push_back(to_json(entry));
        }
        reply(std::move(entries));
      } else {
        reply(bj::array{to_json(*result)});
      }
    });
  });
}

void Lab::dump(const Parameters& parameters, Answer answer) {
  with_any(parameters, std::move(answer), [](auto& object, Answer reply) {
    auto pass = [reply = std::move(reply)](Result<bj::object> result) mutable {
      reply(result ? Result<bj::value>(std::move(*result)) : std::unexpected(result.error()));
    };
    if constexpr (requires { object.dump(); }) {
      pass(object.dump());
    } else {
      object.dump(std::move(pass));
    }
  });
}

void Lab::enable_trace_event(const Parameters& parameters, Answer answer) {
  auto types = ortc::parse_trace_event_types(parameters.find("types"));
  if (!types) {
    return answer(std::unexpected(types.error()));
  }
  with_any(parameters, std::move(answer), [&](auto& object, Answer reply) {
    if constexpr (requires { object.traces(); }) {
      reply(done(object.enable_trace_event(*types)));
    } else {
      reply(type_error("id names nothing that traces"));
    }
  });
}

}  // namespace sluice::lab
