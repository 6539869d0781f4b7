// How the available rate is shared (media-plane 7.6).
#include "protocol/bwe/distribution.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "protocol/layers/layer_target.h"
#include "support.h"

namespace sluice::bwe::test {
namespace {

/// A consumer of a stream with layers that cost so much on top of each other.
class Taker {
 public:
  Taker(std::string name, uint8_t priority, std::vector<uint64_t> kbps, size_t held = 0)
      : name_(std::move(name)), priority_(priority), kbps_(std::move(kbps)), held_(held) {}

  [[nodiscard]] uint8_t rate_priority() const { return priority_; }
  BitRate increase(const RateOffer& offer) {
    if (taken_ == kbps_.size()) {
      return BitRate(0);
    }
    const BitRate required = kilobits(kbps_[taken_]);
    if (required > (taken_ < held_ ? offer.held : offer.upgrade)) {
      return BitRate(0);
    }
    ++taken_;
    order += name_;
    return required;
  }
  void apply_layers() { applied_ = std::exchange(taken_, 0); }

  [[nodiscard]] size_t applied() const { return applied_; }
  void hold() { held_ = applied_; }

  static inline std::string order;

 private:
  std::string name_;
  uint8_t priority_;
  std::vector<uint64_t> kbps_;
  size_t held_;
  size_t taken_ = 0;
  size_t applied_ = 0;
};

class DistributionTest : public testing::Test {
 protected:
  DistributionTest() { Taker::order.clear(); }

  Taker& add(std::string name, uint8_t priority, std::vector<uint64_t> kbps, size_t held = 0) {
    owned_.push_back(std::make_unique<Taker>(std::move(name), priority, std::move(kbps), held));
    takers_.push_back(owned_.back().get());
    order_by_priority(takers_);
    return *owned_.back();
  }

  std::vector<std::unique_ptr<Taker>> owned_;
  std::vector<Taker*> takers_;
};

TEST_F(DistributionTest, Bwe01BaseLayersOfAllComeFirst) {  // BWE-01
  Taker& a = add("a", 1, {100, 200});
  Taker& b = add("b", 1, {100, 200});
  // 100 + 100 + 200, and the margin of 5 %.
  const BitRate left = distribute(takers_, kilobits(430));
  EXPECT_EQ(a.applied(), 2);
  EXPECT_EQ(b.applied(), 1);
  EXPECT_EQ(Taker::order, "aba");
  EXPECT_EQ(left, kilobits(30));
}

TEST_F(DistributionTest, Bwe02StepsFollowThePriority) {  // BWE-02
  add("a", 1, std::vector<uint64_t>(20, 10));
  add("b", 3, std::vector<uint64_t>(20, 10));
  distribute(takers_, kilobits(200));
  EXPECT_EQ(Taker::order.substr(0, 10), "babbbabbba");
}

TEST_F(DistributionTest, EqualPrioritiesKeepTheirOrder) {
  add("a", 1, {10});
  add("b", 2, {10});
  add("c", 1, {10});
  add("d", 2, {10});
  add("e", 255, {10});
  add("f", 1, {10});
  distribute(takers_, kilobits(1000));
  EXPECT_EQ(Taker::order, "ebdacf");
}

TEST_F(DistributionTest, PriorityZeroTakesNoPart) {
  Taker& a = add("a", 0, {10});
  distribute(takers_, kilobits(1000));
  EXPECT_EQ(a.applied(), 0);
}

TEST_F(DistributionTest, NothingAvailableStillApplies) {
  Taker& a = add("a", 1, {10}, 1);
  distribute(takers_, kilobits(20));
  EXPECT_EQ(a.applied(), 1);
  EXPECT_EQ(distribute(takers_, BitRate(0)), BitRate(0));
  EXPECT_EQ(a.applied(), 0);
}

TEST_F(DistributionTest, BaseLayersInUseMayHaveMoreThanThereIs) {
  Taker& a = add("a", 1, {100, 200}, 2);
  Taker& b = add("b", 1, {100, 200}, 1);
  Taker& idle = add("c", 1, {100, 200});
  EXPECT_EQ(distribute(takers_, kilobits(80), std::nullopt, kilobits(260)), BitRate(0));
  EXPECT_EQ(a.applied(), 1) << "no more than its base layer";
  EXPECT_EQ(b.applied(), 1);
  EXPECT_EQ(idle.applied(), 0) << "nothing new begins";
  distribute(takers_, kilobits(80), std::nullopt, kilobits(150));
  EXPECT_EQ(a.applied(), 1);
  EXPECT_EQ(b.applied(), 0);
}

TEST_F(DistributionTest, OneThatCannotGoOnLeavesTheRestToOthers) {
  Taker& a = add("a", 1, {100, 1000});
  Taker& b = add("b", 1, {100, 50, 50, 50});
  distribute(takers_, kilobits(500));
  EXPECT_EQ(a.applied(), 1);
  EXPECT_EQ(b.applied(), 4);
}

TEST_F(DistributionTest, SmallChangesOfTheEstimateDoNotToggleALayer) {
  Taker& a = add("a", 1, {100, 300});
  // The second layer fits in 400, but is only begun when it also fits in 5 % less.
  distribute(takers_, kilobits(410));
  EXPECT_EQ(a.applied(), 1);
  distribute(takers_, kilobits(422));
  EXPECT_EQ(a.applied(), 2);
  a.hold();
  for (const uint64_t kbps : {401, 420, 400, 410}) {
    distribute(takers_, kilobits(kbps));
    EXPECT_EQ(a.applied(), 2) << kbps;
  }
  distribute(takers_, kilobits(399));
  EXPECT_EQ(a.applied(), 1);
}

/// A consumer of a simulcast producer, as a transport makes one of a layers::LayerTarget.
class SimulcastTaker {
 public:
  SimulcastTaker(std::vector<layers::StreamState>& streams, uint8_t priority, Micros now)
      : target_({.spatial_layers = 3, .managed = true}),
        streams_(streams),
        priority_(priority),
        now_(now) {}

