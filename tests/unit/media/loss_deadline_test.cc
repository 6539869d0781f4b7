// A tenth of all packets lost on one link, 50 ms round trip: nearly all arrive while they can
// still be played (media-plane 6.8, 6.13).
//
// The deadline is 300 ms from being sent to being received, over both links. A conversation allows
// 400 ms from mouth to ear (ITU-T G.114); capturing, encoding, decoding and playing take about 100
// of them. Of the 300 ms, 50 are on the way; what remains is enough for two rounds of repair on one
// of the two links, or one on each.

#include <gtest/gtest.h>

#include "recovery_world.h"

namespace sluice::media::test {
namespace {

constexpr Micros kDeadline = 300ms;
constexpr Micros kOneWay = 25ms;

struct Pattern {
  const char* name;
  net::Impairments link;
};

/// Patterns that lose a tenth of all packets.
const Pattern kPatterns[] = {
    {"Random", {.loss = 0.1, .delay = kOneWay}},
    // After Gilbert and Elliott: the link is bad a tenth of the time, for three packets on average.
    {"Bursts", {.bursts = {.enter = 1.0 / 27, .leave = 1.0 / 3}, .delay = kOneWay}},
};

class LossDeadline : public ::testing::TestWithParam<Pattern> {
 protected:
  /// The share of packets, of one kind of media, that come in time in a minute.
  struct Shares {
    double video = 0;
    double audio = 0;
  };
  Shares run(RecoveryWorld& call, const RecoveryWorld::Receiver& receiver) {
    call.run(3s);
    const Micros from = call.world.now();
    call.run(60s);
    const Micros to = call.world.now();
    call.run(2s);
    return {.video = delivery(*call.video, *receiver.video, from, to, kDeadline).share_in_time(),
            .audio = delivery(*call.audio, *receiver.audio, from, to, kDeadline).share_in_time()};
  }

  static constexpr net::Impairments kClean{.delay = kOneWay};
};

TEST_P(LossDeadline, OnTheWayToTheReceiver) {
  RecoveryWorld call;
  const auto receiver = call.add_receiver();
  call.set_links(*call.sender, kClean, kClean);
  call.set_links(*receiver.endpoint, GetParam().link, GetParam().link);
  const Shares shares = run(call, receiver);
  EXPECT_GE(shares.video, 0.99);
  EXPECT_GE(shares.audio, 0.99);
  EXPECT_EQ(receiver.video->counters().duplicates, 0u);
}

TEST_P(LossDeadline, OnTheWayFromTheSender) {
  RecoveryWorld call;
  const auto receiver = call.add_receiver();
  call.set_links(*call.sender, GetParam().link, GetParam().link);
  call.set_links(*receiver.endpoint, kClean, kClean);
  const Shares shares = run(call, receiver);
  EXPECT_GE(shares.video, 0.99);
  EXPECT_GE(shares.audio, 0.99);
  EXPECT_EQ(receiver.video->counters().duplicates, 0u);
}

INSTANTIATE_TEST_SUITE_P(Patterns, LossDeadline, ::testing::ValuesIn(kPatterns),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace sluice::media::test
