// The application as the other end of a transport (ortc-model 8.7, media-plane 10.3).

#include "media/direct_transport.h"

#include <algorithm>

#include "media/loop_direct_transport.h"
#include "object_model.h"
#include "plain_world.h"
#include "protocol/rtp/packet_view.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Two direct transports on one loop, with audio from one to the other.
class DirectOnLoop : public ::testing::Test {
 protected:
  DirectOnLoop() {
    from_ = add();
    to_ = add();
    const Handle producer = plain.world.next_handle();
    consumer_ = plain.world.next_handle();
    plain.world.command(0, [&](MediaLoop& loop) {
      loop.add_producer(audio_producer(producer, from_));
      loop.add_consumer(audio_consumer(consumer_, to_, producer));
    });
  }

  Handle add() {
    const Handle handle = plain.world.next_handle();
    plain.world.command(
        0, [&](MediaLoop& loop) { loop.add_transport(DirectSetup{.handle = handle}); });
    return handle;
  }

  void inject(Bytes packet) {
    plain.world.command(0, [&](MediaLoop& loop) { loop.inject(from_, packet); });
  }
  void inject(uint16_t sequence) {
    inject(sluice::test::make_rtp(audio_packet(sequence, 48000u + 960u * sequence)));
  }

  /// Packets that were delivered since the last call, in deliveries.
  std::vector<DirectPackets> take_delivered() {
    std::vector<DirectPackets> delivered;
    for (LoopEvent& event : plain.world.events) {
      if (auto* content = std::get_if<TransportEvent>(&event.event); content != nullptr) {
        if (auto* packets = std::get_if<DirectPackets>(content)) {
          delivered.push_back(std::move(*packets));
        }
      }
    }
    plain.world.events.clear();
    return delivered;
  }
  void taken() {
    plain.world.command(0, [&](MediaLoop& loop) { loop.direct_taken(to_); });
  }

  PlainWorld plain;
  Handle from_ = 0;
  Handle to_ = 0;
  Handle consumer_ = 0;
};

TEST_F(DirectOnLoop, PacketsOfATurnComeTogether) {
  for (uint16_t i = 1; i <= 5; ++i) {
    inject(i);
  }
  plain.world.settle();
  const auto delivered = take_delivered();
  ASSERT_THAT(delivered, SizeIs(1));
  ASSERT_THAT(delivered[0].packets, SizeIs(5));
  for (const DirectPackets::Packet& packet : delivered[0].packets) {
    EXPECT_EQ(packet.consumer, consumer_);
    EXPECT_EQ(rtp::PacketView::parse(packet.bytes)->payload_type().value, kRouterOpus);
  }
  EXPECT_TRUE(plain.world.queue().empty());
  EXPECT_THAT(plain.world.stray, IsEmpty());
}

TEST_F(DirectOnLoop, ASlowApplicationLosesPacketsInsteadOfFillingTheMemory) {
  inject(1);
  plain.world.settle();
  take_delivered();
  for (uint16_t i = 2; i < 5000; ++i) {
    inject(i);
    plain.world.settle();
  }
  EXPECT_THAT(take_delivered(), IsEmpty()) << "the first delivery was not taken yet";
  taken();
  plain.world.settle();
  const auto delivered = take_delivered();
  ASSERT_THAT(delivered, SizeIs(1));
  EXPECT_THAT(delivered[0].packets, SizeIs(2048));
}

TEST_F(DirectOnLoop, NoiseOfTheApplicationChangesNothing) {
  uint32_t state = 1;
  for (int i = 0; i < 5000; ++i) {
    Buffer noise(static_cast<size_t>(i) % 300);
    for (uint8_t& byte : noise) {
      state = state * 1664525 + 1013904223;
      byte = static_cast<uint8_t>(state >> 24);
    }
    if (!noise.empty()) {
      noise[0] = static_cast<uint8_t>(0x80 | (noise[0] & 0x3f));
    }
    inject(noise);
  }
  plain.world.settle();
  EXPECT_THAT(take_delivered(), IsEmpty());
  EXPECT_EQ(plain.world.slab().in_use(), 0u);
}

