// Pipes between routers as applications see them (ortc-model 8.6).

#include "media/pipe_transport.h"
#include "media/plain_transport.h"
#include "object_model.h"
#include "support/loopback_socket.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kPipeCodecs = R"([
  {"kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2},
  {"kind": "video", "mimeType": "video/VP8", "clockRate": 90000}])";

constexpr std::string_view kVp8Simulcast = R"({
  "mid": "VIDEO",
  "codecs": [
    {"mimeType": "video/VP8", "payloadType": 112, "clockRate": 90000,
     "rtcpFeedback": [{"type": "nack"}, {"type": "nack", "parameter": "pli"},
                      {"type": "goog-remb"}]},
    {"mimeType": "video/rtx", "payloadType": 113, "clockRate": 90000, "parameters": {"apt": 112}}],
  "headerExtensions": [
    {"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 10},
    {"uri": "urn:3gpp:video-orientation", "id": 13}],
  "encodings": [{"ssrc": 22222222}, {"ssrc": 22222223}, {"ssrc": 22222224}],
  "rtcp": {"cname": "FOOBAR"}})";

/// What a receiver behind the pipe can take (row 67).
constexpr std::string_view kBehindThePipe = R"({
  "codecs": [
    {"mimeType": "video/VP8", "kind": "video", "preferredPayloadType": 101, "clockRate": 90000,
     "rtcpFeedback": [{"type": "nack"}, {"type": "ccm", "parameter": "fir"},
                      {"type": "transport-cc"}]},
    {"mimeType": "video/rtx", "kind": "video", "preferredPayloadType": 102, "clockRate": 90000,
     "parameters": {"apt": 101}}],
  "headerExtensions": [
    {"kind": "video", "uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
     "preferredId": 4},
    {"kind": "video",
     "uri": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
     "preferredId": 5},
    {"kind": "audio", "uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level", "preferredId": 10}]})";

std::vector<int> extension_ids(const ortc::RtpParameters& parameters) {
  std::vector<int> ids;
  for (const auto& extension : parameters.header_extensions) {
    ids.push_back(extension.id);
  }
  return ids;
}

std::vector<std::string> feedback(const ortc::RtpCodecParameters& codec) {
  std::vector<std::string> texts;
  for (const auto& entry : codec.rtcp_feedback) {
    texts.push_back(entry.parameter.empty() ? entry.type : entry.type + " " + entry.parameter);
  }
  return texts;
}

/// Router `here` of one engine and `there` of another, with two producers here.
class PipeRows : public ::testing::Test {
 protected:
  PipeRows() {
    here = near.engine().create_router(media_codecs(kPipeCodecs)).value();
    there = far.engine().create_router(media_codecs(kPipeCodecs)).value();
    from = here->create_webrtc_transport({}).value();
    to = there->create_webrtc_transport({}).value();
    audio = produce(kAudioProducer, false);
    video = produce(kVp8Simulcast, true);
  }

  std::shared_ptr<Producer> produce(std::string_view parameters, bool paused) {
    const bool is_audio = parameters == kAudioProducer;
    return from
        ->produce({.kind = is_audio ? ortc::MediaKind::kAudio : ortc::MediaKind::kVideo,
                   .rtp_parameters = rtp_parameters(parameters),
                   .paused = paused})
        .value();
  }

  PipeOptions to_there(const Producer& producer) {
    PipeOptions options;
    options.producer_id = producer.id();
    options.router = there;
    return options;
  }

  /// A consumer of what was piped.
  std::shared_ptr<Consumer> consume_there(const Producer& producer) {
    ConsumeOptions options;
    options.producer_id = producer.id();
    options.rtp_capabilities = capabilities(kBehindThePipe);
    return to->consume(options).value();
  }

  EngineWorld near;
  EngineWorld far;
  std::shared_ptr<Router> here, there;
  std::shared_ptr<WebRtcTransport> from, to;
  std::shared_ptr<Producer> audio, video;
};

