// The sender's side as a whole: modes, limits, events, timers, padding, hostile feedback
// (media-plane 8.2 to 8.7).
#include "protocol/bwe/send_side_controller.h"

#include <gtest/gtest.h>

#include "support.h"

namespace sluice::bwe::test {
namespace {

using Fall = RateLimits::Fall;

/// A transport over a link of 50 ms each way that loses and delays nothing.
class SendSideControllerTest : public testing::Test {
 protected:
  explicit SendSideControllerTest(RateFeedback feedback = RateFeedback::kTransportCc)
      : controller_({.feedback = feedback, .packet_overhead = 44}) {}

  void send(size_t size, std::optional<PaddingPacket> padding = std::nullopt) {
    controller_.on_packet_sent(SeqNum(next_), size, padding, now_);
    arrivals_.push_back({next_, now_ + ms(50)});
    ++next_;
  }
  /// Reports all that has arrived.
  void feed_back() {
    if (!arrivals_.empty()) {
      const FeedbackPacket packet(arrivals_.front().seq, arrivals_);
      controller_.on_transport_feedback(packet.parsed(), now_);
      arrivals_.clear();
    }
  }
  /// Sends media at `rate` until `end`, in packets every 10 ms, with feedback every 100 ms.
  void run(BitRate rate, Micros end) {
    for (; now_ < end; now_ += ms(1)) {
      if (now_ % ms(100) == Micros(0)) {
        feed_back();
      }
      if (now_ % ms(10) == Micros(0) && rate.value > 0) {
        send(bytes_in(rate, ms(10)) - 44);
      }
      if (const auto due = controller_.next_timeout(); due && *due <= now_) {
        controller_.on_timeout(now_);
      }
      while (const auto padding = controller_.poll_padding(now_)) {
        padding_bytes_ += padding->size;
        send(padding->size, padding);
      }
      if (controller_.poll_available()) {
        ++events_;
      }
    }
  }
  /// One receiver report about a stream of 100 packets since the last one.
  void report(int32_t newly_lost) {
    highest_ += 100;
    lost_ += newly_lost;
    controller_.on_receiver_report(
        {.ssrc = Ssrc(1), .cumulative_lost = lost_, .extended_highest = highest_}, ms(100), now_);
  }

