// A router with two transports on a running engine, and short ways to use them. For the tests of
// the object model (ortc-model sections 1 and 8).
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "media/consumer.h"
#include "media/data_consumer.h"
#include "media/data_producer.h"
#include "media/producer.h"
#include "media/router.h"
#include "media/webrtc_transport.h"
#include "protocol/ortc/json.h"
#include "support/engine_world.h"
#include "support/rtp_fixtures.h"

namespace sluice::media::test {

using sluice::test::EngineWorld;
using sluice::test::kAudioProducer;
using sluice::test::kEndpointCapabilities;
using sluice::test::kMediaCodecs;
using sluice::test::kVideoProducer;

/// V-prod of the conformance rows with one of its encodings.
inline constexpr std::string_view kVideoStream = R"({
  "mid": "VIDEO",
  "codecs": [
    {"mimeType": "video/h264", "payloadType": 112, "clockRate": 90000,
     "parameters": {"packetization-mode": 1, "profile-level-id": "4d0032"},
     "rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"},
                      {"type": "goog-remb"}]},
    {"mimeType": "video/rtx", "payloadType": 113, "clockRate": 90000,
     "parameters": {"apt": 112}}],
  "headerExtensions": [
    {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 10},
    {"uri": "urn:3gpp:video-orientation", "id": 13}],
  "encodings": [{"ssrc": 22222222, "rtx": {"ssrc": 22222223}}],
  "rtcp": {"cname": "FOOBAR"}})";

inline boost::json::value json(std::string_view text) {
  return boost::json::parse(text);
}

/// Anything that JSON can hold, for comparisons: texts compare with JSON values as such only.
template <class T>
boost::json::value as_json(const T& content) {
  return boost::json::value_from(content);
}

/// `[{key, value}]`, a map of one entry in a dump.
template <class Key>
boost::json::value map_of(const Key& key, const std::string& value) {
  return boost::json::array{boost::json::object{{"key", as_json(key)}, {"value", as_json(value)}}};
}

/// `[{key, values}]`.
inline boost::json::value map_of_lists(const std::string& key, std::vector<std::string> values) {
  return boost::json::array{
      boost::json::object{{"key", as_json(key)}, {"values", as_json(values)}}};
}

inline std::vector<ortc::RtpCodecCapability> media_codecs(std::string_view text = kMediaCodecs) {
  const auto value = json(text);
  return ortc::parse_media_codecs(&value).value();
}

inline ortc::RtpParameters rtp_parameters(std::string_view text) {
  const auto value = json(text);
  return ortc::parse_rtp_parameters(&value).value();
}

inline ortc::RtpCapabilities capabilities(std::string_view text = kEndpointCapabilities) {
  const auto value = json(text);
  return ortc::parse_rtp_capabilities(&value).value();
}

/// A sha-256 fingerprint that no certificate has.
inline ortc::DtlsParameters remote_dtls(ortc::DtlsRole role = ortc::DtlsRole::kClient) {
  std::string value = "82";
  for (int i = 1; i < 32; ++i) {
    value += ":5A";
  }
  return {.role = role, .fingerprints = {{ortc::FingerprintAlgorithm::kSha256, value}}};
}

/// "ok", or how the object model calls the error.
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : result.error().name();
}

class ObjectModel : public ::testing::Test {
 protected:
  explicit ObjectModel(EngineSettings settings = {}) : world(2, std::move(settings)) {
    router = world.engine().create_router(media_codecs()).value();
    transport = router->create_webrtc_transport({}).value();
    other = router->create_webrtc_transport({}).value();
  }

  /// A producer on `transport`.
  std::shared_ptr<Producer> produce(std::string_view parameters = kAudioProducer,
                                    bool paused = false) {
    return try_produce(*transport, parameters, paused).value();
  }
  static Result<std::shared_ptr<Producer>> try_produce(Transport& owner,
                                                       std::string_view parameters,
                                                       bool paused = false) {
    const bool audio = parameters.find("audio/") != std::string_view::npos;
    return owner.produce({.kind = audio ? ortc::MediaKind::kAudio : ortc::MediaKind::kVideo,
                          .rtp_parameters = rtp_parameters(parameters),
                          .paused = paused});
  }

  /// A consumer on `other`.
  std::shared_ptr<Consumer> consume(const Producer& producer, ConsumeOptions options = {}) {
    options.producer_id = producer.id();
    options.rtp_capabilities = capabilities();
    return other->consume(options).value();
  }

  /// What an object answers to `dump`.
  template <class Object>
  Result<boost::json::object> dump(Object& object) {
    return world.answer<boost::json::object>([&](auto reply) { object.dump(std::move(reply)); });
  }

  template <class Object>
  Result<std::vector<RtpStreamStats>> stream_stats(Object& object) {
    return world.answer<std::vector<RtpStreamStats>>(
        [&](auto reply) { object.get_stats(std::move(reply)); });
  }

  Result<TransportStats> transport_stats(Transport& object) {
    return world.answer<TransportStats>([&](auto reply) { object.get_stats(std::move(reply)); });
  }

  EngineWorld world;
  std::shared_ptr<Router> router;
  std::shared_ptr<WebRtcTransport> transport;
  std::shared_ptr<WebRtcTransport> other;
};

/// Notes which signals of an object are emitted, by name and in order.
class Journal {
 public:
  void watch(Producer& producer, const std::string& name = "producer") {
    note(producer.on_pause, name + " pause");
    note(producer.on_resume, name + " resume");
    note(producer.on_transport_close, name + " transportclose");
    note(producer.on_close, name + " close");
  }
  void watch(Consumer& consumer, const std::string& name = "consumer") {
    note(consumer.on_pause, name + " pause");
    note(consumer.on_resume, name + " resume");
    note(consumer.on_producer_pause, name + " producerpause");
    note(consumer.on_producer_resume, name + " producerresume");
    note(consumer.on_producer_close, name + " producerclose");
    note(consumer.on_transport_close, name + " transportclose");
    note(consumer.on_close, name + " close");
  }
  void watch(DataProducer& producer, const std::string& name = "producer") {
    note(producer.on_pause, name + " pause");
    note(producer.on_resume, name + " resume");
    note(producer.on_transport_close, name + " transportclose");
    note(producer.on_close, name + " close");
  }
  void watch(DataConsumer& consumer, const std::string& name = "consumer") {
    note(consumer.on_pause, name + " pause");
    note(consumer.on_resume, name + " resume");
    note(consumer.on_data_producer_pause, name + " dataproducerpause");
    note(consumer.on_data_producer_resume, name + " dataproducerresume");
    note(consumer.on_data_producer_close, name + " dataproducerclose");
    note(consumer.on_transport_close, name + " transportclose");
    note(consumer.on_close, name + " close");
  }
  void watch(Transport& transport, const std::string& name = "transport") {
    note(transport.on_router_close, name + " routerclose");
    note(transport.on_close, name + " close");
  }
  void watch(Router& router, const std::string& name = "router") {
    note(router.on_engine_close, name + " workerclose");
    note(router.on_close, name + " close");
  }
  void watch(Engine& engine, const std::string& name = "engine") {
    note(engine.on_close, name + " close");
  }

  /// What was noted since the last call.
  std::vector<std::string> take() { return std::exchange(*entries_, {}); }

 private:
  void note(Signal<>& signal, std::string entry) {
    signal.connect([entries = entries_, entry = std::move(entry)] { entries->push_back(entry); });
  }

  /// Shared with the listeners, which may live longer than this.
  std::shared_ptr<std::vector<std::string>> entries_ = std::make_shared<std::vector<std::string>>();
};

}  // namespace sluice::media::test
