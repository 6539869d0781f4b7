// Probing: when, how, and with what result; whether the sender has enough to send; padding
// (media-plane 8.5.7, 8.5.8, 7.8).
#include <gtest/gtest.h>

#include "protocol/bwe/alr_detector.h"
#include "protocol/bwe/padding_budget.h"
#include "protocol/bwe/probation_packet.h"
#include "protocol/bwe/probe_controller.h"
#include "protocol/bwe/probe_estimator.h"
#include "protocol/bwe/probe_sender.h"
#include "protocol/rtp/extension_values.h"
#include "protocol/rtp/packet_view.h"
#include "support.h"

namespace sluice::bwe::test {
namespace {

// --- when ----------------------------------------------------------------------------------------

using Rates = std::vector<BitRate>;

class ProbeControllerTest : public testing::Test {
 protected:
  ProbeControllerTest() { controller_.set_limits(kilobits(20'000), BitRate(0), Micros(0)); }

  Rates polled() {
    Rates rates;
    while (const auto rate = controller_.poll()) {
      rates.push_back(*rate);
    }
    return rates;
  }
  /// Lets time pass until `end`; returns when there were probes, and which.
  std::vector<std::pair<Micros, Rates>> run(Micros end) {
    std::vector<std::pair<Micros, Rates>> all;
    for (; now_ < end; now_ += ms(25)) {
      controller_.update(now_);
      if (auto rates = polled(); !rates.empty()) {
        all.emplace_back(now_, std::move(rates));
      }
    }
    return all;
  }
  /// Started with 500 kbit/s and done with the initial probes.
  void start() {
    controller_.start(kilobits(500), now_);
    polled();
    run(seconds(2));
  }

  ProbeController controller_;
  Micros now_{0};
};

TEST_F(ProbeControllerTest, BeginsWithThreeAndSixTimesTheStart) {
  EXPECT_TRUE(polled().empty());
  controller_.start(kilobits(500), ms(0));
  EXPECT_EQ(polled(), (Rates{kilobits(1500), kilobits(3000)}));
}

TEST_F(ProbeControllerTest, GoesOnWhileResultsAreGood) {
  controller_.start(kilobits(500), ms(0));
  polled();
  controller_.set_estimate(kilobits(2100), ms(150));
  EXPECT_EQ(polled(), Rates{});  // 0.7 * 3000 is not exceeded
  controller_.set_estimate(kilobits(2101), ms(200));
  EXPECT_EQ(polled(), Rates{BitRate(4'202'000)});
  controller_.set_estimate(kilobits(4000), ms(400));
  EXPECT_EQ(polled(), Rates{kilobits(8000)});
  // The result is waited for one second.
  run(seconds(2));
  controller_.set_estimate(kilobits(8000), seconds(2));
  EXPECT_EQ(polled(), Rates{});
}

TEST_F(ProbeControllerTest, NothingBeyondTheMaximum) {
  controller_.set_limits(kilobits(2000), BitRate(0), ms(0));
  controller_.start(kilobits(500), ms(0));
  EXPECT_EQ(polled(), (Rates{kilobits(1500), kilobits(2000)}));
  controller_.set_estimate(kilobits(2000), ms(150));
  EXPECT_EQ(polled(), Rates{});
}

TEST_F(ProbeControllerTest, NothingBeyondTwiceWhatIsWanted) {
  controller_.set_limits(kilobits(20'000), kilobits(1200), ms(0));
  controller_.start(kilobits(500), ms(0));
  EXPECT_EQ(polled(), (Rates{kilobits(1500), kilobits(2400)}));
}

TEST_F(ProbeControllerTest, FiveMegabitsWithoutAMaximum) {
  controller_.set_limits(BitRate(0), BitRate(0), ms(0));
  controller_.start(kilobits(1000), ms(0));
  EXPECT_EQ(polled(), (Rates{kilobits(3000), kilobits(5000)}));
}

TEST_F(ProbeControllerTest, NoUseInProbingForWhatIsKnown) {
  controller_.set_limits(kilobits(500), BitRate(0), ms(0));
  controller_.start(kilobits(500), ms(0));
  EXPECT_EQ(polled(), Rates{});
}

TEST_F(ProbeControllerTest, RaisedMaximumIsProbedFor) {
  controller_.set_limits(kilobits(1000), kilobits(700), ms(0));
  start();
  controller_.set_estimate(kilobits(1000), now_);
  controller_.set_limits(kilobits(2700), kilobits(2000), now_);
  EXPECT_EQ(polled(), (Rates{kilobits(2000), kilobits(2700)}));
}

TEST_F(ProbeControllerTest, RaiseWaitsForARunningProbe) {
  controller_.set_limits(kilobits(6000), BitRate(0), ms(0));
  controller_.start(kilobits(500), ms(0));
  polled();
  controller_.set_limits(kilobits(9000), kilobits(2500), ms(500));
  EXPECT_EQ(polled(), Rates{});
  now_ = ms(500);
  const auto probes = run(seconds(2));
  ASSERT_EQ(probes.size(), 1);
  EXPECT_GT(probes[0].first, seconds(1));
  EXPECT_EQ(probes[0].second, (Rates{kilobits(2500), kilobits(3000)}));  // at most 6 * 500
}

TEST_F(ProbeControllerTest, EveryFiveSecondsWhileApplicationLimited) {
  start();
  controller_.set_application_limited(seconds(2), now_);
  const auto probes = run(seconds(14));
  ASSERT_EQ(probes.size(), 2);
  EXPECT_EQ(probes[0], std::pair(seconds(7), Rates{kilobits(1000)}));
  EXPECT_EQ(probes[1], std::pair(seconds(12), Rates{kilobits(1000)}));
}

TEST_F(ProbeControllerTest, MoreOftenWhileMoreIsWanted) {
  start();
  controller_.set_limits(kilobits(20'000), kilobits(2000), now_);
  controller_.set_application_limited(seconds(2), now_);
  EXPECT_EQ(run(seconds(11)).size(), 4);
}

TEST_F(ProbeControllerTest, NotForWantsWhileTheEstimateIsUsed) {
  controller_.set_limits(kilobits(20'000), kilobits(2000), ms(0));
  start();
  controller_.set_acked(kilobits(480), now_);
  EXPECT_EQ(run(seconds(10)).size(), 0);
  controller_.set_acked(kilobits(400), now_);
  const auto probes = run(seconds(12));
  ASSERT_EQ(probes.size(), 1);
  EXPECT_EQ(probes[0].first, seconds(10) + ProbeController::kUnusedTime);
}

TEST_F(ProbeControllerTest, NotForWantsUnderLoss) {
  controller_.set_limits(kilobits(20'000), kilobits(2000), ms(0));
  start();
  controller_.set_acked(kilobits(400), now_);
  controller_.set_loss(0.2);
  EXPECT_EQ(run(seconds(10)).size(), 0);
}

TEST_F(ProbeControllerTest, QuietAfterOveruse) {
  start();
  controller_.set_application_limited(seconds(2), now_);
  run(ms(6900));
  controller_.on_overuse(ms(6900));
  const auto probes = run(seconds(12));
  ASSERT_EQ(probes.size(), 1);
  EXPECT_EQ(probes[0].first, ms(9400));
}

TEST_F(ProbeControllerTest, RecoveryAfterADrop) {
  start();
  controller_.set_application_limited(seconds(2), now_);
  controller_.set_estimate(kilobits(300), now_);  // less than 0.66 * 500
  controller_.on_recovered(now_ + seconds(1));
  EXPECT_EQ(polled(), Rates{kilobits(425)});
  // Not again within five seconds.
  controller_.set_estimate(kilobits(500), now_ + seconds(1));
  controller_.set_estimate(kilobits(300), now_ + seconds(2));
  controller_.on_recovered(now_ + seconds(3));
  EXPECT_EQ(polled(), Rates{});
}

TEST_F(ProbeControllerTest, NoRecoveryWithoutReason) {
  struct Row {
    const char* why;
    bool limited;
    BitRate drop_to;
    Micros recovered_after;
  };
  for (const Row& row : {Row{"not application limited", false, kilobits(300), seconds(1)},
                         Row{"small drop", true, kilobits(340), seconds(1)},
                         Row{"long ago", true, kilobits(300), seconds(5)}}) {
    controller_ = {};
    controller_.set_limits(kilobits(20'000), BitRate(0), Micros(0));
    now_ = Micros(0);
    start();
    controller_.set_application_limited(row.limited ? std::optional(now_) : std::nullopt, now_);
    controller_.set_estimate(row.drop_to, now_);
    controller_.on_recovered(now_ + row.recovered_after);
    EXPECT_EQ(polled(), Rates{}) << row.why;
  }
}

TEST_F(ProbeControllerTest, NothingOnceStopped) {
  start();
  controller_.stop();
  controller_.set_application_limited(seconds(2), now_);
  controller_.set_limits(kilobits(50'000), kilobits(40'000), now_);
  EXPECT_TRUE(run(seconds(20)).empty());
}

// --- sending -------------------------------------------------------------------------------------

constexpr size_t kOverhead = 44;

struct Sent {
  Micros at;
  size_t size;
};

/// Polls every `tick` until `end`.
std::vector<Sent> send(ProbeSender& sender, Micros from, Micros end, Micros tick) {
  std::vector<Sent> sent;
  for (Micros now = from; now < end; now += tick) {
    while (const auto packet = sender.poll(now)) {
      sent.push_back({now, packet->size + kOverhead});
    }
  }
  return sent;
}

TEST(ProbeSender, FivePacketsInFifteenMilliseconds) {
  ProbeSender sender(kOverhead);
  const auto cluster = sender.add(kilobits(1800), ms(0));
  ASSERT_TRUE(cluster);
  EXPECT_EQ(cluster->bytes, 3375);
  const auto sent = send(sender, ms(0), ms(100), ms(1));
  ASSERT_EQ(sent.size(), 5);
  EXPECT_EQ(sent.front().at, ms(0));
  EXPECT_EQ(sent.back().at, ms(12));
  EXPECT_FALSE(sender.next_due());
}

TEST(ProbeSender, PacketsHaveASizeWithinLimits) {
  for (const uint64_t kbps : {50, 500, 5'000, 50'000}) {
    ProbeSender sender(kOverhead);
    const auto cluster = sender.add(kilobits(kbps), ms(0));
    size_t bytes = 0;
    size_t packets = 0;
    for (const Sent& packet : send(sender, ms(0), seconds(1), ms(1))) {
      EXPECT_GE(packet.size, kMinProbeSize + kOverhead);
      EXPECT_LE(packet.size, kMaxPaddingSize + kOverhead);
      bytes += packet.size;
      ++packets;
    }
    EXPECT_GE(packets, ProbeCluster::kMinPackets);
    EXPECT_GE(bytes, cluster->bytes);
  }
}

TEST(ProbeSender, KeepsItsRateWhateverTheTimer) {
  for (const Micros tick : {us(100), ms(1), ms(2), ms(3)}) {
    ProbeSender sender(kOverhead);
    sender.add(kilobits(10'000), ms(0));
    const auto sent = send(sender, ms(0), ms(100), tick);
    size_t bytes = 0;
    for (const Sent& packet : sent) {
      bytes += packet.at == sent.back().at ? 0 : packet.size;
    }
    EXPECT_NEAR(to_kbps(rate_of(bytes, sent.back().at)), 10'000, 2'500) << tick.count();
  }
}

TEST(ProbeSender, LateTimerDoesNotMakeItFaster) {
  ProbeSender sender(kOverhead);
  sender.add(kilobits(1800), ms(0));
  EXPECT_TRUE(sender.poll(ms(0)));
  EXPECT_FALSE(sender.poll(ms(0)));
  // 37 ms late: what was due within the last 3 ms, and the others follow at their distance.
  EXPECT_TRUE(sender.poll(ms(40)));
  EXPECT_TRUE(sender.poll(ms(40)));
  EXPECT_FALSE(sender.poll(ms(40)));
  EXPECT_EQ(sender.next_due(), ms(43));
}

TEST(ProbeSender, TimesArePacketsApartOfAMillisecondAtLeast) {
  ProbeSender sender(kOverhead);
  sender.add(kilobits(100'000), ms(0));
  while (sender.poll(ms(0))) {
  }
  EXPECT_EQ(sender.next_due(), ms(1));
}

TEST(ProbeSender, MediaCountsForTheCluster) {
  ProbeSender sender(kOverhead);
  EXPECT_EQ(sender.current(), ClusterId(0));
  const auto cluster = sender.add(kilobits(1800), ms(0));
  EXPECT_EQ(sender.current(), ClusterId(0));  // not begun
  EXPECT_EQ(sender.poll(ms(0))->cluster, cluster->id);
  EXPECT_EQ(sender.current(), cluster->id);
  sender.on_media_sent(1350);
  // 2025 bytes take 9 ms.
  EXPECT_EQ(sender.next_due(), ms(9));
  sender.on_media_sent(1350);
  sender.on_media_sent(100);
  EXPECT_EQ(sender.current(), cluster->id);
  sender.on_media_sent(100);  // the fifth packet
  EXPECT_EQ(sender.current(), ClusterId(0));
  EXPECT_FALSE(sender.next_due());
}

TEST(ProbeSender, ClustersFollowEachOther) {
  ProbeSender sender(kOverhead);
  const auto first = sender.add(kilobits(1800), ms(0));
  const auto second = sender.add(kilobits(3600), ms(0));
  EXPECT_NE(first->id, second->id);
  EXPECT_EQ(send(sender, ms(0), ms(100), ms(1)).size(), 10);
}

TEST(ProbeSender, ClusterThatCannotBeSentIsGivenUp) {
  ProbeSender sender(kOverhead);
  sender.add(kilobits(1800), ms(0));
  EXPECT_FALSE(sender.poll(ms(5001)));
  EXPECT_FALSE(sender.next_due());
}

TEST(ProbeSender, FewClustersWait) {
  ProbeSender sender(kOverhead);
  for (size_t i = 0; i < ProbeSender::kMaxClusters; ++i) {
    EXPECT_TRUE(sender.add(kilobits(1800), ms(0)));
  }
  EXPECT_FALSE(sender.add(kilobits(1800), ms(0)));
}

TEST(ProbeSender, NumbersOfClustersAreNeverZero) {
  ProbeSender sender(kOverhead);
  for (int i = 0; i < 600; ++i) {
    EXPECT_NE(sender.add(kilobits(1800), seconds(10 * i))->id, ClusterId(0));
    EXPECT_FALSE(sender.poll(seconds(10 * i + 6)));  // given up
  }
}

// --- result --------------------------------------------------------------------------------------

/// Sends five packets of 500 bytes `sent_gap` apart, which arrive `arrival_gap` apart.
std::optional<BitRate> measure(Micros sent_gap, Micros arrival_gap, int received = 5) {
  ProbeEstimator estimator;
  estimator.expect({.id = ClusterId(1), .rate = kilobits(1333), .bytes = 2500});
  std::optional<BitRate> result;
  for (int i = 0; i < received; ++i) {
    result = estimator.on_packet({.sent = i * sent_gap,
                                  .arrival = seconds(9) + i * arrival_gap,
                                  .size = 500,
                                  .cluster = ClusterId(1)});
  }
  return result;
}

TEST(ProbeEstimator, RatesOfBothEnds) {
  struct Row {
    Micros sent_gap;
    Micros arrival_gap;
    std::optional<BitRate> expected;
  };
  for (const Row& row : {
           Row{ms(2), ms(2), kilobits(2000)},
           Row{us(2000), us(2200), BitRate(1'818'181)},            // 0.91: the lower of both
           Row{us(2000), us(4000), scaled(kilobits(1000), 0.95)},  // the link is full
           Row{us(4000), us(2000), kilobits(1000)},                // not faster than it was sent
           Row{us(4000), us(1999), std::nullopt},                  // more than twice as fast
           Row{us(2000), us(0), std::nullopt},                     // no interval
           Row{us(0), us(2000), std::nullopt},
           Row{ms(2), ms(251), std::nullopt},  // over a second
           Row{ms(251), ms(251), std::nullopt},
       }) {
    EXPECT_EQ(measure(row.sent_gap, row.arrival_gap), row.expected)
        << row.sent_gap.count() << " " << row.arrival_gap.count();
  }
}

TEST(ProbeEstimator, FourFifthsMustArrive) {
  EXPECT_FALSE(measure(ms(2), ms(2), 3));
  EXPECT_EQ(measure(ms(2), ms(2), 4), kilobits(2000));
}

TEST(ProbeEstimator, FourFifthsOfTheBytesMustArrive) {
  ProbeEstimator estimator;
  estimator.expect({.id = ClusterId(1), .rate = kilobits(5000), .bytes = 9000});
  std::optional<BitRate> result;
  for (int i = 0; i < 14; ++i) {
    result = estimator.on_packet(
        {.sent = ms(i), .arrival = ms(i), .size = 500, .cluster = ClusterId(1)});
    EXPECT_FALSE(result);
  }
  EXPECT_TRUE(estimator.on_packet(
      {.sent = ms(14), .arrival = ms(14), .size = 500, .cluster = ClusterId(1)}));
}

TEST(ProbeEstimator, OrderOfArrivalDoesNotMatter) {
  ProbeEstimator estimator;
  estimator.expect({.id = ClusterId(1), .rate = kilobits(2000), .bytes = 2500});
  std::optional<BitRate> result;
  for (const int i : {2, 0, 1, 4, 3}) {
    result = estimator.on_packet(
        {.sent = ms(2 * i), .arrival = ms(9 + 2 * i), .size = 500, .cluster = ClusterId(1)});
  }
  EXPECT_EQ(result, kilobits(2000));
}

TEST(ProbeEstimator, OtherPacketsAndForgottenClustersHaveNoResult) {
  ProbeEstimator estimator;
  estimator.expect({.id = ClusterId(1), .rate = kilobits(2000), .bytes = 2500});
  estimator.expect({.id = ClusterId(9), .rate = kilobits(2000), .bytes = 2500});
  for (uint8_t id = 0; id < 3; ++id) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_FALSE(estimator.on_packet(
          {.sent = ms(2 * i), .arrival = ms(9 + 2 * i), .size = 500, .cluster = ClusterId(id)}));
    }
  }
}

// --- application limited -------------------------------------------------------------------------

/// Sends `kbps` until `end`, in packets every 10 ms; returns since when it is limited.
std::optional<Micros> use(AlrDetector& detector, uint64_t kbps, Micros& now, Micros end) {
  for (; now < end; now += ms(10)) {
    detector.on_sent(bytes_in(kilobits(kbps), ms(10)), now);
  }
  return detector.since();
}

TEST(AlrDetector, LimitedWhenWellBelowTheEstimate) {
  Micros now{0};
  AlrDetector detector(kilobits(1000), now);
  EXPECT_FALSE(use(detector, 1000, now, seconds(3)));
  EXPECT_FALSE(use(detector, 850, now, seconds(10)));
  const auto since = use(detector, 500, now, seconds(20));
  ASSERT_TRUE(since);
  // From all of the window owed to 40 % of it saved: 1.4 * 400 kbit at 300 kbit/s.
  EXPECT_NEAR(to_seconds(*since), 10 + 1.87, 0.1);
}

TEST(AlrDetector, LimitedFromTheStartWithoutMedia) {
  Micros now{0};
  AlrDetector detector(kilobits(1000), now);
  const auto since = use(detector, 0, now, seconds(1));
  ASSERT_TRUE(since);
  EXPECT_NEAR(to_seconds(*since), 0.2, 0.02);
}

TEST(AlrDetector, EndsWhenMoreIsSentForAWhile) {
  Micros now{0};
  AlrDetector detector(kilobits(1000), now);
  ASSERT_TRUE(use(detector, 100, now, seconds(5)));
  EXPECT_TRUE(use(detector, 1000, now, seconds(8)));
  EXPECT_FALSE(use(detector, 1000, now, seconds(9)));  // 1.6 * 400 kbit at 200 kbit/s
}

TEST(AlrDetector, FollowsTheEstimate) {
  Micros now{0};
  AlrDetector detector(kilobits(1000), now);
  ASSERT_TRUE(use(detector, 500, now, seconds(5)));
  detector.set_estimate(kilobits(500));
  EXPECT_FALSE(use(detector, 500, now, seconds(10)));
}

// --- padding -------------------------------------------------------------------------------------

TEST(PaddingBudget, FillsUpToTheRate) {
  PaddingBudget padding(ms(0));
  padding.set_rate(kilobits(400));
  uint64_t media = 0;
  uint64_t filled = 0;
  for (Micros now = ms(0); now < seconds(10); now += ms(25)) {
    const size_t size = bytes_in(kilobits(150), ms(25));
    padding.on_sent(size, now);
    media += size;
    while (const auto packet = padding.poll(kOverhead)) {
      EXPECT_GE(packet->size, PaddingBudget::kMinMissing);
      EXPECT_LE(packet->size, kMaxPaddingSize);
      filled += packet->size + kOverhead;
    }
  }
  EXPECT_NEAR(to_kbps(rate_of(media + filled, seconds(10))), 400, 5);
}

TEST(PaddingBudget, NoneWhenMediaFillsTheRateOrNoneIsWanted) {
  PaddingBudget padding(ms(0));
  padding.on_sent(0, seconds(1));
  EXPECT_FALSE(padding.poll(kOverhead));
  padding.set_rate(kilobits(400));
  for (Micros now = seconds(1); now < seconds(5); now += ms(25)) {
    padding.on_sent(bytes_in(kilobits(401), ms(25)), now);
    EXPECT_FALSE(padding.poll(kOverhead));
  }
  padding.on_sent(0, seconds(6));
  padding.set_rate(BitRate(0));
  EXPECT_FALSE(padding.poll(kOverhead));
}

TEST(ProbationStream, PacketsOnTheWire) {
  ProbationStream stream(SeqNum(65'535), Timestamp(0xfffffff0));
  std::array<uint8_t, 1500> buffer;
  buffer.fill(0xaa);
  ASSERT_EQ(stream.compose(buffer, 40, 0x123456, SeqNum(0x789a)), 40);
  const std::vector<uint8_t> expected = {0x90, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0, 0x00,
                                         0x00, 0x04, 0xd2,                                     //
                                         0xbe, 0xde, 0x00, 0x04,                               //
                                         0x17, 'p',  'r',  'o',  'b',  'a',  't',  'o',  'r',  //
                                         0x42, 0x12, 0x34, 0x56,                               //
                                         0x51, 0x78, 0x9a,                                     //
                                         0,    0,    0,    0,    0,    0,    0,    0};
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), buffer.begin()));

  ASSERT_EQ(stream.compose(buffer, 1200, 1, SeqNum(2)), 1200);
  const auto view = rtp::PacketView::parse({buffer.data(), 1200});
  ASSERT_TRUE(view);
  EXPECT_EQ(view->ssrc(), kProbationSsrc);
  EXPECT_EQ(view->payload_type(), kProbationPayloadType);
  EXPECT_EQ(view->sequence_number(), SeqNum(0));
  EXPECT_EQ(view->timestamp(), Timestamp(4));
  EXPECT_EQ(rtp::read_text(view->extension(1)), kProbationMid);
  EXPECT_EQ(rtp::read_transport_wide_cc(view->extension(5)), 2);
}

TEST(ProbationStream, SizesAreKeptWithinLimits) {
  ProbationStream stream(SeqNum(1), Timestamp(1));
  std::array<uint8_t, 1500> buffer;
  EXPECT_EQ(stream.compose(buffer, 0, 0, SeqNum(0)), ProbationStream::kMinSize);
  EXPECT_EQ(stream.compose(buffer, 9000, 0, SeqNum(0)), ProbationStream::kMaxSize);
  EXPECT_EQ(stream.compose(MutableBytes(buffer).first(99), 100, 0, SeqNum(0)), 0);
}

}  // namespace
}  // namespace sluice::bwe::test
