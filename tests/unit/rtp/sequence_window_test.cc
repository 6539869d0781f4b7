// Duplicates among the last packets of a stream.
#include "protocol/rtp/sequence_window.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace sluice::rtp {
namespace {

TEST(SequenceWindow, KnowsWhatItSaw) {
  SequenceWindow window;
  EXPECT_TRUE(window.insert(100));
  EXPECT_FALSE(window.insert(100));
  EXPECT_TRUE(window.insert(103));
  EXPECT_TRUE(window.insert(101));
  EXPECT_FALSE(window.insert(101));
  EXPECT_FALSE(window.insert(103));
  EXPECT_TRUE(window.insert(102));
}

TEST(SequenceWindow, TakesNumbersFromBeforeTheFirst) {
  SequenceWindow window;
  EXPECT_TRUE(window.insert(3));
  EXPECT_TRUE(window.insert(-2));
  EXPECT_FALSE(window.insert(-2));
}

TEST(SequenceWindow, WhatIsTooOldCountsAsSeen) {
  SequenceWindow window;
  EXPECT_TRUE(window.insert(0));
  EXPECT_TRUE(window.insert(SequenceWindow::kSize));
  EXPECT_FALSE(window.insert(0));
  EXPECT_TRUE(window.insert(1));
}

TEST(SequenceWindow, AFarJumpForgetsEverything) {
  SequenceWindow window;
  for (int64_t number = 0; number < SequenceWindow::kSize; ++number) {
    EXPECT_TRUE(window.insert(number));
  }
  EXPECT_TRUE(window.insert(1'000'000));
  EXPECT_TRUE(window.insert(1'000'000 - 1));
  EXPECT_FALSE(window.insert(1'000'000));
}

TEST(SequenceWindow, AgreesWithASetOverRandomWalks) {
  std::mt19937 random(7);
  SequenceWindow window;
  std::set<int64_t> seen;
  int64_t highest = 0;
  for (int i = 0; i < 200'000; ++i) {
    const int64_t number = highest + static_cast<int64_t>(random() % 1500) - 1480;
    highest = std::max(highest, number);
    const bool expected = highest - number < SequenceWindow::kSize && seen.insert(number).second;
    ASSERT_EQ(window.insert(number), expected) << i;
  }
}

TEST(SequenceWindow, ResetStartsOver) {
  SequenceWindow window;
  EXPECT_TRUE(window.insert(5));
  window.reset();
  EXPECT_TRUE(window.insert(5));
  EXPECT_TRUE(window.insert(-5000 + 5000));
}

}  // namespace
}  // namespace sluice::rtp
