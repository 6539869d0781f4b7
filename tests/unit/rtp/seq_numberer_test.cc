// Output numbering with drops: the vectors SQ1 to SQ23 of media-plane 5.10, and the limits that the
// bitmap sets.
#include "protocol/rtp/seq_numberer.h"

#include <gtest/gtest.h>

#include <charconv>
#include <initializer_list>
#include <set>
#include <sstream>
#include <string>

namespace sluice::rtp {
namespace {

int64_t number(std::string_view text) {
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Runs a vector as the specification writes it: "in>out", "in>-" for dropped, "a..b>c" for a run
/// of inputs with consecutive outputs, "Sin>out" for a sync to just before the input, "Dx" for a
/// drop. Numbers wrap at the width.
template <unsigned Bits>
void run(SeqNumberer<Bits>& numberer, const std::string& vector) {
  using Value = typename SeqNumberer<Bits>::Value;
  constexpr auto kWrap = [](int64_t n) { return SeqNumberer<Bits>::wrap(n); };
  std::istringstream steps(vector);
  for (std::string step; steps >> step;) {
    SCOPED_TRACE(std::to_string(Bits) + " bits, step " + step);
    if (step[0] == 'D') {
      numberer.drop(kWrap(number(step.substr(1))));
      continue;
    }
    const bool sync = step[0] == 'S';
    const size_t arrow = step.find('>');
    const std::string inputs = step.substr(sync ? 1 : 0, arrow - (sync ? 1 : 0));
    const size_t dots = inputs.find("..");
    const int64_t first = number(inputs.substr(0, dots));
    const int64_t last = dots == std::string::npos ? first : number(inputs.substr(dots + 2));
    if (sync) {
      numberer.sync(kWrap(first - 1));
    }
    if (step.substr(arrow + 1) == "-") {
      EXPECT_EQ(numberer.input(kWrap(first)), std::nullopt);
      continue;
    }
    const int64_t output = number(step.substr(arrow + 1));
    for (int64_t i = 0; i <= last - first; ++i) {
      const auto got = numberer.input(static_cast<Value>(kWrap(first + i)));
      ASSERT_TRUE(got) << "input " << first + i;
      ASSERT_EQ(kWrap(*got), kWrap(output + i)) << "input " << first + i;
    }
  }
}

template <unsigned... Bits>
void check(const std::string& vector, uint16_t initial_output = 0) {
  const auto one = [&]<unsigned Width>() {
    SeqNumberer<Width> numberer(static_cast<typename SeqNumberer<Width>::Value>(initial_output));
    run(numberer, vector);
  };
  (one.template operator()<Bits>(), ...);
}

constexpr const char* kSq3 = "0>0 1>1 2>2 3>3 S4>4 5>5 6>6 S7>7 D8 9>8 D11 10>9 12>10";

TEST(SeqNumberer, Sq1PassesThrough) {
  check<16, 15>("0..11>0");
}
TEST(SeqNumberer, Sq2Sync) {
  check<16, 15>("0..2>0 S80>3 81>4 82>5");
}
TEST(SeqNumberer, Sq3SyncAndDrop) {
  check<16, 15>(kSq3);
}
TEST(SeqNumberer, Sq4Wrap) {
  check<16>("65533>65533 65534>65534 65535>65535 0>0 1>1");
}
TEST(SeqNumberer, Sq5GapStaysAGap) {
  check<16, 15>("0>0 1>1 1000>1000 1001>1001");
}
TEST(SeqNumberer, Sq6Backwards) {
  check<16>("4>4 3>3 65535>65535");
}
TEST(SeqNumberer, Sq7DropThenOldInput) {
  check<16, 15>("0>0 D1 100>99 100>99 D103 101>100");
}
TEST(SeqNumberer, Sq8OldInputBetweenDrops) {
  check<16, 15>("0>0 1>1 D100 D103 101>100");
}
TEST(SeqNumberer, Sq9InputBeforeADrop) {
  check<16, 15>("0>0 D2 3>2 4>3 1>1");
}
TEST(SeqNumberer, Sq10ManySyncs) {
  check<16>(
      "0..3>0 7>7 D6 8>8 10>10 9>9 11>11 S0>12 2>14 3..10>15 D9 S61>23 62..65>24 S11>28 "
      "12..15>29 S1>33 2..5>34 S65533>38 65534>39 65535>40 S0>41 1>42 D3 4>44 5>45 6>46 7>47");
}
TEST(SeqNumberer, Sq11RunOfDrops) {
  check<8, 15, 16>("1>1 D2 D3 D4 D5 D6 D7 D8 D9 120..139>112");
}
TEST(SeqNumberer, Sq12JumpOfHalfTheRange) {
  check<16>("1>1 D2 D3 D4 D5 D6 D7 D8 D9 32768..32780>32760");
}
TEST(SeqNumberer, Sq13JumpOfHalfTheRange15Bits) {
  check<15>("1>1 D2 D3 D4 D5 D6 D7 D8 D9 16384..16396>16376");
}
TEST(SeqNumberer, Sq14DropsBeforeTheWrap) {
  check<16>("S65530>1 65531>2 65532>3 D65533 D65534 65535>4 0..3>5");
}
TEST(SeqNumberer, Sq15DropsBeforeTheWrap15Bits) {
  SeqNumberer<15> numberer;
  run(numberer, "S32762>1");
  EXPECT_EQ(numberer.max_input(), 32762);
  run(numberer, "32763>2 32764>3 D32765 D32766 32767>4");
  EXPECT_EQ(numberer.max_input(), 32767);
  run(numberer, "0>5");
  EXPECT_EQ(numberer.max_input(), 0);
  run(numberer, "1>6");
  EXPECT_EQ(numberer.max_input(), 1);
}

template <unsigned Bits>
void check_three_rounds() {
  SeqNumberer<Bits> numberer;
  run(numberer, "S0>1");
  constexpr int kMax = (1 << Bits) - 1;
  for (int round = 0; round < 3; ++round) {
    for (int i = 1; i < kMax; ++i) {
      const auto value = static_cast<uint16_t>(i);
      const auto output = numberer.input(value);
      ASSERT_TRUE(output);
      ASSERT_EQ(numberer.wrap(*output), numberer.wrap(i + 1));
      ASSERT_EQ(numberer.max_input(), value);
    }
  }
}
TEST(SeqNumberer, Sq16ThreeRounds) {
  check_three_rounds<16>();
  check_three_rounds<15>();
}

TEST(SeqNumberer, Sq17OldInputBeforeADropAfterSync) {
  check<15>("S10>1 11>2 12>3 13>4 D14 15>5 12>3");
}
TEST(SeqNumberer, Sq18NarrowNumbers) {
  check<3>("1>1 D2 3>2 4>3 5>4 6>5 7>6 0>7 1>0 2>1 3>2");
}
TEST(SeqNumberer, Sq19DropsFarApart) {
  check<16>("36960>36960 D3328 24589>24588 D120 3328>- D30848 120>120");
}
TEST(SeqNumberer, Sq20DropsFarApartAndOld) {
  check<16>("36964>36964 D65396 25855>25854 D29793 65396>- D25087 29793>- D65535 25087>25086");
}
TEST(SeqNumberer, Sq21InitialOutputWraps) {
  check<16>("0..65535>1000 65533>997 65534>998 65535>999 0>1000", 1000);
}
TEST(SeqNumberer, Sq22InitialOutputAndSync) {
  check<16>("0..2>2000 S80>2003 81>2004", 2000);
}
TEST(SeqNumberer, Sq23InitialOutputAndDrops) {
  check<16>("0..3>3000 S4>3004 5>3005 6>3006 S7>3007 D8 9>3008 D11 10>3009 12>3010", 3000);
}

TEST(SeqNumberer, ExtendedOutputCountsWraps) {
  SeqNumberer<16> numberer;
  EXPECT_EQ(numberer.input(65535), 65535);
  EXPECT_EQ(numberer.input(0), 65536);
  EXPECT_EQ(numberer.input(65534), 65534);
  numberer.sync(30000);
  EXPECT_EQ(numberer.input(30001), 65537);
  EXPECT_EQ(numberer.max_output_extended(), 65537);
  EXPECT_EQ(numberer.max_output(), 1);
}

TEST(SeqNumberer, FirstExtendedOutputIsInTheFirstRound) {
  for (const uint16_t initial : std::initializer_list<uint16_t>{0, 1, 40000, 65534, 65535}) {
    SeqNumberer<16> plain(initial);
    EXPECT_EQ(plain.input(60000), (60000 + initial) % 65536);
    SeqNumberer<16> synced(initial);
    synced.sync(60000);
    EXPECT_EQ(synced.input(60001), (initial + 1) % 65536);
  }
}

TEST(SeqNumberer, InputsFromBeforeASyncAreDropped) {
  SeqNumberer<16> numberer;
  run(numberer, "5..9>5 S100>10 99>- 9>- 101>11 100>10");
}

TEST(SeqNumberer, AnInputBetweenForgottenDropsCountsAsDropped) {
  SeqNumberer<16> numberer;
  run(numberer, "0>0 D1 2>1 D3");
  // Far enough that the bitmap no longer holds 1 to 3.
  numberer.drop(10000);
  EXPECT_EQ(numberer.input(0), 0);             // before all drops
  EXPECT_EQ(numberer.input(2), std::nullopt);  // one of several: not known any more
  EXPECT_EQ(numberer.input(3), std::nullopt);
  EXPECT_EQ(numberer.input(4), 2);  // after the last forgotten one
  EXPECT_EQ(numberer.input(10001), 9998);
}

TEST(SeqNumberer, EveryInputInsideTheWindowIsExact) {
  SeqNumberer<16> numberer;
  std::vector<std::pair<uint16_t, int64_t>> accepted;
  for (uint16_t i = 0; i < 20000; ++i) {
    if (i % 3 == 1) {
      numberer.drop(i);
    } else {
      accepted.emplace_back(i, *numberer.input(i));
    }
  }
  // Two of three inputs pass, without gaps in the output.
  for (size_t i = 0; i < accepted.size(); ++i) {
    ASSERT_EQ(accepted[i].second, static_cast<int64_t>(i));
    if (accepted[i].first >= 20000 - SeqNumberer<16>::kWindow) {
      ASSERT_EQ(numberer.input(accepted[i].first), accepted[i].second) << accepted[i].first;
    }
  }
  for (uint16_t i = 1; i < 20000; i = static_cast<uint16_t>(i + 3)) {
    ASSERT_EQ(numberer.input(i), std::nullopt) << i;
  }
}

TEST(SeqNumberer, RepeatedJumpsOfMoreThanHalfTheRangeKeepTheInvariants) {
  SeqNumberer<16> numberer;
  std::set<int64_t> outputs;
  uint16_t x = 0;
  for (int i = 0; i < 1000; ++i) {
    x = static_cast<uint16_t>(x + 33000);
    if (i % 2 == 0) {
      numberer.drop(x);
      if (x == numberer.max_input()) {
        EXPECT_EQ(numberer.input(x), std::nullopt);
      }
    } else if (const auto output = numberer.input(x)) {
      EXPECT_TRUE(outputs.insert(*output).second);
    }
  }
}

TEST(SeqNumberer, IsSmall) {
  EXPECT_LE(sizeof(SeqNumberer<16>), 768u);
  EXPECT_LE(sizeof(SeqNumberer<8>), 128u);
}

}  // namespace
}  // namespace sluice::rtp
