// An engine, its rooms and sessions without sockets: what a session sends lands in a list.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialects/foundry/codecs.h"
#include "dialects/foundry/session.h"
#include "dialects/foundry/session_group.h"
#include "rooms/room_service.h"
#include "web/event_loop.h"

namespace sluice::foundry {

/// What a microphone and a camera send in Chromium, shortened (foundryvtt 2.7).
inline boost::json::object mic_parameters(uint32_t ssrc = 1587270118, const char* mid = "0") {
  return boost::json::parse(R"({"mid":")" + std::string(mid) + R"(","codecs":[{
      "mimeType":"audio/opus","payloadType":111,"clockRate":48000,"channels":2,
      "parameters":{"minptime":10,"useinbandfec":1},
      "rtcpFeedback":[{"type":"transport-cc","parameter":""},{"type":"nack","parameter":""}]}],
      "headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":4,"encrypt":false,
                           "parameters":{}}],
      "encodings":[{"ssrc":)" +
                            std::to_string(ssrc) + R"(,"dtx":false}],
      "rtcp":{"cname":"chromium","reducedSize":true}})")
      .as_object();
}

inline boost::json::object cam_parameters(uint32_t ssrc = 20000, const char* mid = "1") {
  return boost::json::parse(R"({"mid":")" + std::string(mid) + R"(","codecs":[{
      "mimeType":"video/VP8","payloadType":96,"clockRate":90000,"parameters":{},
      "rtcpFeedback":[{"type":"goog-remb"},{"type":"transport-cc"},{"type":"ccm","parameter":"fir"},
                      {"type":"nack"},{"type":"nack","parameter":"pli"}]},
      {"mimeType":"video/rtx","payloadType":97,"clockRate":90000,"parameters":{"apt":96}}],
      "headerExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":4}],
      "encodings":[{"ssrc":)" +
                            std::to_string(ssrc) + R"(,"rtx":{"ssrc":)" + std::to_string(ssrc + 1) +
                            R"(},"dtx":false}],
      "rtcp":{"cname":"chromium","reducedSize":true}})")
      .as_object();
}

/// One connection as its other end sees it.
class Client {
 public:
  Client(SessionGroup& group, rooms::RoomService& rooms, Form form, std::string name,
         const std::string& room = "default", std::vector<std::string> addresses = {})
      : user(std::move(name)), form_(form) {
    rooms::Peer* const peer = rooms.find_or_create(room).value()->join("random-id", "").value();
    session =
        std::make_unique<Session>(group, *peer,
                                  Wire{.send =
                                           [this](const std::string& text) {
                                             frames.push_back(boost::json::parse(text).as_object());
                                           },
                                       .probe = [this] { ++probes; }},
                                  std::move(addresses));
  }

  void send(std::string_view text) { session->on_text(text); }