TEST_F(DirectOnLoop, ClosingWithPacketsOnTheirWay) {
  inject(1);
  plain.world.command(0, [&](MediaLoop& loop) { loop.remove_transport(to_); });
  plain.world.settle();
  EXPECT_THAT(take_delivered(), IsEmpty());
  inject(2);
  plain.world.settle();
  EXPECT_EQ(plain.world.slab().in_use(), 0u);
}

class DirectRows : public ObjectModel {
 protected:
  DirectRows() : direct(router->create_direct_transport().value()) {}

  std::shared_ptr<Producer> produce_directly() {
    return try_produce(*direct, kAudioProducer).value();
  }
  std::shared_ptr<Consumer> consume_directly(const Producer& producer) {
    ConsumeOptions options;
    options.producer_id = producer.id();
    options.rtp_capabilities = capabilities();
    return direct->consume(options).value();
  }
  /// RTP for produce_directly(), of `size` bytes in all.
  static Buffer packet(uint16_t sequence, size_t size = 40) {
    sluice::test::RtpFields fields;
    fields.ssrc = 11111111;
    fields.payload_type = 111;
    fields.sequence_number = sequence;
    fields.timestamp = 960u * sequence;
    fields.payload = Buffer(size - 12, 0x78);
    return sluice::test::make_rtp(fields);
  }

  std::shared_ptr<DirectTransport> direct;
};

TEST_F(DirectRows, Ortc79AFreshOne) {  // ORTC-79
  EXPECT_EQ(direct->type(), TransportType::kDirect);
  EXPECT_EQ(outcome(direct->connect()), "ok");
  const auto shown = dump(*direct).value();
  EXPECT_EQ(shown.at("id"), as_json(direct->id()));
  for (const char* list : {"producerIds", "consumerIds", "dataProducerIds", "dataConsumerIds",
                           "mapSsrcConsumerId", "mapRtxSsrcConsumerId", "traceEventTypes"}) {
    EXPECT_EQ(shown.at(list), json("[]")) << list;
  }
  EXPECT_TRUE(shown.at("rtpListener").is_object());
  EXPECT_FALSE(shown.contains("tuple"));
  const auto stats = to_json(transport_stats(*direct).value());
  EXPECT_EQ(stats.at("type"), as_json("direct-transport"));
  EXPECT_FALSE(stats.contains("tuple"));
  for (const char* counter : {"bytesReceived", "bytesSent", "rtpBytesReceived", "rtpBytesSent",
                              "rtxBytesReceived", "rtxBytesSent", "probationBytesSent"}) {
    EXPECT_EQ(stats.at(counter).to_number<int>(), 0) << counter;
  }
}

TEST_F(DirectRows, Ortc81NoBitRateLimits) {  // ORTC-81
  EXPECT_EQ(outcome(direct->set_max_incoming_bitrate(BitRate{100000})), "UnsupportedError");
  EXPECT_EQ(outcome(direct->set_max_outgoing_bitrate(BitRate{100000})), "UnsupportedError");
  EXPECT_EQ(outcome(direct->set_min_outgoing_bitrate(BitRate{100000})), "UnsupportedError");
}

TEST_F(DirectRows, RtpOfTheApplicationReachesConsumers) {
  const auto producer = produce_directly();
  const auto consumer = consume_directly(*producer);
  std::vector<Buffer> received;
  consumer->on_rtp.connect([&](Bytes bytes) { received.emplace_back(bytes.begin(), bytes.end()); });
  for (uint16_t i = 1; i <= 50; ++i) {
    ASSERT_TRUE(producer->send(packet(i)));
  }
  ASSERT_TRUE(world.run_until([&] { return received.size() == 50; }));
  const auto first = rtp::PacketView::parse(received[0]).value();
  EXPECT_EQ(first.ssrc(), *consumer->rtp_parameters().encodings[0].ssrc);
  EXPECT_EQ(first.payload_type().value, 100);
  EXPECT_EQ(first.payload().size(), 28u);
  const auto stats = stream_stats(*producer).value();
  ASSERT_THAT(stats, SizeIs(1));
  EXPECT_EQ(stats[0].packet_count, 50u);
}

TEST_F(DirectRows, NoRateIsEstimated) {
  const auto consumer = consume_directly(*try_produce(*direct, kVideoStream).value());
  EXPECT_FALSE(consumer->rtp_parameters().codecs[0].rtcp_feedback.empty());
  EXPECT_FALSE(to_json(transport_stats(*direct).value()).contains("availableOutgoingBitrate"));
}