TEST_F(PipeRows, Ortc62PipesAudio) {  // ORTC-62
  const auto piped = here->pipe_to_router(to_there(*audio)).value();
  EXPECT_EQ(here->transport_count(), 2u);
  EXPECT_EQ(there->transport_count(), 2u);
  const auto& consumer = *piped.consumer;
  EXPECT_EQ(consumer.type(), ortc::StreamType::kPipe);
  EXPECT_EQ(consumer.kind(), ortc::MediaKind::kAudio);
  EXPECT_EQ(consumer.rtp_parameters().mid, "");
  ASSERT_THAT(consumer.rtp_parameters().codecs, SizeIs(1));
  EXPECT_EQ(consumer.rtp_parameters().codecs[0].payload_type.value, 100);
  EXPECT_THAT(feedback(consumer.rtp_parameters().codecs[0]), IsEmpty());
  EXPECT_THAT(extension_ids(consumer.rtp_parameters()), ElementsAre(10, 13, 14));
  EXPECT_EQ(consumer.score(), (ConsumerScore{10, 10, {0}}));
  EXPECT_FALSE(consumer.paused());
  EXPECT_FALSE(consumer.producer_paused());
  const auto& producer = *piped.producer;
  EXPECT_EQ(producer.id(), audio->id());
  EXPECT_EQ(there->find_producer(audio->id()), piped.producer);
  EXPECT_EQ(producer.rtp_parameters().codecs[0].mime_type, "audio/opus");
  EXPECT_THAT(extension_ids(producer.rtp_parameters()), ElementsAre(10, 13, 14));
  EXPECT_EQ(producer.rtp_parameters().rtcp.cname, "FOOBAR");
  EXPECT_FALSE(producer.paused());
}

TEST_F(PipeRows, Ortc63PipesAPausedSimulcast) {  // ORTC-63
  here->pipe_to_router(to_there(*audio)).value();
  const auto piped = here->pipe_to_router(to_there(*video)).value();
  EXPECT_EQ(here->transport_count(), 2u) << "the pair is shared";
  const auto& parameters = piped.consumer->rtp_parameters();
  ASSERT_THAT(parameters.codecs, SizeIs(1));
  EXPECT_EQ(parameters.codecs[0].mime_type, "video/VP8");
  EXPECT_THAT(feedback(parameters.codecs[0]), ElementsAre("nack pli", "ccm fir"));
  EXPECT_THAT(extension_ids(parameters), ElementsAre(8, 11, 12, 13, 14));
  EXPECT_THAT(parameters.encodings, SizeIs(3));
  EXPECT_EQ(piped.consumer->score(), (ConsumerScore{10, 10, {0, 0, 0}}));
  EXPECT_FALSE(piped.consumer->paused());
  EXPECT_TRUE(piped.consumer->producer_paused());
  EXPECT_FALSE(piped.consumer->preferred_layers());
  EXPECT_TRUE(piped.producer->paused());
  EXPECT_EQ(piped.producer->type(), ortc::StreamType::kSimulcast);
  const auto shown =
      near.answer<boost::json::object>([&](auto reply) { piped.consumer->dump(std::move(reply)); })
          .value();
  EXPECT_EQ(shown.at("type"), as_json("pipe"));
  EXPECT_EQ(shown.at("rtpStreams").as_array().size(), 3u);
  EXPECT_FALSE(shown.contains("rtpStream"));
  const auto stats = near.answer<std::vector<RtpStreamStats>>(
                             [&](auto reply) { piped.consumer->get_stats(std::move(reply)); })
                         .value();
  EXPECT_THAT(stats, SizeIs(3)) << "one for each stream that is sent";
}

