// Which reference times of a peer are answered, and under which SSRC (RFC 3611 section 4.5).
#include "protocol/rtcp/reference_times.h"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::rtcp {
namespace {

std::vector<DlrrItem> take(ReferenceTimes& times, Micros now) {
  const auto items = times.take(now);
  return {items.begin(), items.end()};
}

TEST(ReferenceTimes, AreAnsweredOnceUnderTheSsrcOfTheirSender) {
  ReferenceTimes times;
  EXPECT_TRUE(times.take(1s).empty());
  times.on_report(Ssrc{7}, {.seconds = 1, .fraction = 0}, 1s);
  times.on_report(Ssrc{8}, {.seconds = 2, .fraction = 0}, 2s);
  EXPECT_EQ(take(times, 3s),
            (std::vector<DlrrItem>{{Ssrc{7}, 1 << 16, 2 << 16}, {Ssrc{8}, 2 << 16, 1 << 16}}));
  EXPECT_TRUE(times.take(4s).empty());
}

TEST(ReferenceTimes, TheLastOfASenderCounts) {
  ReferenceTimes times;
  times.on_report(Ssrc{7}, {.seconds = 1, .fraction = 0}, 1s);
  times.on_report(Ssrc{8}, {.seconds = 1, .fraction = 0}, 1s);
  times.on_report(Ssrc{7}, {.seconds = 2, .fraction = 0}, 2s);
  const auto items = take(times, 2s);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[1], (DlrrItem{Ssrc{7}, 2 << 16, 1}));
}

TEST(ReferenceTimes, OfTooManySendersTheOldestAreForgotten) {
  ReferenceTimes times;
  for (uint32_t i = 0; i < 1000; ++i) {
    times.on_report(Ssrc{i}, {.seconds = i, .fraction = 0}, Micros{i});
  }
  const auto items = take(times, 1s);
  ASSERT_EQ(items.size(), ReferenceTimes::kMax);
  EXPECT_EQ(items.front().ssrc, Ssrc{1000 - ReferenceTimes::kMax});
  EXPECT_EQ(items.back().ssrc, Ssrc{999});
}

}  // namespace
}  // namespace sluice::rtcp
