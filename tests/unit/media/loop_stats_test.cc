// What a loop counts and shows of its objects once there is traffic (ortc-model 6.1, 6.2,
// Appendix B), and the limit it sets to a sender.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "media/loop_webrtc_transport.h"
#include "one_to_one.h"
#include "protocol/rtcp/rate_feedback.h"

namespace sluice::media::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

RtpFields rtx_packet(uint16_t seq, uint16_t original) {
  RtpFields fields;
  fields.ssrc = kVideoRtxSsrc;
  fields.sequence_number = seq;
  fields.timestamp = 90000;
  fields.payload_type = kVp8Rtx;
  fields.payload = {static_cast<uint8_t>(original >> 8), static_cast<uint8_t>(original)};
  const Buffer payload = vp8_payload(false);
  fields.payload.insert(fields.payload.end(), payload.begin(), payload.end());
  return fields;
}

class LoopStats : public OneToOne, public ::testing::Test {
 protected:
  LoopStats() { connect_video(); }

  TransportStats stats(const LoopWorld::Connection& of) {
    TransportStats result;
    world.command(0, [&](MediaLoop& loop) { result = loop.transport_stats(of.handle); });
    return result;
  }
};

TEST_F(LoopStats, MediaRetransmissionsAndTheRestAreCountedApart) {
  const TransportStats before = stats(*sender);
  EXPECT_GT(before.bytes_received, 0u) << "STUN and DTLS count too";
  EXPECT_EQ(before.rtp_bytes_received, 0u);
  EXPECT_GT(before.recv_bitrate, 0u);
  send(video_packet(1, true));
  send(video_packet(3, false));
  world.advance(60ms);  // the gap is asked for
  const TransportStats media = stats(*sender);
  // 12 bytes of header, 100 of payload and 16 of the SRTP tag.
  EXPECT_EQ(media.rtp_bytes_received, 2 * 128u);
  EXPECT_EQ(media.rtx_bytes_received, 0u);
  send(rtx_packet(50, 2));
  const TransportStats repaired = stats(*sender);
  EXPECT_EQ(repaired.rtp_bytes_received, 2 * 128u);
  EXPECT_EQ(repaired.rtx_bytes_received, 130u);
  EXPECT_GT(repaired.rtx_recv_bitrate, 0u);
  EXPECT_GE(repaired.recv_bitrate, repaired.rtp_recv_bitrate + repaired.rtx_recv_bitrate);
  EXPECT_GE(repaired.bytes_received - before.bytes_received, 2 * 128u + 130u);
  EXPECT_GT(repaired.bytes_sent, before.bytes_sent) << "the NACK";

  const TransportStats out = stats(*receiver);
  EXPECT_EQ(out.rtp_bytes_sent, receiver->peer->protected_rtp[0].size() +
                                    receiver->peer->protected_rtp[1].size() +
                                    receiver->peer->protected_rtp[2].size());
  EXPECT_EQ(out.rtx_bytes_sent, 0u);
  EXPECT_GE(out.send_bitrate, out.rtp_send_bitrate);
}

TEST_F(LoopStats, InboundEntriesTellOfTheStreamsThatWereSeen) {
  send(video_packet(1, true));
  send(video_packet(3, false));
  world.advance(60ms);
  send(rtx_packet(50, 2));
  std::vector<RtpStreamStats> all;
  world.command(0, [&](MediaLoop& loop) { all = loop.producer_stats(producer); });
  ASSERT_EQ(all.size(), 1u);
  const auto object = to_json(all[0]);
  EXPECT_EQ(object.at("type"), "inbound-rtp");
  EXPECT_EQ(object.at("ssrc"), kVideoSsrc);
  EXPECT_EQ(object.at("rtxSsrc"), kVideoRtxSsrc);
  EXPECT_EQ(object.at("kind"), "video");
  EXPECT_EQ(object.at("mimeType"), "video/VP8");
  EXPECT_EQ(object.at("packetCount"), 3u) << "a recovered packet counts once";
  EXPECT_EQ(object.at("byteCount"), 3 * 112u) << "without what SRTP adds";
  EXPECT_EQ(object.at("packetsRetransmitted"), 1u);
  EXPECT_EQ(object.at("packetsRepaired"), 1u);
  EXPECT_EQ(object.at("nackCount"), 1u);
  EXPECT_EQ(object.at("nackPacketCount"), 1u);
  EXPECT_EQ(object.at("score"), 10);
  EXPECT_EQ(object.at("bitrateByLayer"), boost::json::object{}) << "there is one layer";
  EXPECT_FALSE(object.contains("rid"));
  EXPECT_FALSE(object.contains("rtxPacketsDiscarded"));
}