TEST_F(DirectRows, Trn08OversizedRtpIsDropped) {  // TRN-08
  const auto producer = produce_directly();
  EXPECT_EQ(outcome(producer->send(packet(1, 1601))), "ok");
  EXPECT_EQ(outcome(producer->send(packet(2, 1600))), "ok");
  const auto stats = stream_stats(*producer).value();
  ASSERT_THAT(stats, SizeIs(1));
  EXPECT_EQ(stats[0].packet_count, 1u);
  EXPECT_EQ(outcome(direct->send_rtcp(Buffer(1601, 0x80))), "ok");
  EXPECT_EQ(transport_stats(*direct)->bytes_received, 1600u);
}

TEST_F(DirectRows, OnlyDirectProducersTakeRtp) {
  const auto producer = produce();
  EXPECT_EQ(outcome(producer->send(packet(1))), "TypeError");
  const auto own = produce_directly();
  own->close();
  EXPECT_EQ(outcome(own->send(packet(1))), "Error");
}

/// What a consumer elsewhere needs is asked of the application, and what the application asks of a
/// producer elsewhere gets there.
TEST_F(DirectRows, RtcpComesAndGoes) {
  const auto video = try_produce(*direct, kVideoStream).value();
  std::vector<Buffer> rtcp;
  direct->on_rtcp.connect([&](Bytes bytes) { rtcp.emplace_back(bytes.begin(), bytes.end()); });
  sluice::test::RtpFields fields;
  fields.ssrc = 22222222;
  fields.payload_type = 112;
  fields.payload = Buffer(20, 0x41);
  ASSERT_TRUE(video->send(sluice::test::make_rtp(fields)));
  ASSERT_TRUE(world.run_until([&] { return !rtcp.empty(); })) << "a request for a key frame";
  EXPECT_EQ(rtcp[0][1], 206);

  const auto consumer = consume_directly(*produce());
  const uint32_t ssrc = consumer->rtp_parameters().encodings[0].ssrc->value;
  Buffer nack{0x81, 205, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0};
  store_be32(&nack[8], ssrc);
  ASSERT_TRUE(direct->send_rtcp(nack));
  const auto stats = stream_stats(*consumer).value();
  EXPECT_EQ(stats[0].nack_count, 1u);
}

TEST_F(DirectRows, Ortc84AClosedOneRefusesEverything) {  // ORTC-84
  Journal journal;
  journal.watch(*direct);
  const auto producer = produce_directly();
  journal.watch(*producer);
  direct->close();
  EXPECT_THAT(journal.take(),
              ElementsAre("producer transportclose", "producer close", "transport close"));
  EXPECT_EQ(outcome(direct->connect()), "Error");
  EXPECT_EQ(outcome(direct->send_rtcp(Buffer(8, 0x80))), "Error");
  EXPECT_EQ(outcome(direct->set_max_incoming_bitrate(BitRate{0})), "Error");
  EXPECT_EQ(outcome(dump(*direct)), "Error");
  EXPECT_EQ(outcome(transport_stats(*direct)), "Error");
}

TEST_F(DirectRows, Ortc84ClosingTheRouterClosesIt) {  // ORTC-84
  Journal journal;
  journal.watch(*direct);
  router->close();
  EXPECT_THAT(journal.take(), ElementsAre("transport routerclose", "transport close"));
}

TEST_F(DirectRows, Ortc84ClosingTheEngineClosesIt) {  // ORTC-84
  Journal journal;
  journal.watch(*direct);
  world.engine().close();
  EXPECT_THAT(journal.take(), ElementsAre("transport routerclose", "transport close"));
  EXPECT_EQ(outcome(direct->send_rtcp(Buffer(8, 0x80))), "InvalidStateError");
}

TEST_F(DirectRows, AListenerMayCloseTheTransport) {
  const auto producer = produce_directly();
  const auto consumer = consume_directly(*producer);
  int heard = 0;
  consumer->on_rtp.connect([&](Bytes) {
    ++heard;
    direct->close();
  });
  for (uint16_t i = 1; i <= 5; ++i) {
    ASSERT_TRUE(producer->send(packet(i)));
  }
  ASSERT_TRUE(world.run_until([&] { return direct->closed(); }));
  transport_stats(*transport).value();
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace sluice::media::test