TEST_F(PipeRows, Ortc64RetransmissionWhereEnabled) {  // ORTC-64
  PipeTransportOptions options;
  options.listen = TransportListenInfo::on("127.0.0.1");
  options.enable_rtx = true;
  const auto pipe = here->create_pipe_transport(options).value();
  EXPECT_TRUE(pipe->rtx());
  ConsumeOptions consume;
  consume.producer_id = video->id();
  const auto consumer = pipe->consume(consume).value();
  const auto& codecs = consumer->rtp_parameters().codecs;
  ASSERT_THAT(codecs, SizeIs(2));
  EXPECT_THAT(feedback(codecs[0]), ElementsAre("nack", "nack pli", "ccm fir"));
  EXPECT_EQ(codecs[1].mime_type, "video/rtx");
  for (const auto& encoding : consumer->rtp_parameters().encodings) {
    EXPECT_TRUE(encoding.rtx_ssrc);
  }
  EXPECT_EQ(consumer->rtp_parameters().mid, "");
}

TEST_F(PipeRows, Trn07NoRetransmissionOtherwise) {  // TRN-07
  const auto piped = here->pipe_to_router(to_there(*video)).value();
  for (const auto& encoding : piped.consumer->rtp_parameters().encodings) {
    EXPECT_FALSE(encoding.rtx_ssrc);
  }
  EXPECT_FALSE(piped.producer->rtp_parameters().encodings[0].rtx_ssrc);
}

TEST_F(PipeRows, Ortc65WrongArguments) {  // ORTC-65
  EXPECT_EQ(outcome(here->create_pipe_transport({})), "TypeError");
  PipeTransportOptions options;
  options.listen = TransportListenInfo::on("123");
  EXPECT_EQ(outcome(here->create_pipe_transport(options)), "TypeError");
  options.listen = TransportListenInfo::on("127.0.0.1");
  options.listen.protocol = ortc::TransportProtocol::kTcp;
  EXPECT_EQ(outcome(here->create_pipe_transport(options)), "TypeError");
  options.listen.protocol = ortc::TransportProtocol::kUdp;
  options.listen.min_port = 30002;
  options.listen.max_port = 30001;
  EXPECT_EQ(outcome(here->create_pipe_transport(options)), "TypeError");
  options.listen = TransportListenInfo::on("8.8.8.8");
  EXPECT_EQ(outcome(here->create_pipe_transport(options)), "Error");
}

TEST_F(PipeRows, Ortc66SrtpHasOneSuite) {  // ORTC-66
  PipeTransportOptions options;
  options.listen = TransportListenInfo::on("127.0.0.1");
  options.enable_srtp = true;
  const auto pipe = here->create_pipe_transport(options).value();
  const auto own = ortc::to_json(*pipe->srtp_parameters());
  EXPECT_EQ(own.at("cryptoSuite"), as_json("AEAD_AES_256_GCM"));
  EXPECT_EQ(own.at("keyBase64").as_string().size(), 60u);
  PipeRemote remote{.ip = "127.0.0.2", .port = 9999, .srtp_parameters = {}};
  EXPECT_EQ(outcome(pipe->connect(remote)), "TypeError");
  remote.srtp_parameters =
      ortc::generate_srtp_parameters(ortc::SrtpCryptoSuite::kAesCm128HmacSha1_80);
  EXPECT_EQ(outcome(pipe->connect(remote)), "TypeError");
  remote.srtp_parameters = ortc::generate_srtp_parameters(ortc::kPipeSrtpCryptoSuite);
  remote.srtp_parameters->key.push_back(0);
  EXPECT_EQ(outcome(pipe->connect(remote)), "TypeError");
  remote.srtp_parameters->key.pop_back();
  EXPECT_EQ(outcome(pipe->connect(remote)), "ok");
  EXPECT_EQ(outcome(pipe->connect(remote)), "Error");
  EXPECT_EQ(ortc::to_json(*pipe->srtp_parameters()), own);
  options.enable_srtp = false;
  const auto bare = here->create_pipe_transport(options).value();
  EXPECT_EQ(outcome(bare->connect(remote)), "TypeError");
  EXPECT_EQ(outcome(bare->connect({})), "TypeError");
  const auto shown =
      near.answer<boost::json::object>([&](auto reply) { bare->dump(std::move(reply)); }).value();
  EXPECT_EQ(shown.at("tuple"), ortc::to_json(bare->tuple()));
  EXPECT_EQ(shown.at("rtx"), as_json(false));
  const auto stats =
      near.answer<TransportStats>([&](auto reply) { bare->get_stats(std::move(reply)); }).value();
  EXPECT_EQ(to_json(stats).at("type"), as_json("pipe-transport"));
  EXPECT_EQ(to_json(stats).at("tuple"), ortc::to_json(bare->tuple()));
}