TEST_F(LoopStats, PacketsOfAPausedProducerStillCount) {
  world.command(0, [&](MediaLoop& loop) { loop.set_producer_paused(producer, true); });
  send(video_packet(1, true));
  std::vector<RtpStreamStats> in;
  std::vector<RtpStreamStats> out;
  world.command(0, [&](MediaLoop& loop) {
    in = loop.producer_stats(producer);
    out = loop.consumer_stats(consumer);
  });
  ASSERT_EQ(in.size(), 1u);
  EXPECT_EQ(in[0].packet_count, 1u);
  EXPECT_EQ(out[0].packet_count, 0u);
}

/// A sender of one stream with three temporal layers.
class LayerStats : public OneToOne, public ::testing::Test {
 protected:
  LayerStats() {
    ProducerSetup setup = video_producer(producer, sender->handle);
    setup.encodings.front().temporal_layers = 3;
    produce(setup);
  }

  /// Twenty-five pictures a second, of 100 bytes each, in layers 0 2 1 2.
  void send_for(Micros time) {
    constexpr std::array<uint8_t, 4> kLayers{0, 2, 1, 2};
    for (const Micros end = world.now() + time; world.now() < end; ++sequence_) {
      const uint8_t layer = kLayers[sequence_ % 4];
      RtpFields fields = video_packet(sequence_, false, 3600u * sequence_);
      fields.payload = {0x90, 0xb0, static_cast<uint8_t>(sequence_ & 0x7f),
                        static_cast<uint8_t>(layer << 6),
                        static_cast<uint8_t>(sequence_ == 0 ? 0x00 : 0x01)};
      fields.payload.resize(100);
      send(fields);
      world.advance(40ms, 40ms);
    }
  }

  std::vector<LayerBitrate> layers() {
    std::vector<RtpStreamStats> all;
    at_sender([&](MediaLoop& loop) { all = loop.producer_stats(producer); });
    return all.at(0).bitrate_by_layer;
  }

  uint16_t sequence_ = 0;
};

// Of a picture on the wire: 12 bytes of header, 100 of payload, 44 around them.
constexpr uint64_t kPictureBits = 156 * 8;

void expect_rates(const std::vector<LayerBitrate>& layers) {
  ASSERT_EQ(layers.size(), 3u);
  const uint64_t part = kPictureBits * 25 / 4;
  for (const auto& [index, parts] : {std::pair(0u, 1u), std::pair(1u, 2u), std::pair(2u, 4u)}) {
    EXPECT_EQ(layers[index].spatial, 0);
    EXPECT_EQ(layers[index].temporal, index);
    EXPECT_NEAR(static_cast<double>(layers[index].bitrate), static_cast<double>(parts * part),
                static_cast<double>(parts * part) / 10);
  }
}

TEST_F(LayerStats, RatesAreThoseUpToEachLayer) {
  send_for(4s);
  expect_rates(layers());
  std::vector<RtpStreamStats> all;
  at_sender([&](MediaLoop& loop) { all = loop.producer_stats(producer); });
  const auto shown = to_json(all.at(0)).at("bitrateByLayer").as_object();
  ASSERT_EQ(shown.size(), 3u);
  EXPECT_EQ(shown.at("0.0"), all[0].bitrate_by_layer[0].bitrate);
  EXPECT_EQ(shown.at("0.2"), all[0].bitrate_by_layer[2].bitrate);
}

TEST_F(LayerStats, RatesAreMeasuredWithAndWithoutConsumersAndWhilePaused) {
  send_for(2s);
  consume(video_consumer(consumer, receiver->handle, producer, kConsumerSsrc));
  send_for(2s);
  expect_rates(layers());
  at_sender([&](MediaLoop& loop) { loop.set_producer_paused(producer, true); });
  send_for(4s);
  expect_rates(layers());
}