  SendSideController controller_;
  Micros now_{0};
  uint16_t next_ = 65'000;
  std::vector<FeedbackPacket::Arrival> arrivals_;
  size_t padding_bytes_ = 0;
  int events_ = 0;
  uint32_t highest_ = 0;
  int32_t lost_ = 0;
};

class RembModeTest : public SendSideControllerTest {
 protected:
  RembModeTest() : SendSideControllerTest(RateFeedback::kRemb) {}
};

TEST_F(SendSideControllerTest, IdleUntilStarted) {
  EXPECT_EQ(controller_.available(), kilobits(600));
  EXPECT_FALSE(controller_.next_timeout());
  send(1000);
  feed_back();
  controller_.on_remb(kilobits(100), now_);
  controller_.on_timeout(now_);
  EXPECT_FALSE(controller_.poll_padding(now_));
  EXPECT_FALSE(controller_.poll_available());
  EXPECT_EQ(controller_.bytes_in_flight(), 0);
  EXPECT_EQ(controller_.available(), kilobits(600));
}

TEST_F(SendSideControllerTest, GrowsToWhatIsWanted) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  run(kilobits(600), seconds(3));
  EXPECT_GT(controller_.available(), kilobits(1900));
  EXPECT_LE(controller_.available(), kilobits(2700));
  run(kilobits(1900), seconds(10));
  EXPECT_EQ(controller_.available(), kilobits(2700));
  EXPECT_EQ(controller_.loss(), 0);
}

TEST_F(SendSideControllerTest, RoundTripTimeAndInFlight) {
  controller_.start(now_);
  run(kilobits(600), seconds(2));
  // 50 ms there; feedback comes at once, but only when a packet was received: up to 100 ms later.
  ASSERT_TRUE(controller_.rtt());
  EXPECT_NEAR(to_ms(*controller_.rtt()), 10, 1);
  EXPECT_EQ(controller_.propagation_rtt(now_), ms(10));
  // What was sent since the last feedback, at 1.9 s.
  EXPECT_EQ(controller_.bytes_in_flight(), 10 * bytes_in(kilobits(600), ms(10)));
  EXPECT_NEAR(to_kbps(controller_.acked_rate().value()), 600, 30);
}

TEST_F(SendSideControllerTest, ProbesWhenMoreIsWanted) {
  controller_.start(now_);
  run(kilobits(100), seconds(1));
  EXPECT_EQ(padding_bytes_, 0);  // no use in more than is available from the start
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  run(kilobits(100), ms(1500));
  EXPECT_GT(padding_bytes_, 3000);
  EXPECT_GT(controller_.available(), kilobits(1900));
}

TEST_F(SendSideControllerTest, LimitsApplyAtOnce) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  run(kilobits(600), seconds(3));
  EXPECT_TRUE(controller_.set_max(kilobits(400), now_));
  EXPECT_EQ(controller_.available(), kilobits(400));
  EXPECT_FALSE(controller_.set_max(BitRate(20'000), now_));
  EXPECT_EQ(controller_.available(), kilobits(400));
  EXPECT_TRUE(controller_.set_max(BitRate(0), now_));
  run(kilobits(390), seconds(4));
  EXPECT_GT(controller_.available(), kilobits(1900));
  EXPECT_TRUE(controller_.set_min(kilobits(2690), now_));
  EXPECT_EQ(controller_.available(), kilobits(2690));
}

TEST_F(SendSideControllerTest, LimitsApplyBeforeTheStartToo) {
  EXPECT_TRUE(controller_.set_max(kilobits(200), now_));
  EXPECT_EQ(controller_.available(), kilobits(200));
}

TEST_F(SendSideControllerTest, Bwe10WhatIsPausedIsNotWanted) {  // BWE-10
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  run(kilobits(1900), seconds(5));
  controller_.set_desired(BitRate(0), Fall::kAtOnce, now_);
  EXPECT_EQ(controller_.limits().desired(), BitRate(0));
  EXPECT_EQ(controller_.limits().max(), kilobits(600));
  EXPECT_EQ(controller_.available(), kilobits(600));
}

TEST_F(SendSideControllerTest, WhatWasAvailableBeforeAPauseIsProbedFor) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  run(kilobits(1900), seconds(5));
  controller_.set_desired(BitRate(0), Fall::kAtOnce, now_);
  run(BitRate(0), seconds(60));
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  EXPECT_LT(controller_.available(), kilobits(650));  // 8 % above the maximum of the pause
  run(kilobits(500), now_ + ms(300));
  EXPECT_GT(controller_.available(), kilobits(1900));
}

TEST_F(SendSideControllerTest, FirstUpdateIsToldThenOneEachSecond) {
  controller_.start(now_);
  EXPECT_FALSE(controller_.poll_available());
  run(kilobits(500), ms(100));
  EXPECT_EQ(events_, 0);
  run(kilobits(500), ms(150));
  EXPECT_EQ(events_, 1);
  run(kilobits(500), ms(5150));
  EXPECT_EQ(events_, 6);
  controller_.on_distributed(now_);
  run(kilobits(500), now_ + ms(999));
  EXPECT_EQ(events_, 6);
}

TEST_F(SendSideControllerTest, TimerRestsWhenThereIsNothingToDo) {
  controller_.start(now_);
  run(kilobits(500), seconds(2));
  EXPECT_TRUE(controller_.next_timeout());
  run(BitRate(0), seconds(8));
  EXPECT_FALSE(controller_.next_timeout());
  send(1000);
  EXPECT_EQ(controller_.next_timeout(), now_ + SendSideController::kProcessInterval);
}

TEST_F(SendSideControllerTest, TimerGoesOnWhileSomethingIsWanted) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  run(BitRate(0), seconds(10));
  EXPECT_TRUE(controller_.next_timeout());
  // Although nothing is sent but probes, the rate is found.
  EXPECT_GT(controller_.available(), kilobits(1900));
}

TEST_F(SendSideControllerTest, RestartBeginsWhereItWas) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  run(kilobits(1900), seconds(5));
  const BitRate before = controller_.available();
  ASSERT_GT(before, kilobits(1900));
  controller_.stop();
  EXPECT_FALSE(controller_.next_timeout());
  EXPECT_EQ(controller_.bytes_in_flight(), 0);
  EXPECT_EQ(controller_.available(), before);
  arrivals_.clear();
  now_ += seconds(20);
  controller_.start(now_);
  run(kilobits(1900), now_ + seconds(5));
  EXPECT_GE(controller_.available(), before);
}

TEST_F(SendSideControllerTest, RembIsALimitInThisModeToo) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  run(kilobits(1900), seconds(5));
  controller_.on_remb(kilobits(300), now_);
  EXPECT_EQ(controller_.available(), kilobits(300));
  controller_.on_remb(BitRate(0), now_ + seconds(1));
  EXPECT_GT(controller_.available(), kilobits(1900));
}

