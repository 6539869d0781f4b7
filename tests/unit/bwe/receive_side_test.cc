// The receiver's own estimate and its REMBs (media-plane 8.8).
#include <gtest/gtest.h>

#include "protocol/bwe/arrival_probe.h"
#include "protocol/bwe/receive_side_estimator.h"
#include "protocol/rtp/extension_values.h"
#include "support.h"

namespace sluice::bwe::test {
namespace {

struct Told {
  Micros at;
  BitRate rate;
  std::vector<Ssrc> sources;
};

/// A sender on a link that delays by 50 ms and takes `capacity`.
class ReceiveSideTest : public testing::Test {
 protected:
  /// Sends at `rate` until `end`, in packets of 1000 bytes.
  void run(BitRate rate, Micros end, Ssrc source = Ssrc(1)) {
    for (; sent_ < end; sent_ += time_for(1000, rate)) {
      packet(1000, source);
    }
  }
  void packet(size_t size, Ssrc source = Ssrc(1)) {
    arrived_ = std::max(arrived_, sent_ + ms(50)) + time_for(size, capacity_);
    const auto told = estimator_.on_packet(rtp::to_abs_send_time(sent_), source, size, arrived_);
    if (told) {
      told_.push_back({arrived_, told->rate, {told->sources.begin(), told->sources.end()}});
    }
  }