  /// Sends a request in the client's form. The answer, whole; an empty object when none came.
  boost::json::object ask(std::string_view method, boost::json::object fields = {}) {
    const std::string id = "req_" + std::to_string(next_id_++);
    boost::json::object frame;
    if (form_ == Form::kModule) {
      frame = std::move(fields);
      frame["type"] = method;
      frame["requestId"] = id;
      frame["userId"] = user;
    } else {
      frame = {{"id", id}, {"method", method}, {"data", std::move(fields)}};
    }
    const size_t before = frames.size();
    send(boost::json::serialize(frame));
    if (frames.size() == before) {
      return {};
    }
    const boost::json::object answer = frames[before];
    frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(before));
    EXPECT_EQ(answer.at(form_ == Form::kModule ? "requestId" : "id").as_string(), id);
    return answer;
  }

  /// The `data` of a success.
  boost::json::object get(std::string_view method, boost::json::object fields = {}) {
    const boost::json::object answer = ask(method, std::move(fields));
    EXPECT_EQ(error_of(answer), "") << method;
    const boost::json::value* const data = answer.if_contains("data");
    return data != nullptr && data->is_object() ? data->as_object() : boost::json::object{};
  }

  /// The text of a refusal; empty when it was a success.
  std::string refusal(std::string_view method, boost::json::object fields = {}) {
    return error_of(ask(method, std::move(fields)));
  }

  static std::string error_of(const boost::json::object& answer) {
    if (const auto* error = answer.if_contains("error")) {
      return std::string(error->as_string());
    }
    const auto* data = answer.if_contains("data");
    const auto* error =
        data != nullptr && data->is_object() ? data->as_object().if_contains("error") : nullptr;
    return error == nullptr ? "" : std::string(error->as_string());
  }

  std::string create_transport(bool producing, bool consuming) {
    return std::string(
        get("createWebRtcTransport", {{"producing", producing}, {"consuming", consuming}})
            .at("id")
            .as_string());
  }
  /// As the browser module does it: one to send, one to receive.
  void join() {
    get("getRouterRtpCapabilities");
    send_transport = create_transport(true, false);
    receive_transport = create_transport(false, true);
  }
  boost::json::object produce_fields(const char* kind, boost::json::object parameters,
                                     const char* tag) {
    boost::json::object fields{
        {"transportId", send_transport}, {"kind", kind}, {"rtpParameters", std::move(parameters)}};
    if (tag != nullptr) {
      fields["appData"] = {{"mediaTag", tag}, {"userId", user}};
    }
    return fields;
  }
  std::string produce(const char* kind, boost::json::object parameters, const char* tag) {
    return std::string(
        get("produce", produce_fields(kind, std::move(parameters), tag)).at("id").as_string());
  }
  std::string produce_mic(uint32_t ssrc = 1587270118) {
    return produce("audio", mic_parameters(ssrc), "mic");
  }
  std::string produce_cam(uint32_t ssrc = 20000) {
    return produce("video", cam_parameters(ssrc), "webcam");
  }
  /// Capabilities that fit everything.
  boost::json::object capabilities() { return get("getRouterRtpCapabilities"); }
  boost::json::object consume_fields(const std::string& producer) {
    return {{"producerId", producer}, {"rtpCapabilities", capabilities()}};
  }

  /// Notifications since the last call, as "+id" or "-id".
  std::vector<std::string> heard() {
    std::vector<std::string> all;
    for (const boost::json::object& frame : std::exchange(frames, {})) {
      const auto& name = frame.at(frame.contains("type") ? "type" : "method").as_string();
      const auto& fields = frame.contains("type") ? frame : frame.at("data").as_object();
      all.push_back((name == "newProducer"      ? "+"
                     : name == "producerClosed" ? "-"
                                                : "?") +
                    std::string(fields.at("producerId").as_string()));
    }
    return all;
  }

  std::string user;
  std::deque<boost::json::object> frames;
  int probes = 0;
  std::string send_transport;
  std::string receive_transport;
  std::unique_ptr<Session> session;

 private:
  Form form_;
  int next_id_ = 0;
};

class FoundryWorld : public testing::Test {
 protected:
  FoundryWorld() {
    media::EngineSettings settings;
    settings.loops = 2;
    settings.listen = {{.ip = "127.0.0.1", .announced_address = ""}};
    settings.min_port = 42000;
    settings.max_port = 42999;
    auto made = media::Engine::create(
        settings, [this](std::move_only_function<void()> work) { loop.post(std::move(work)); });
    if (!made) {
      ADD_FAILURE() << made.error().message;
      std::abort();
    }
    engine = std::move(*made);
    rooms = std::make_unique<rooms::RoomService>(*engine, router_codecs(), rooms::Limits{});
  }

  std::unique_ptr<Client> module(const std::string& user, const std::string& room = "default") {
    return std::make_unique<Client>(group, *rooms, Form::kModule, user, room);
  }
  std::unique_ptr<Client> original(const std::string& room = "default") {
    return std::make_unique<Client>(group, *rooms, Form::kOriginal, "", room);
  }
  std::unique_ptr<Client> joined(const std::string& user, const std::string& room = "default") {
    auto client = module(user, room);
    client->join();
    return client;
  }
  /// A client of the original server with a transport for everything.
  std::unique_ptr<Client> joined_original(const std::string& room = "default") {
    auto client = original(room);
    client->send_transport = std::string(client->get("createWebRtcTransport").at("id").as_string());
    return client;
  }

  web::EventLoop loop;
  std::unique_ptr<media::Engine> engine;
  std::unique_ptr<rooms::RoomService> rooms;
  SessionGroup group{{}};
};

}  // namespace sluice::foundry