TEST_F(LayerStats, ALayerWithoutPacketsTakesNothing) {
  send_for(2s);
  world.advance(5s);
  for (const LayerBitrate& layer : layers()) {
    EXPECT_EQ(layer.bitrate, 0u);
  }
}

TEST_F(LoopStats, ADumpShowsStreamsAndHowPacketsAreFound) {
  auto packet = video_packet(1, true);
  packet.extensions = {{4, {'0'}}};
  send(packet);
  world.command(0, [&](MediaLoop& loop) {
    const TransportDump transport = loop.transport_dump(sender->handle);
    EXPECT_THAT(transport.ssrcs,
                ElementsAre(Pair(Ssrc{kVideoSsrc}, producer), Pair(Ssrc{kVideoRtxSsrc}, producer)));
    EXPECT_THAT(transport.mids, ElementsAre(Pair("0", producer)));
    EXPECT_TRUE(transport.rids.empty());
    EXPECT_EQ(transport.extension_ids.id(rtp::ExtensionKind::kMid), 4);
    const auto streams = loop.producer_dump(producer);
    ASSERT_EQ(streams.size(), 1u);
    const auto object = to_json(streams[0]);
    EXPECT_EQ(object, boost::json::parse(R"({
        "params": {"encodingIdx": 0, "ssrc": 4369, "payloadType": 96, "mimeType": "video/VP8",
                   "clockRate": 90000, "cname": "sender", "useNack": true, "usePli": true,
                   "useFir": true, "useInBandFec": false, "useDtx": false, "spatialLayers": 1,
                   "temporalLayers": 1},
        "score": 10})"));
  });
  send(video_packet(3, false));
  world.advance(60ms);
  send(rtx_packet(50, 2));
  world.command(0, [&](MediaLoop& loop) {
    const auto object = to_json(loop.producer_dump(producer).at(0));
    EXPECT_EQ(object.at("params").at("rtxSsrc"), kVideoRtxSsrc);
    EXPECT_EQ(object.at("params").at("rtxPayloadType"), kVp8Rtx);
    EXPECT_EQ(object.at("rtxStream").at("params").at("mimeType"), "video/rtx");
    EXPECT_TRUE(loop.transport_dump(999).ssrcs.empty());
  });
}

TEST_F(LoopStats, ALearnedSsrcIsShownToo) {
  auto setup = audio_producer(world.next_handle(), sender->handle);
  setup.encodings[0].ssrc = 0;
  setup.extension_ids.set(rtp::ExtensionKind::kMid, 4);
  world.command(0, [&](MediaLoop& loop) { loop.add_producer(setup); });
  auto packet = audio_packet(1);
  packet.extensions = {{4, {'1'}}};
  send(packet);
  world.command(0, [&](MediaLoop& loop) {
    EXPECT_THAT(loop.transport_dump(sender->handle).ssrcs,
                testing::Contains(Pair(Ssrc{kAudioSsrc}, setup.handle)));
  });
}

TEST_F(LoopStats, Bwe04AnIncomingLimitIsToldToTheSender) {  // BWE-04
  uint16_t seq = 1;
  const auto limits_told = [&](Micros duration) {
    sender->peer->rtcp.clear();
    for (Micros passed{0}; passed < duration; passed += 20ms) {
      auto packet = video_packet(seq, seq == 1);
      packet.extensions = {{3, {static_cast<uint8_t>(seq >> 8), static_cast<uint8_t>(seq)}}};
      ++seq;
      send(packet);
      world.advance(20ms);
    }
    std::vector<uint64_t> told;
    for (const Buffer& compound : sender->peer->rtcp) {
      rtcp::parse_compound(compound, rtcp::Overloaded{[&](const rtcp::Remb& remb) {
                             told.push_back(remb.bitrate.value);
                           }});
    }
    return told;
  };
  EXPECT_THAT(limits_told(2s), ElementsAre());
  world.command(0, [&](MediaLoop& loop) {
    loop.set_bitrate_limits(sender->handle, {.max_incoming = BitRate{512'000}});
  });
  EXPECT_THAT(limits_told(4s), ElementsAre(512'000, 512'000, 512'000));
  world.command(0, [&](MediaLoop& loop) { loop.set_bitrate_limits(sender->handle, {}); });
  EXPECT_THAT(limits_told(10s), ElementsAre(0, 0, 0, 0));
}

}  // namespace
}  // namespace sluice::media::test
