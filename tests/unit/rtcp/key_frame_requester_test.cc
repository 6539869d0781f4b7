// Key frame requests (REC-12), run in virtual time until all timers are done.
#include "protocol/rtcp/key_frame_requester.h"

#include <gtest/gtest.h>

#include <vector>

#include "support.h"

namespace sluice::rtcp {
namespace {

constexpr Ssrc kSsrc(1);

/// The times of all requests, in ms.
std::vector<int64_t> run(KeyFrameRequester& requester, Micros now, Micros until = ms(1'000'000)) {
  std::vector<int64_t> times;
  while (true) {
    while (requester.poll()) {
      times.push_back(now / ms(1));
    }
    const auto next = requester.next_timeout();
    if (!next || *next > until) {
      return times;
    }
    EXPECT_GE(*next, now);
    now = *next;
    requester.on_timeout(now);
  }
}

TEST(KeyFrameRequester, Rec12OneNeedIsTwoRequests) {  // REC-12
  KeyFrameRequester requester(ms(1000));
  requester.needed(kSsrc, ms(0));
  EXPECT_EQ(run(requester, ms(0)), (std::vector<int64_t>{0, 1000}));
}

TEST(KeyFrameRequester, Rec12FourNeedsAtOnceAreTwoRequests) {  // REC-12
  KeyFrameRequester requester(ms(500));
  for (int i = 0; i < 4; ++i) {
    requester.needed(kSsrc, ms(0));
  }
  EXPECT_EQ(run(requester, ms(0)).size(), 2u);
}

TEST(KeyFrameRequester, Rec12NeedAndReceivedIsOneRequest) {  // REC-12
  KeyFrameRequester requester(ms(1000));
  requester.needed(kSsrc, ms(0));
  requester.received(kSsrc);
  EXPECT_EQ(run(requester, ms(0)).size(), 1u);
}

TEST(KeyFrameRequester, Rec12NeedAndForceAreThreeRequests) {  // REC-12
  KeyFrameRequester requester(ms(1000));
  requester.needed(kSsrc, ms(0));
  requester.force(kSsrc, ms(0));
  EXPECT_EQ(run(requester, ms(0)), (std::vector<int64_t>{0, 0, 1000}));
}

TEST(KeyFrameRequester, Rec12NeedForceAndReceivedAreTwoRequests) {  // REC-12
  KeyFrameRequester requester(ms(1000));
  requester.needed(kSsrc, ms(0));
  requester.force(kSsrc, ms(0));
  requester.received(kSsrc);
  EXPECT_EQ(run(requester, ms(0)).size(), 2u);
}

TEST(KeyFrameRequester, WithoutDelayAnAnsweredNeedMayBeRepeatedAtOnce) {
  KeyFrameRequester requester;
  requester.needed(kSsrc, ms(0));
  requester.needed(kSsrc, ms(1));
  requester.received(kSsrc);
  requester.needed(kSsrc, ms(2));
  requester.received(kSsrc);
  EXPECT_EQ(run(requester, ms(2)).size(), 2u);
}

TEST(KeyFrameRequester, NeedWithinTheDelayIsRequestedAfterIt) {
  KeyFrameRequester requester(ms(500));
  requester.needed(kSsrc, ms(0));
  requester.received(kSsrc);
  requester.needed(kSsrc, ms(100));
  EXPECT_EQ(run(requester, ms(100), ms(600)), (std::vector<int64_t>{100, 500}));
}

TEST(KeyFrameRequester, ForceIgnoresTheDelay) {
  KeyFrameRequester requester(ms(500));
  requester.needed(kSsrc, ms(0));
  requester.received(kSsrc);
  EXPECT_TRUE(requester.poll());
  requester.force(kSsrc, ms(100));
  EXPECT_EQ(requester.poll(), kSsrc);
  requester.received(kSsrc);
  requester.needed(kSsrc, ms(550));
  EXPECT_FALSE(requester.poll()) << "the delay starts over at the forced request";
  requester.on_timeout(ms(600));
  EXPECT_EQ(requester.poll(), kSsrc);
}

TEST(KeyFrameRequester, NeedWhileWaitingRenewsTheRetry) {
  KeyFrameRequester requester;
  requester.needed(kSsrc, ms(0));
  requester.on_timeout(ms(1000));
  requester.needed(kSsrc, ms(1500));
  EXPECT_EQ(run(requester, ms(1500)), (std::vector<int64_t>{1500, 1500, 2000}));
}

TEST(KeyFrameRequester, StreamsAreIndependent) {
  KeyFrameRequester requester;
  requester.needed(Ssrc(1), ms(0));
  requester.needed(Ssrc(2), ms(0));
  requester.received(Ssrc(1));
  EXPECT_EQ(requester.poll(), Ssrc(1));
  EXPECT_EQ(requester.poll(), Ssrc(2));
  requester.on_timeout(ms(1000));
  EXPECT_EQ(requester.poll(), Ssrc(2));
  EXPECT_FALSE(requester.poll());
}

TEST(KeyFrameRequester, RemovedStreamIsForgotten) {
  KeyFrameRequester requester(ms(500));
  requester.needed(Ssrc(1), ms(0));
  requester.needed(Ssrc(2), ms(0));
  requester.remove(Ssrc(1));
  EXPECT_EQ(requester.poll(), Ssrc(2));
  requester.clear();
  EXPECT_FALSE(requester.next_timeout());
}

}  // namespace
}  // namespace sluice::rtcp