  [[nodiscard]] uint8_t rate_priority() const { return priority_; }
  BitRate increase(const RateOffer& offer) {
    const bool held = target_.provisional().spatial < target_.target().spatial;
    const BitRate rate = held ? offer.held : offer.upgrade;
    return BitRate(target_.increase(rate.value, offer.loss_percent, streams_, now_));
  }
  void apply_layers() { target_.apply(now_, streams_, now_); }
  [[nodiscard]] int spatial() const { return target_.target().spatial; }

 private:
  layers::LayerTarget target_;
  std::vector<layers::StreamState>& streams_;
  uint8_t priority_;
  Micros now_;
};

TEST(DistributionOfLayers, RealLayerTargets) {
  const Micros now = seconds(100);
  std::vector<layers::StreamState> streams;
  for (const uint64_t kbps : {100, 300, 900}) {
    auto& stream = streams.emplace_back(layers::LayerRates::Options{});
    stream.received = true;
    stream.score = 10;
    stream.clock = layers::ClockPair{};
    for (Micros at = now - seconds(3); at <= now; at += ms(10)) {
      stream.rates.count(0, 0, bytes_in(kilobits(kbps), ms(10)), at);
    }
  }
  SimulcastTaker speaker(streams, 3, now);
  SimulcastTaker other(streams, 1, now);
  std::vector<SimulcastTaker*> takers = {&other, &speaker};
  order_by_priority(takers);

  struct Row {
    uint64_t kbps;
    int speaker;
    int other;
    std::optional<double> loss{};
  };
  for (const Row& row : {Row{90, -1, -1}, Row{120, 0, -1}, Row{230, 0, 0}, Row{430, 1, 0},
                         Row{1100, 2, 0}, Row{1300, 2, 1}, Row{2000, 2, 2},
                         // In use already: no margin needed.
                         Row{1820, 2, 2}, Row{1210, 2, 1}, Row{1150, 2, 0},
                         // REMB: much loss, less reach.
                         Row{1000, 1, 1, 20.0}}) {
    distribute(takers, kilobits(row.kbps), row.loss);
    EXPECT_EQ(speaker.spatial(), row.speaker) << row.kbps;
    EXPECT_EQ(other.spatial(), row.other) << row.kbps;
  }
}

}  // namespace
}  // namespace sluice::bwe::test
