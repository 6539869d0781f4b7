// Index estimation (RFC 3711 section 3.3.1) and the window of seen indexes.
#include "protocol/srtp/index_window.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace sluice::srtp {
namespace {

TEST(SrtpIndex, StaysInTheCycleForNearNumbers) {
  EXPECT_EQ(guess_index(100, 101), 101u);
  EXPECT_EQ(guess_index(100, 99), 99u);
  EXPECT_EQ(guess_index(0x2'0064, 101), 0x2'0065u);
}

TEST(SrtpIndex, MovesToTheNextCycleWhenTheNumberWraps) {
  EXPECT_EQ(guess_index(65535, 0), 65536u);
  EXPECT_EQ(guess_index(65000, 200), 65536u + 200);
}

TEST(SrtpIndex, MovesBackForAStragglerFromTheLastCycle) {
  EXPECT_EQ(guess_index(65536 + 3, 65535), 65535u);
  EXPECT_EQ(guess_index(0x3'0000, 0xfff0), 0x2'fff0u);
}

TEST(SrtpIndex, HasNoCycleBelowZero) {
  EXPECT_EQ(guess_index(3, 65535), 65535u);
}

// The pseudo-code of RFC 3711 appendix A, at every distance from the highest number.
TEST(SrtpIndex, AgreesWithTheRfcAtEveryDistance) {
  for (const uint64_t highest :
       {0x5'0000u, 0x5'0001u, 0x5'7fffu, 0x5'8000u, 0x5'8001u, 0x5'ffffu}) {
    const auto roc = static_cast<uint32_t>(highest >> 16);
    const int32_t s_l = static_cast<uint16_t>(highest);
    for (int32_t seq = 0; seq < 65536; ++seq) {
      uint32_t v = roc;
      if (s_l < 32768) {
        v = seq - s_l > 32768 ? roc - 1 : roc;
      } else {
        v = s_l - 32768 > seq ? roc + 1 : roc;
      }
      ASSERT_EQ(guess_index(highest, static_cast<uint16_t>(seq)), uint64_t{v} << 16 | seq)
          << highest << " " << seq;
    }
  }
}

TEST(SrtpIndexWindow, EdgesOfTheWindow) {
  IndexWindow<1024> window;
  window.mark(5000);
  EXPECT_EQ(window.state(5000), IndexState::kSeen);
  EXPECT_EQ(window.state(5000 - 1023), IndexState::kNew);
  EXPECT_EQ(window.state(5000 - 1024), IndexState::kOld);
  EXPECT_EQ(window.state(5001), IndexState::kNew);
}

TEST(SrtpIndexWindow, AJumpOfExactlyTheSizeForgetsEverything) {
  IndexWindow<1024> window;
  window.mark(10);
  window.mark(10 + 1024);
  EXPECT_EQ(window.state(10), IndexState::kOld);
  EXPECT_EQ(window.state(11), IndexState::kNew);
  EXPECT_EQ(window.state(10 + 1024), IndexState::kSeen);
}

TEST(SrtpIndexWindow, MarkAllThrough) {
  IndexWindow<64> window;
  window.mark_all_through(1000);
  EXPECT_EQ(window.state(1000), IndexState::kSeen);
  EXPECT_EQ(window.state(950), IndexState::kSeen);
  EXPECT_EQ(window.state(1), IndexState::kOld);
  EXPECT_EQ(window.state(1001), IndexState::kNew);
  window.mark(1005);
  EXPECT_EQ(window.state(1003), IndexState::kNew);
  EXPECT_EQ(window.state(1000), IndexState::kSeen);
}

TEST(SrtpIndexWindow, AgreesWithASetOverARandomWalk) {
  std::mt19937 random(1);
  IndexWindow<256> window;
  std::set<uint64_t> seen;
  uint64_t position = 1000;
  for (int i = 0; i < 100'000; ++i) {
    const int64_t step = random() % 50 == 0 ? static_cast<int64_t>(random() % 600) : 1;
    const int64_t back = random() % 3 == 0 ? static_cast<int64_t>(random() % 400) : 0;
    position += static_cast<uint64_t>(step);
    const uint64_t index = position - static_cast<uint64_t>(back);
    IndexState expected = seen.contains(index) ? IndexState::kSeen : IndexState::kNew;
    if (!seen.empty() && *seen.rbegin() >= index + 256) {
      expected = IndexState::kOld;
    }
    ASSERT_EQ(window.state(index), expected) << index;
    if (expected != IndexState::kOld) {
      window.mark(index);
      seen.insert(index);
    }
  }
}

}  // namespace
}  // namespace sluice::srtp
