// A minimal SFU: one room in which everybody can send to everybody else.
//
// Whatever carries the signalling, e.g. a WebSocket server, starts this program and passes lines of
// JSON both ways, whose content mediasoup-client makes and takes:
//   {"id": 1, "method": "createWebRtcTransport", "params": {}}
//   {"id": 1, "result": {"id": "…", "iceParameters": {…}, …}}
//   {"event": "newProducer", "data": {"id": "…", "video": true}}
//
// usage: minimal_sfu [IP]     where clients reach this machine; 127.0.0.1 unless told

#include <sluice/sluice.h>

#include <boost/json.hpp>
#include <iostream>
#include <map>
#include <string>
#include <thread>

namespace json = boost::json;
using Answer = sluice::Result<json::value>;

namespace {

constexpr auto kMediaCodecs = R"([{"mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
                                  {"mimeType": "video/VP8", "clockRate": 90000}])";

void write(const json::value& message) {
  std::cout << json::serialize(message) << std::endl;
}

/// A member of a JSON object; null when it is missing.
json::value member(const json::value& object, const char* name) {
  const json::value* found = object.is_object() ? object.get_object().if_contains(name) : nullptr;
  return found != nullptr ? *found : json::value();
}

std::string text(const json::value& object, const char* name) {
  const json::value value = member(object, name);
  return value.is_string() ? std::string(value.get_string()) : std::string();
}

Answer done(const sluice::Result<void>& result) {
  return result ? Answer(json::object()) : std::unexpected(result.error());
}

class Room {
 public:
  explicit Room(sluice::Router router) : router_(std::move(router)) {}

  Answer answer(const std::string& method, const json::value& parameters) {
    if (method == "router") {
      return json::object{{"id", router_.id()}, {"rtpCapabilities", router_.rtp_capabilities()}};
    }
    if (method == "createWebRtcTransport") {
      return create_transport();
    }
    if (const auto found = consumers_.find(text(parameters, "id")); found != consumers_.end()) {
      return done(found->second.resume());
    }
    const auto found = transports_.find(text(parameters, "transportId"));
    if (found == transports_.end()) {
      return sluice::not_found_error("no such consumer or transport");
    }
    if (method == "connect") {
      return done(found->second.connect(member(parameters, "dtlsParameters")));
    }
    const sluice::Transport transport = found->second;
    return method == "produce" ? produce(transport, parameters) : consume(transport, parameters);
  }

 private:
  Answer create_transport() {
    const auto transport = router_.create_webrtc_transport();
    if (!transport) {
      return std::unexpected(transport.error());
    }
    transports_[transport->id()] = *transport;
    transport->on_close([this, id = transport->id()] { transports_.erase(id); });
    transport->on_ice_state([transport = *transport](sluice::IceState state) {
      if (state == sluice::IceState::kDisconnected) {
        transport.close();  // who is gone for 30 s has left
      }
    });
    return transport->client_parameters();
  }

  static Answer produce(const sluice::Transport& transport, const json::value& parameters) {
    const bool video = text(parameters, "kind") == "video";
    const auto producer =
        transport.produce({.kind = video ? sluice::MediaKind::kVideo : sluice::MediaKind::kAudio,
                           .rtp_parameters = member(parameters, "rtpParameters")});
    if (!producer) {
      return std::unexpected(producer.error());
    }
    write({{"event", "newProducer"}, {"data", {{"id", producer->id()}, {"video", video}}}});
    return json::object{{"id", producer->id()}};
  }

  /// The consumer waits until the client has made its end, and asks to resume.
  Answer consume(const sluice::Transport& transport, const json::value& parameters) {
    const auto consumer =
        transport.consume({.producer_id = text(parameters, "producerId"),
                           .rtp_capabilities = member(parameters, "rtpCapabilities"),
                           .paused = true});
    if (!consumer) {
      return std::unexpected(consumer.error());
    }
    consumers_[consumer->id()] = *consumer;
    consumer->on_close([this, id = consumer->id()] {
      consumers_.erase(id);
      write({{"event", "consumerClosed"}, {"data", {{"id", id}}}});
    });
    return consumer->client_parameters();
  }

  const sluice::Router router_;
  std::map<std::string, sluice::WebRtcTransport> transports_;
  std::map<std::string, sluice::Consumer> consumers_;
};

void on_line(Room& room, const std::string& line) {
  boost::system::error_code malformed;
  const json::value request = json::parse(line, malformed);
  const Answer answer = room.answer(text(request, "method"), member(request, "params"));
  json::object reply{{"id", member(request, "id")}};
  reply[answer ? "result" : "error"] =
      answer ? *answer
             : json::value{{"name", answer.error().name()}, {"message", answer.error().message}};
  write(reply);
}

}  // namespace

int main(int count, char** arguments) {
  sluice::RunLoop loop;
  const std::string ip = count > 1 ? arguments[1] : "127.0.0.1";
  auto engine = sluice::Engine::create({.listen = {{.ip = ip}}}, loop.executor()).value();
  Room room(engine.create_router(json::parse(kMediaCodecs)).value());
  std::thread input([&] {
    for (std::string line; std::getline(std::cin, line);) {
      loop.post([&room, line] { on_line(room, line); });
    }
    loop.stop();
  });
  write({{"event", "ready"}});
  loop.run();
  input.join();
  engine.close();  // tells the room, which goes before the engine
}