TEST_F(PipeRows, Ortc67WhatWasPipedCanBeConsumed) {  // ORTC-67
  const auto piped = here->pipe_to_router(to_there(*video)).value();
  const auto consumer = consume_there(*piped.producer);
  EXPECT_EQ(consumer->type(), ortc::StreamType::kSimulcast);
  const auto& parameters = consumer->rtp_parameters();
  EXPECT_EQ(parameters.mid, "0");
  ASSERT_THAT(parameters.codecs, SizeIs(2));
  EXPECT_THAT(feedback(parameters.codecs[0]), ElementsAre("nack", "ccm fir", "transport-cc"));
  EXPECT_THAT(extension_ids(parameters), ElementsAre(4, 5));
  ASSERT_THAT(parameters.encodings, SizeIs(1));
  EXPECT_TRUE(parameters.encodings[0].ssrc);
  EXPECT_TRUE(parameters.encodings[0].rtx_ssrc);
  EXPECT_EQ(consumer->score(), (ConsumerScore{10, 0, {0, 0, 0}}));
}

TEST_F(PipeRows, Ortc68PausesPassThrough) {  // ORTC-68
  const auto piped = here->pipe_to_router(to_there(*video)).value();
  const auto consumer = consume_there(*piped.producer);
  Journal journal;
  journal.watch(*piped.producer);
  journal.watch(*consumer);
  ASSERT_TRUE(video->resume());
  EXPECT_THAT(journal.take(),
              ElementsAre("producer resume", "consumer producerresume", "consumer resume"));
  EXPECT_FALSE(piped.producer->paused());
  ASSERT_TRUE(video->pause());
  EXPECT_THAT(journal.take(),
              ElementsAre("producer pause", "consumer producerpause", "consumer pause"));
  EXPECT_FALSE(consumer->paused());
  EXPECT_TRUE(consumer->producer_paused());
}

TEST_F(PipeRows, Ortc69TheEndPassesThrough) {  // ORTC-69
  const auto piped = here->pipe_to_router(to_there(*audio)).value();
  const auto of_video = here->pipe_to_router(to_there(*video)).value();
  const auto consumer = consume_there(*of_video.producer);
  Journal journal;
  journal.watch(*consumer);
  video->close();
  EXPECT_THAT(journal.take(), ElementsAre("consumer producerclose", "consumer close"));
  EXPECT_TRUE(of_video.producer->closed());
  EXPECT_FALSE(piped.producer->closed());
  piped.producer->close();
  EXPECT_TRUE(piped.consumer->closed());
  EXPECT_FALSE(audio->closed());
}

TEST_F(PipeRows, Ortc70WithinAnEngineIdsAreNew) {  // ORTC-70
  const auto next = near.engine().create_router(media_codecs(kPipeCodecs)).value();
  auto options = to_there(*audio);
  options.router = next;
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "Error");
  EXPECT_THAT(audio->consumers(), IsEmpty()) << "nothing of the failed pipe stays";
  options.keep_id = false;
  const auto piped = here->pipe_to_router(options).value();
  EXPECT_NE(piped.producer->id(), audio->id());
  EXPECT_EQ(next->find_producer(piped.producer->id()), piped.producer);
}