  ReceiveSideEstimator estimator_;
  BitRate capacity_ = kilobits(1000);
  // Close to the wrap of abs-send-time, which comes every 64 s.
  Micros sent_ = seconds(62);
  Micros arrived_{0};
  std::vector<Told> told_;
};

TEST_F(ReceiveSideTest, NothingIsToldBeforeTheRateIsKnown) {
  run(kilobits(500), sent_ + seconds(5));
  EXPECT_TRUE(told_.empty());
  EXPECT_FALSE(estimator_.estimate());
}

TEST_F(ReceiveSideTest, AfterFiveSecondsTheRateIsWhatComes) {
  run(kilobits(500), sent_ + seconds(8));
  ASSERT_FALSE(told_.empty());
  EXPECT_NEAR(to_kbps(told_[0].rate), 500, 10);
  EXPECT_EQ(told_[0].sources, std::vector{Ssrc(1)});
}

TEST_F(ReceiveSideTest, GrowsButNotFarAboveWhatComes) {
  run(kilobits(500), sent_ + seconds(30));
  EXPECT_NEAR(to_kbps(told_.back().rate), 1.5 * 500 + 10, 10);
}

TEST_F(ReceiveSideTest, FullLinkIsToldAtOnce) {
  run(kilobits(500), sent_ + seconds(10));
  const Micros start = arrived_;
  const size_t before = told_.size();
  run(kilobits(1500), sent_ + seconds(3));
  const auto cut = std::find_if(told_.begin() + before, told_.end(),
                                [&](const Told& told) { return told.rate < kilobits(1000); });
  ASSERT_NE(cut, told_.end());
  EXPECT_LT(cut->at - start, seconds(2));
}

TEST_F(ReceiveSideTest, SenderThatObeysUsesTheLink) {
  run(kilobits(300), sent_ + seconds(8));
  ASSERT_FALSE(told_.empty());
  const Micros end = sent_ + seconds(60);
  const Micros measured = sent_ + seconds(30);
  uint64_t bytes = 0;
  Micros worst{0};
  while (sent_ < end) {
    packet(1000);
    if (sent_ > measured) {
      bytes += 1000;
      worst = std::max(worst, arrived_ - sent_ - ms(50));
    }
    sent_ += time_for(1000, told_.back().rate);
  }
  EXPECT_GT(rate_of(bytes, end - measured), kilobits(850));
  EXPECT_LT(worst, ms(250));
}

TEST_F(ReceiveSideTest, ProbesAtTheStartAreFound) {
  capacity_ = kilobits(20'000);
  // Five packets of 1000 bytes at 4 Mbit/s.
  for (int i = 0; i < 5; ++i) {
    packet(1000);
    sent_ += ms(2);
  }
  ASSERT_FALSE(told_.empty());
  EXPECT_NEAR(to_kbps(told_.back().rate), 4000, 100);
}

TEST_F(ReceiveSideTest, DistanceOfRembs) {
  EXPECT_EQ(remb_interval(kilobits(10'000)), ms(200));
  EXPECT_EQ(remb_interval(kilobits(64)), ms(200));
  EXPECT_EQ(remb_interval(kilobits(32)), ms(400));
  EXPECT_EQ(remb_interval(kilobits(5)), ms(1000));
  EXPECT_EQ(remb_interval(BitRate(0)), ms(1000));
  run(kilobits(500), sent_ + seconds(30));
  for (size_t i = 1; i < told_.size(); ++i) {
    EXPECT_GE(told_[i].at - told_[i - 1].at, ms(200));
  }
  EXPECT_GT(told_.size(), 100);
}

TEST_F(ReceiveSideTest, ConfiguredMaximumLimitsTheRate) {
  estimator_.set_max(kilobits(250));
  packet(1000);
  ASSERT_EQ(told_.size(), 1);
  EXPECT_EQ(told_[0].rate, kilobits(250));
  run(kilobits(200), sent_ + seconds(20));
  EXPECT_EQ(told_.back().rate, kilobits(250));
  estimator_.set_max(BitRate(0));
  run(kilobits(200), sent_ + seconds(1));
  EXPECT_GT(told_.back().rate, kilobits(290));
}

TEST_F(ReceiveSideTest, SilentStreamsAreNotListed) {
  run(kilobits(500), sent_ + seconds(7), Ssrc(1));
  run(kilobits(500), sent_ + seconds(1), Ssrc(2));
  EXPECT_EQ(told_.back().sources, (std::vector{Ssrc(1), Ssrc(2)}));
  run(kilobits(500), sent_ + seconds(3), Ssrc(2));
  EXPECT_EQ(told_.back().sources, std::vector{Ssrc(2)});
}

TEST_F(ReceiveSideTest, ListHasRoomForWhatARembHolds) {
  for (uint32_t i = 0; i < 1000; ++i) {
    packet(100, Ssrc(i));
    sent_ += ms(1);
  }
  estimator_.set_max(kilobits(100));
  packet(100);
  EXPECT_EQ(told_.back().sources.size(), ReceiveSideEstimator::kMaxSources);
}

TEST_F(ReceiveSideTest, SendTimesOfNonsenseDoNoHarm) {
  uint32_t time = 0;
  for (int i = 0; i < 100'000; ++i) {
    arrived_ += ms(1);
    time = time * 1'664'525 + 1'013'904'223;
    estimator_.on_packet(i % 2 == 0 ? time >> 8 : 0x7fffff * (i % 3), Ssrc(1), 1000, arrived_);
  }
  EXPECT_GE(estimator_.estimate().value_or(kLowestRate), kLowestRate);
}

// --- probes in what arrives ----------------------------------------------------------------------

/// Feeds packets of `size` bytes; returns the last result.
std::optional<BitRate> feed(size_t size, Micros sent_gap, Micros arrival_gap, int packets) {
  ArrivalProbe probe;
  std::optional<BitRate> rate;
  for (int i = 0; i < packets; ++i) {
    rate = probe.on_packet(i * sent_gap, seconds(3) + i * arrival_gap, size);
  }
  return rate;
}

TEST(ArrivalProbe, Clusters) {
  struct Row {
    const char* what;
    size_t size;
    Micros sent_gap;
    Micros arrival_gap;
    int packets;
    std::optional<BitRate> expected;
  };
  for (const Row& row : {
           Row{"as sent", 1000, ms(4), ms(4), 4, kilobits(2000)},
           Row{"a bit slower", 1000, ms(4), ms(5), 5, kilobits(1600)},
           Row{"a bit faster: as sent", 1000, ms(4), ms(3), 4, kilobits(2000)},
           Row{"three packets", 1000, ms(4), ms(4), 3, std::nullopt},
           Row{"small packets", 199, ms(4), ms(4), 9, std::nullopt},
           Row{"slowed down", 1000, ms(4), us(6'001), 9, std::nullopt},
           Row{"pressed together", 1000, ms(8), us(2'999), 9, std::nullopt},
           Row{"media", 1000, ms(33), ms(33), 9, std::nullopt},
           Row{"all at once", 1000, ms(0), ms(4), 9, std::nullopt},
       }) {
    EXPECT_EQ(feed(row.size, row.sent_gap, row.arrival_gap, row.packets), row.expected) << row.what;
  }
}

TEST(ArrivalProbe, UnevenDistancesAreNoCluster) {
  ArrivalProbe probe;
  Micros sent{0};
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(probe.on_packet(sent, seconds(3) + sent, 1000));
    sent += i % 2 == 0 ? ms(2) : ms(12);
  }
}

TEST(ArrivalProbe, OnlyInTheFirstTwoSeconds) {
  ArrivalProbe probe;
  probe.on_packet(ms(0), ms(0), 1000);
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(probe.on_packet(ms(2001 + 4 * i), ms(2001 + 4 * i), 1000));
  }
}

}  // namespace
}  // namespace sluice::bwe::test
