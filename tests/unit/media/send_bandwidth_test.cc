// When a transport estimates bandwidth, what it shows of that, and what it tells its peer: limits,
// statistics, trace events, padding, REMB in both directions (ortc-model 4.5, 6.1, 7.1, 9.7;
// media-plane 8.1 to 8.3, 8.7, 8.8).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "bandwidth_world.h"
#include "protocol/rtcp/compound_parser.h"
#include "protocol/rtcp/rate_feedback.h"
#include "protocol/rtp/extension_values.h"

namespace sluice::media::test {
namespace {

using bwe::RateFeedback;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr BitRate kInitial{600'000};

class SendBandwidthTest : public ::testing::Test {
 protected:
  SendBandwidthTest() {
    sender = &world.connect();
    receiver = &world.connect();
    producer = world.next_handle();
    world.command(
        0, [&](MediaLoop& loop) { loop.add_producer(video_producer(producer, sender->handle)); });
  }

  Handle consume(std::optional<RateFeedback> feedback, uint32_t ssrc = 700000001) {
    ConsumerSetup setup = video_consumer(world.next_handle(), receiver->handle, producer, ssrc);
    setup.rate_feedback = feedback;
    world.command(0, [&](MediaLoop& loop) { loop.add_consumer(setup); });
    world.settle();
    return setup.handle;
  }
  std::optional<BitRate> available() {
    return world.loop().transport_stats(receiver->handle).available_outgoing_bitrate;
  }
  void limit(const BitrateLimits& limits) {
    world.command(0, [&](MediaLoop& loop) { loop.set_bitrate_limits(receiver->handle, limits); });
  }

  LoopWorld world;
  LoopWorld::Connection* sender = nullptr;
  LoopWorld::Connection* receiver = nullptr;
  Handle producer = 0;
};

TEST_F(SendBandwidthTest, ExistsWithTheFirstVideoConsumerThatNegotiatedFeedback) {
  EXPECT_EQ(available(), std::nullopt);
  consume(std::nullopt);
  EXPECT_EQ(available(), std::nullopt);
  const Handle with_feedback = consume(RateFeedback::kTransportCc, 700000011);
  EXPECT_EQ(available(), kInitial);
  // It stays, also without the consumer that it was made for.
  world.command(0, [&](MediaLoop& loop) { loop.remove_consumer(with_feedback); });
  world.advance(100ms);
  EXPECT_EQ(available(), kInitial);
}

TEST_F(SendBandwidthTest, AudioAloneIsNotEstimated) {
  const Handle audio = world.next_handle();
  auto setup = audio_consumer(world.next_handle(), receiver->handle, audio);
  setup.rate_feedback = RateFeedback::kTransportCc;
  world.command(0, [&](MediaLoop& loop) {
    loop.add_producer(audio_producer(audio, sender->handle));
    loop.add_consumer(setup);
  });
  EXPECT_EQ(available(), std::nullopt);
}

TEST_F(SendBandwidthTest, BeginsWhereTheTransportWasToldTo) {
  WebRtcSetup setup;
  setup.handle = world.next_handle();
  setup.credentials = ice::Credentials::generate();
  setup.initial_outgoing = BitRate{1'500'000};
  auto consumer = video_consumer(world.next_handle(), setup.handle, producer);
  consumer.rate_feedback = RateFeedback::kTransportCc;
  world.command(0, [&](MediaLoop& loop) {
    loop.add_transport(setup);
    loop.add_consumer(consumer);
  });
  EXPECT_EQ(world.loop().transport_stats(setup.handle).available_outgoing_bitrate,
            BitRate{1'500'000});
}

TEST_F(SendBandwidthTest, Bwe08LimitsHoldAtOnceAndBeforeThereIsAnEstimate) {  // BWE-08
  limit({.max_outgoing = BitRate{400'000}});
  consume(RateFeedback::kTransportCc);
  EXPECT_EQ(available(), BitRate{400'000});
  limit({.max_outgoing = BitRate{100'000}, .min_outgoing = BitRate{50'000}});
  EXPECT_EQ(available(), BitRate{100'000});
  // Below the old minimum.
  limit({.max_outgoing = BitRate{40'000}, .min_outgoing = BitRate{30'000}});
  EXPECT_EQ(available(), BitRate{40'000});
  limit({.min_outgoing = BitRate{200'000}});
  EXPECT_EQ(available(), BitRate{200'000});
}

TEST_F(SendBandwidthTest, Bwe09RembCapsWhatIsAvailable) {  // BWE-09
  consume(RateFeedback::kRemb);
  EXPECT_EQ(available(), kInitial);
  Buffer buffer(64);
  ByteWriter writer(buffer);
  rtcp::write_remb(writer, Ssrc{1}, BitRate{300'000}, {});
  receiver->peer->send_rtcp(writer.written());
  world.settle();
  ASSERT_TRUE(available());
  EXPECT_LE(available()->value, 300'000u);
  EXPECT_GE(available()->value, 290'000u);
}

/// What a sender with abs-send-time and without transport-cc is told.
class ReceiveBandwidthTest : public SendBandwidthTest {
 protected:
  ReceiveBandwidthTest() {
    ProducerSetup setup = video_producer(world.next_handle(), sender->handle);
    setup.mid = "5";
    setup.encodings = {{.ssrc = kSsrc, .rid = {}, .mapped_ssrc = 5, .payload_type = kVp8}};
    setup.extension_ids = {};
    setup.extension_ids.set(rtp::ExtensionKind::kAbsSendTime, 2);
    setup.rate_feedback = RateFeedback::kRemb;
    other = &world.connect();
    setup.transport = other->handle;
    world.command(0, [&](MediaLoop& loop) { loop.add_producer(setup); });
  }

  struct Told {
    uint64_t rate = 0;
    std::vector<uint32_t> sources;
  };
  /// 1 Mbit/s for that long.
  std::vector<Told> send_for(Micros duration) {
    other->peer->rtcp.clear();
    for (Micros passed{0}; passed < duration; passed += 8ms) {
      const uint32_t time = rtp::to_abs_send_time(world.now());
      RtpFields packet = video_packet(++sequence_, /*key_frame=*/false);
      packet.ssrc = kSsrc;
      packet.payload = vp8_payload(false, 1000);
      packet.extensions = {{2,
                            {static_cast<uint8_t>(time >> 16), static_cast<uint8_t>(time >> 8),
                             static_cast<uint8_t>(time)}}};
      other->peer->send_rtp(packet);
      world.advance(8ms);
    }
    std::vector<Told> told;
    for (const Buffer& compound : other->peer->rtcp) {
      rtcp::parse_compound(compound, rtcp::Overloaded{[&](const rtcp::Remb& remb) {
                             Told entry{.rate = remb.bitrate.value};
                             for (const auto source : remb.sources) {
                               entry.sources.push_back(source.ssrc.value);
                             }
                             told.push_back(std::move(entry));
                           }});
    }
    return told;
  }
  std::optional<BitRate> incoming() {
    return world.loop().transport_stats(other->handle).available_incoming_bitrate;
  }

  static constexpr uint32_t kSsrc = 0x5555;
  LoopWorld::Connection* other = nullptr;

 private:
  uint16_t sequence_ = 0;
};

TEST_F(ReceiveBandwidthTest, RembTellsASenderWithoutTransportCcWhatGetsThrough) {
  EXPECT_EQ(incoming(), std::nullopt);
  const auto told = send_for(4s);
  ASSERT_GE(told.size(), 3u);
  EXPECT_THAT(told.back().sources, ElementsAre(kSsrc));
  EXPECT_GT(told.back().rate, 1'000'000u);
  ASSERT_TRUE(incoming());
  EXPECT_GT(incoming()->value, 1'000'000u);
}

TEST_F(ReceiveBandwidthTest, AConfiguredLimitCapsTheEstimate) {
  world.command(0, [&](MediaLoop& loop) {
    loop.set_bitrate_limits(other->handle, {.max_incoming = BitRate{400'000}});
  });
  const auto told = send_for(4s);
  ASSERT_GE(told.size(), 2u);
  for (const Told& entry : told) {
    EXPECT_LE(entry.rate, 400'000u);
  }
}

// --- padding and traces, over a link -------------------------------------------------------------

class SendBandwidthCall : public ::testing::Test {
 protected:
  /// A call that could use more than the link has.
  SendBandwidthCall()
      : receiver(call.add_receiver({.delay = 25ms, .bandwidth = BitRate{600'000}})) {
    call.consume(receiver, call.add_video());
  }

  std::vector<TraceEvent> traces() {
    std::vector<TraceEvent> found;
    for (const LoopEvent& event : call.world.events) {
      if (event.target != receiver.endpoint->transport()) {
        continue;
      }
      const auto* group = std::get_if<TransportEvent>(&event.event);
      if (const auto* trace = group == nullptr ? nullptr : std::get_if<TraceEvent>(group)) {
        found.push_back(*trace);
      }
    }
    call.world.events.clear();
    return found;
  }
  void trace(TraceSet set) {
    call.world.command(
        0, [&](MediaLoop& loop) { loop.set_traces(receiver.endpoint->transport(), set); });
  }

  BandwidthWorld call;
  BandwidthWorld::Receiver& receiver;
};

TEST_F(SendBandwidthCall, PaddingIsCountedApartFromMedia) {
  call.run(10s);
  const TransportStats stats = call.stats(receiver);
  EXPECT_GT(receiver.padding, 0u);
  EXPECT_GT(stats.probation_bytes_sent, receiver.padding);
  EXPECT_LT(stats.probation_bytes_sent, stats.rtp_bytes_sent / 10);
  EXPECT_GE(stats.bytes_sent, stats.rtp_bytes_sent + stats.probation_bytes_sent);
  ASSERT_TRUE(stats.rtp_packet_loss_sent);
  EXPECT_LE(*stats.rtp_packet_loss_sent, 1);
  const auto json = to_json(stats);
  EXPECT_TRUE(json.contains("availableOutgoingBitrate"));
  EXPECT_FALSE(json.contains("availableIncomingBitrate"));
}

TEST_F(SendBandwidthCall, Bwe10PausingAllVideoEndsPadding) {  // BWE-10
  call.run(10s);
  call.world.command(
      0, [&](MediaLoop& loop) { loop.set_consumer_paused(receiver.consumers[0], true); });
  call.world.settle();
  const uint64_t before = call.stats(receiver).probation_bytes_sent;
  call.run(20s);
  EXPECT_EQ(call.stats(receiver).probation_bytes_sent, before);
  EXPECT_EQ(call.layer(receiver), -1);
  call.world.command(
      0, [&](MediaLoop& loop) { loop.set_consumer_paused(receiver.consumers[0], false); });
  EXPECT_LT(call.run_until([&] { return call.layer(receiver) >= 0; }, 5s), 300ms);
}

TEST_F(SendBandwidthCall, Ortc45ATransportTellsEstimatesAndPadding) {  // ORTC-45
  call.run(2s);
  EXPECT_THAT(traces(), IsEmpty());
  trace({TraceType::kBwe, TraceType::kProbation});
  call.run(5s);
  size_t padding = 0;
  std::optional<TraceEvent> bandwidth;
  for (const TraceEvent& event : traces()) {
    EXPECT_FALSE(event.incoming);
    if (event.type == TraceType::kProbation) {
      ++padding;
      EXPECT_EQ(serialize(to_json(event).at("info")), "{}");
    } else {
      bandwidth = event;
    }
  }
  EXPECT_GT(padding, 0u);
  ASSERT_TRUE(bandwidth);
  const auto info = to_json(*bandwidth).at("info").as_object();
  EXPECT_EQ(info.at("bweType").as_string(), "transport-cc");
  const auto rate = [&](const char* name) { return info.at(name).to_number<uint64_t>(); };
  EXPECT_GT(rate("desiredBitrate"), 1'500'000u);
  EXPECT_GE(rate("effectiveDesiredBitrate"), rate("desiredBitrate"));
  EXPECT_EQ(rate("minBitrate"), 30'000u);
  EXPECT_GE(rate("maxBitrate"), rate("desiredBitrate"));
  EXPECT_LE(rate("maxPaddingBitrate"), rate("maxBitrate"));
  EXPECT_LE(rate("availableBitrate"), rate("maxBitrate"));
  EXPECT_EQ(rate("startBitrate"), rate("availableBitrate"));
  trace({});
  call.run(5s);
  EXPECT_THAT(traces(), IsEmpty());
}

}  // namespace
}  // namespace sluice::media::test
