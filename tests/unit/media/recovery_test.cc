// Loss recovery from end to end in virtual time, over seeded links (media-plane 6.8, 6.13).

#include <gtest/gtest.h>

#include <map>

#include "protocol/ice/demux.h"
#include "recovery_world.h"

namespace sluice::media::test {
namespace {

constexpr Micros kInTime = 500ms;

/// The parameter is the loop of the receivers; the sender is on loop 0.
class Recovery : public ::testing::TestWithParam<unsigned> {
 protected:
  Recovery() : call(GetParam() + 1) {}

  /// Lets the call begin, measures what is sent in `duration`, and waits for what is on its way.
  void run(Micros duration) {
    call.run(3s);
    from = call.world.now();
    call.run(duration);
    to = call.world.now();
    call.run(2s);
  }

  [[nodiscard]] Delivery video(const RecoveryWorld::Receiver& receiver) const {
    return delivery(*call.video, *receiver.video, from, to, kInTime);
  }
  [[nodiscard]] Delivery audio(const RecoveryWorld::Receiver& receiver) const {
    return delivery(*call.audio, *receiver.audio, from, to, kInTime);
  }

  RecoveryWorld call;
  Micros from{0}, to{0};
};

TEST_P(Recovery, FivePercentLossOnAllLinksIsRepairedWithinHalfASecond) {
  const auto receiver = call.add_receiver(GetParam());
  call.set_links(*call.sender, wide_area(0.05), wide_area(0.05));
  call.set_links(*receiver.endpoint, wide_area(0.05), wide_area(0.05));
  run(60s);
  const Delivery video = this->video(receiver);
  EXPECT_GT(video.sent, 9000u);
  EXPECT_GE(video.share_in_time(), 0.995);
  const Delivery audio = this->audio(receiver);
  EXPECT_EQ(audio.sent, 3000u);
  EXPECT_GE(audio.share_in_time(), 0.995);
  EXPECT_EQ(receiver.video->counters().duplicates, 0u);
  EXPECT_EQ(receiver.audio->counters().duplicates, 0u);
  // Each loss costs hardly more than one retransmission, on the link where it happened.
  EXPECT_LE(call.video->counters().retransmitted, 9000u * 7 / 100);
  EXPECT_LE(receiver.video->counters().useless_rtx, receiver.video->counters().rtx / 10);
}

TEST_P(Recovery, LossOnTheUplinkIsRepairedBeforeItGoesOut) {
  const auto one = call.add_receiver(GetParam());
  const auto two = call.add_receiver(GetParam());
  call.set_links(*call.sender, wide_area(0.05), wide_area());
  call.set_links(*one.endpoint, wide_area(), wide_area());
  call.set_links(*two.endpoint, wide_area(), wide_area());
  run(20s);
  for (const auto& receiver : {one, two}) {
    EXPECT_GE(video(receiver).share_in_time(), 0.999);
    EXPECT_EQ(video(receiver).lost, 0u);
    EXPECT_EQ(audio(receiver).lost, 0u);
    EXPECT_EQ(receiver.video->counters().duplicates, 0u);
  }
  // One request to the sender serves both receivers.
  EXPECT_LE(call.video->counters().retransmitted, 3000u * 7 / 100);
}

TEST_P(Recovery, LossOnOneDownlinkIsNoConcernOfOthers) {
  const auto bad = call.add_receiver(GetParam());
  const auto good = call.add_receiver(GetParam());
  call.set_links(*call.sender, wide_area(), wide_area());
  call.set_links(*bad.endpoint, wide_area(), wide_area(0.1));
  call.set_links(*good.endpoint, wide_area(), wide_area());
  run(20s);
  EXPECT_GE(video(bad).share_in_time(), 0.995);
  EXPECT_EQ(video(bad).lost, 0u);
  EXPECT_EQ(video(good).in_time, video(good).sent);
  EXPECT_EQ(good.video->counters().rtx, 0u);
  EXPECT_EQ(call.video->counters().nacked, 0u);
  EXPECT_EQ(call.video->counters().key_frame_requests, 1u);
}

TEST_P(Recovery, BurstsOfLossAreRepaired) {
  const auto receiver = call.add_receiver(GetParam());
  // 3 % in bursts of eight packets on average.
  const net::Impairments stormy{.bursts = {.enter = 0.004, .leave = 0.125}, .delay = 50ms};
  call.set_links(*call.sender, stormy, wide_area(0.01));
  call.set_links(*receiver.endpoint, wide_area(0.01), stormy);
  run(60s);
  EXPECT_GE(video(receiver).share_in_time(), 0.995);
  EXPECT_GE(audio(receiver).share_in_time(), 0.99);
  EXPECT_EQ(receiver.video->counters().duplicates, 0u);
}

TEST_P(Recovery, ReorderingCostsNextToNothing) {
  const auto receiver = call.add_receiver(GetParam());
  const net::Impairments wifi{.reorder = 0.05, .delay = 20ms, .jitter = 3ms, .reorder_hold = 12ms};
  call.set_links(*call.sender, wifi, wifi);
  call.set_links(*receiver.endpoint, wifi, wifi);
  run(30s);
  EXPECT_EQ(video(receiver).lost, 0u);
  EXPECT_EQ(video(receiver).in_time, video(receiver).sent);
  EXPECT_EQ(receiver.video->counters().duplicates, 0u);
  EXPECT_GE(call.sender->connection().uplink->counters().reordered, 250u);
  EXPECT_LE(call.video->counters().nacked, 20u) << "requests of packets that were only late";
}

TEST_P(Recovery, DuplicatedPacketsAreForwardedOnce) {
  const auto receiver = call.add_receiver(GetParam());
  const net::Impairments twice{
      .loss = 0.03, .duplicate = 0.2, .reorder = 0.05, .delay = 30ms, .reorder_hold = 80ms};
  call.set_links(*call.sender, twice, twice);
  call.set_links(*receiver.endpoint, wide_area(), wide_area());
  run(20s);
  EXPECT_EQ(video(receiver).lost, 0u);
  EXPECT_EQ(receiver.video->counters().duplicates, 0u);
  EXPECT_EQ(receiver.audio->counters().duplicates, 0u);
}

TEST_P(Recovery, Srt08AudioWithoutRtxIsRepairedWithTheSameBytes) {  // SRT-08
  const auto receiver = call.add_receiver(GetParam());
  ASSERT_EQ(receiver.endpoint->connection().peer->profile(), srtp::Profile::kAeadAes128Gcm);
  call.set_links(*call.sender, wide_area(), wide_area());
  call.set_links(*receiver.endpoint, wide_area(), wide_area(0.1));
  std::map<std::pair<uint32_t, uint16_t>, Buffer> first;
  size_t repeated = 0;
  size_t different = 0;
  call.world.passes = [&](const LoopWorld::Connection& at, Bytes packet, bool to_server) {
    if (!to_server && &at == &receiver.endpoint->connection() &&
        ice::classify(packet) == ice::PacketClass::kRtp) {
      const std::pair key{load_be32(&packet[8]), load_be16(&packet[2])};
      const auto [entry, is_new] = first.try_emplace(key, packet.begin(), packet.end());
      repeated += is_new ? 0 : 1;
      different += std::ranges::equal(entry->second, packet) ? 0 : 1;
    }
    return true;
  };
  run(20s);
  EXPECT_GE(repeated, 80u);
  EXPECT_EQ(different, 0u) << "a nonce was used twice";
  EXPECT_GE(audio(receiver).share_in_time(), 0.995);
}

TEST_P(Recovery, TheFirstKeyFrameIsRepairedOnAFreshConnection) {
  const auto receiver = call.add_receiver(GetParam());
  call.set_links(*call.sender, wide_area(), wide_area());
  call.set_links(*receiver.endpoint, wide_area(), wide_area());
  // Of its nineteen packets every third is lost on its first way to the receiver.
  std::map<uint16_t, int> seen;
  call.world.passes = [&](const LoopWorld::Connection& at, Bytes packet, bool to_server) {
    if (to_server || &at != &receiver.endpoint->connection() ||
        ice::classify(packet) != ice::PacketClass::kRtp || packet.size() < 1000) {
      return true;
    }
    const bool first_time = seen[load_be16(&packet[2])]++ == 0;
    return !(first_time && seen.size() < 20 && seen.size() % 3 == 2);
  };
  call.run(1500ms);
  ASSERT_FALSE(receiver.video->arrivals().empty());
  const Micros key_frame = call.video->sent()[receiver.video->arrivals().begin()->first];
  const Delivery delivered =
      delivery(*call.video, *receiver.video, key_frame, key_frame + 500ms, kInTime);
  EXPECT_GE(delivered.sent, 80u);
  EXPECT_EQ(delivered.in_time, delivered.sent);
  EXPECT_GE(receiver.video->counters().rtx, 6u);
}

TEST_P(Recovery, RetransmissionsTakeAQuarterOfTheRateAtMost) {
  const auto receiver = call.add_receiver(GetParam());
  call.video->set_frame_size(10'000);
  call.set_links(*call.sender, wide_area(), wide_area());
  // 2.4 Mbit/s of video meet 1.2 Mbit/s.
  call.set_links(*receiver.endpoint, wide_area(),
                 {.delay = 50ms, .bandwidth = BitRate{1'200'000}, .queue_bytes = 30'000});
  call.run(2s);
  const TransportStats before =
      call.world.loop(GetParam()).transport_stats(receiver.endpoint->transport());
  call.run(20s);
  const TransportStats after =
      call.world.loop(GetParam()).transport_stats(receiver.endpoint->transport());
  const uint64_t rtp = after.rtp_bytes_sent - before.rtp_bytes_sent;
  const uint64_t rtx = after.rtx_bytes_sent - before.rtx_bytes_sent;
  EXPECT_GE(rtx, rtp / 5) << "there was enough to repair";
  EXPECT_LE(rtx, rtp * 26 / 100);
}

INSTANTIATE_TEST_SUITE_P(SameAndOtherLoop, Recovery, ::testing::Values(0U, 1U),
                         [](const auto& value) {
                           return value.param == 0 ? "SameLoop" : "OtherLoop";
                         });

}  // namespace
}  // namespace sluice::media::test