TEST_F(SendSideControllerTest, ReportsOfLossAreNotCountedTwice) {
  controller_.start(now_);
  run(kilobits(500), seconds(5));
  const BitRate before = controller_.available();
  for (int i = 0; i < 10; ++i) {
    now_ += seconds(1);
    report(90);
  }
  EXPECT_EQ(controller_.available(), before);
}

TEST_F(SendSideControllerTest, HostileFeedbackDoesNotLeaveTheLimits) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  for (int i = 0; i < 3000; ++i) {
    now_ += ms(10);
    send(1000);
    // Everything arrives at once, before it was sent, or centuries later.
    const auto base = static_cast<uint16_t>(next_ - 1);
    const auto reference =
        static_cast<int32_t>(i % 3 == 0 ? 0 : int64_t{i} * 7'919'777 % (1 << 23));
    const FeedbackPacket packet(base, 1, reference, {0x2001}, {0});
    controller_.on_transport_feedback(packet.parsed(), now_);
    controller_.on_timeout(now_);
    ASSERT_GE(controller_.available(), kLowestRate);
    ASSERT_LE(controller_.available(), kilobits(2700));
  }
}

TEST_F(SendSideControllerTest, FeedbackOfAThousandPackets) {
  controller_.set_desired(kilobits(8000), Fall::kSlow, now_);
  controller_.start(now_);
  for (int i = 0; i < 1000; ++i) {
    now_ += ms(1);
    send(956);
  }
  now_ += ms(100);
  feed_back();
  EXPECT_EQ(controller_.bytes_in_flight(), 0);
  EXPECT_NEAR(to_kbps(controller_.acked_rate().value()), 8000, 400);
  EXPECT_EQ(controller_.loss(), 0);
}

// --- REMB ----------------------------------------------------------------------------------------

TEST_F(RembModeTest, Bwe09RembLimitsTheAvailableRate) {  // BWE-09
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  for (int i = 0; i < 20; ++i) {
    now_ += seconds(1);
    controller_.on_remb(kilobits(300), now_);
    report(0);
    EXPECT_LE(controller_.available(), kilobits(300));
  }
  EXPECT_EQ(controller_.available(), kilobits(300));
}

TEST_F(RembModeTest, FollowsRembUpWithoutLoss) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  for (int i = 0; i < 30; ++i) {
    now_ += seconds(1);
    controller_.on_remb(kilobits(1500), now_);
    report(0);
    run(kilobits(500), now_ + ms(900));
  }
  EXPECT_EQ(controller_.available(), kilobits(1500));
  EXPECT_EQ(controller_.rtt(), ms(100));
}

TEST_F(RembModeTest, LossCutsTheRate) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  for (int i = 0; i < 10; ++i) {
    now_ += seconds(1);
    controller_.on_remb(kilobits(600), now_);
    report(30);
  }
  EXPECT_LT(controller_.available(), kilobits(250));
  EXPECT_DOUBLE_EQ(controller_.loss(), 0.3);
}

TEST_F(RembModeTest, TransportFeedbackIsNotListenedTo) {
  controller_.start(now_);
  run(kilobits(500), seconds(2));
  EXPECT_FALSE(controller_.acked_rate());
  EXPECT_FALSE(controller_.rtt());
}

TEST_F(RembModeTest, PadsWhileMoreIsWantedAndTheReceiverListens) {
  controller_.set_desired(kilobits(2000), Fall::kSlow, now_);
  controller_.start(now_);
  run(kilobits(150), ms(200));
  const size_t probes = padding_bytes_;
  EXPECT_GT(probes, 0);  // for the receiver's estimator, which looks for them at the start
  run(kilobits(150), seconds(2));
  EXPECT_EQ(padding_bytes_, probes);
  for (int i = 0; i < 10; ++i) {
    controller_.on_remb(kilobits(400), now_);
    run(kilobits(150), now_ + seconds(1));
  }
  const double filled = to_kbps(rate_of(padding_bytes_ - probes, seconds(10)));
  EXPECT_NEAR(filled, 250, 20);
  // Nothing more is wanted.
  const size_t before = padding_bytes_;
  controller_.set_desired(kilobits(150), Fall::kAtOnce, now_);
  controller_.on_remb(kilobits(400), now_);
  run(kilobits(150), now_ + seconds(3));
  EXPECT_EQ(padding_bytes_, before);
}

}  // namespace
}  // namespace sluice::bwe::test