TEST_F(PipeRows, Ortc73OnePairServesAllPipes) {  // ORTC-73, ORTC-74
  const auto back = to->produce({.kind = ortc::MediaKind::kAudio,
                                 .rtp_parameters = rtp_parameters(kAudioProducer)})
                        .value();
  here->pipe_to_router(to_there(*audio)).value();
  here->pipe_to_router(to_there(*video)).value();
  PipeOptions options;
  options.producer_id = back->id();
  options.router = here;
  there->pipe_to_router(options).value();
  EXPECT_EQ(here->transport_count(), 2u);
  EXPECT_EQ(there->transport_count(), 2u);
}

/// The pipe transport that a router makes next.
std::shared_ptr<std::shared_ptr<PipeTransport>> next_pipe(Router& router) {
  auto made = std::make_shared<std::shared_ptr<PipeTransport>>();
  router.on_new_transport.connect([made](const auto& transport) {
    if (auto pipe = std::dynamic_pointer_cast<PipeTransport>(transport)) {
      *made = pipe;
    }
  });
  return made;
}

TEST_F(PipeRows, Ortc74TheEndsKnowEachOther) {  // ORTC-74
  const auto one = next_pipe(*here);
  const auto two = next_pipe(*there);
  here->pipe_to_router(to_there(*audio)).value();
  EXPECT_EQ((*one)->tuple().remote_port, (*two)->tuple().local_port);
  EXPECT_EQ((*two)->tuple().remote_port, (*one)->tuple().local_port);
}

TEST_F(PipeRows, Ortc75AClosedRouterClosesBothEnds) {  // ORTC-75
  const auto one = next_pipe(*here);
  const auto two = next_pipe(*there);
  here->pipe_to_router(to_there(*audio)).value();
  Journal journal;
  journal.watch(**one, "one");
  journal.watch(**two, "two");
  here->close();
  EXPECT_THAT(journal.take(), UnorderedElementsAre("one routerclose", "one close", "two close"));
  EXPECT_EQ(there->transport_count(), 1u);
}

TEST_F(PipeRows, AClosedPipeIsReplaced) {
  const auto one = next_pipe(*here);
  const auto two = next_pipe(*there);
  const auto before = here->pipe_to_router(to_there(*audio)).value();
  (*two)->close();
  EXPECT_TRUE((*one)->closed());
  EXPECT_TRUE(before.consumer->closed());
  EXPECT_TRUE(before.producer->closed());
  EXPECT_FALSE(audio->closed());
  EXPECT_EQ(outcome(here->pipe_to_router(to_there(*audio))), "ok");
}

TEST_F(PipeRows, Ortc76WrongArgumentsOfPipeToRouter) {  // ORTC-76
  auto options = to_there(*audio);
  options.producer_id.clear();
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "TypeError");
  options.producer_id = "nobody";
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "TypeError");
  options.producer_id = audio->id();
  options.data_producer_id = "another";
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "TypeError");
  options = to_there(*audio);
  options.router = here;
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "TypeError");
  options.router.reset();
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "TypeError");
  EXPECT_EQ(here->transport_count(), 1u);
}

TEST_F(PipeRows, Ortc77TheSameProducerTwice) {  // ORTC-77
  const auto piped = here->pipe_to_router(to_there(*audio)).value();
  EXPECT_EQ(outcome(here->pipe_to_router(to_there(*audio))), "TypeError");
  EXPECT_FALSE(piped.consumer->closed());
  EXPECT_FALSE(piped.producer->closed());
  EXPECT_THAT(audio->consumers(), ElementsAre(piped.consumer));
  auto again = to_there(*audio);
  again.keep_id = false;
  EXPECT_EQ(outcome(here->pipe_to_router(again)), "ok");
}

TEST_F(PipeRows, ARouterWithoutTheCodecRefuses) {
  const auto deaf = far.engine().create_router({}).value();
  auto options = to_there(*audio);
  options.router = deaf;
  EXPECT_EQ(outcome(here->pipe_to_router(options)), "UnsupportedError");
  EXPECT_THAT(audio->consumers(), IsEmpty());
}

TEST_F(PipeRows, AFarEndThatCannotBeMadeLeavesNothing) {
  there->close();
  EXPECT_EQ(outcome(here->pipe_to_router(to_there(*audio))), "Error");
  EXPECT_EQ(here->transport_count(), 1u);
}

TEST_F(ObjectModel, Ortc78PipeConsumerOnAWebRtcTransport) {  // ORTC-78
  const auto producer = produce(kVideoProducer);
  ConsumeOptions options;
  options.pipe = true;
  const auto consumer = consume(*producer, options);
  EXPECT_EQ(consumer->type(), ortc::StreamType::kPipe);
  EXPECT_EQ(consumer->rtp_parameters().mid, "");
  EXPECT_THAT(consumer->rtp_parameters().codecs, SizeIs(2));
  EXPECT_THAT(consumer->rtp_parameters().encodings, SizeIs(4));
  EXPECT_EQ(consumer->score(), (ConsumerScore{10, 10, {0, 0, 0, 0}}));
  EXPECT_FALSE(consumer->preferred_layers());
  EXPECT_FALSE(consumer->current_layers());
  EXPECT_EQ(outcome(consumer->set_preferred_layers({1, 1})), "ok");
  EXPECT_FALSE(consumer->preferred_layers());
  const auto shown = dump(*other).value();
  EXPECT_EQ(shown.at("mapSsrcConsumerId").as_array().size(), 4u);
  EXPECT_EQ(shown.at("mapRtxSsrcConsumerId").as_array().size(), 4u);
  EXPECT_THAT(stream_stats(*consumer).value(), SizeIs(4));
  consumer->close();
  EXPECT_THAT(other->consumers(), IsEmpty());
}

/// Audio from one socket through two routers, with SRTP on the pipe, to another socket.
TEST_F(ObjectModel, MediaPassesThroughAPipe) {
  const auto next = world.engine().create_router(media_codecs()).value();
  PlainTransportOptions plain;
  plain.listen = TransportListenInfo::on("127.0.0.1");
  plain.comedia = true;
  const auto in = router->create_plain_transport(plain).value();
  plain.comedia = false;
  const auto out = next->create_plain_transport(plain).value();
  sluice::test::LoopbackSocket sender;
  sluice::test::LoopbackSocket receiver;
  ASSERT_TRUE(
      out->connect({.ip = "127.0.0.1", .port = receiver.address().port, .srtp_parameters = {}}));
  const auto source = try_produce(*in, kAudioProducer).value();
  PipeOptions options;
  options.producer_id = source->id();
  options.router = next;
  options.keep_id = false;
  options.enable_srtp = true;
  const auto piped = router->pipe_to_router(options).value();
  ConsumeOptions consume;
  consume.producer_id = piped.producer->id();
  consume.rtp_capabilities = capabilities();
  const auto consumer = out->consume(consume).value();
  std::vector<uint8_t> packet{0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0xa9, 0x8a, 0xc7, 0x78, 0x79};
  std::vector<uint8_t> received;
  // Each answer means that every loop has made a turn.
  ASSERT_TRUE(world.run_until([&] {
    ++packet[3];
    sender.send({*IpAddress::parse("127.0.0.1"), in->tuple().local_port}, packet);
    world.engine().query_load([](const auto&) {});
    const auto datagram = receiver.receive();
    if (datagram.size() > 12 && (datagram[1] & 0x7f) == 100) {
      received.assign(datagram.begin(), datagram.end());
    }
    return !received.empty();
  }));
  EXPECT_EQ(received[received.size() - 2], 0x78);
  EXPECT_EQ(received.back(), 0x79);
}

}  // namespace
}  // namespace sluice::media::test
