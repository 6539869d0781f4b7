// NACK on the receiving side: which packets are requested, when and how often (media-plane 6.8).
#include "protocol/rtp/nack_generator.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <optional>

namespace sluice::rtp {
namespace {

using Sequences = std::vector<uint16_t>;

Sequences run_of(uint16_t first, size_t count) {
  Sequences out;
  for (size_t i = 0; i < count; ++i) {
    out.push_back(static_cast<uint16_t>(first + i));
  }
  return out;
}

class Receiver {
 public:
  explicit Receiver(Micros delay = 0us)
      : Receiver(NackGenerator::Settings{.send_delay = delay, .has_rtx = true}) {}
  explicit Receiver(const NackGenerator::Settings& settings) : generator(settings) {}

  /// Receives a packet; returns what is requested in answer.
  Sequences take(uint16_t sequence, bool key_frame = false, bool recovered = false) {
    request.clear();
    was_requested = generator.on_packet(SeqNum{sequence}, key_frame, recovered, now, request);
    return requested();
  }
  Sequences key(uint16_t sequence) { return take(sequence, true); }
  Sequences rtx(uint16_t sequence) { return take(sequence, false, true); }

  void take_all(std::initializer_list<uint16_t> sequences) {
    for (const uint16_t sequence : sequences) {
      EXPECT_EQ(take(sequence), Sequences{}) << sequence;
    }
  }

  Sequences time_out(Micros rtt = 100ms) {
    request.clear();
    generator.set_round_trip_time(rtt);
    generator.on_timeout(now, request);
    return requested();
  }

  [[nodiscard]] Sequences requested() const {
    Sequences out;
    for (const SeqNum sequence : request.sequences()) {
      out.push_back(sequence.value);
    }
    return out;
  }

  NackGenerator generator;
  NackRequest request;
  bool was_requested = false;
  Micros now{10s};
};

constexpr Sequences kNone{};

TEST(NackGenerator, Ng01Rec01InOrderAndFarBehind) {  // NG1, REC-01
  Receiver receiver;
  for (uint16_t s = 2371; s <= 2380; ++s) {
    EXPECT_EQ(receiver.take(s), kNone);
  }
  receiver.take_all({2254, 2250});
  EXPECT_FALSE(receiver.request.key_frame_needed());
}

TEST(NackGenerator, Ng02Rec01OneMissing) {  // NG2, REC-01
  Receiver receiver;
  receiver.take_all({2381});
  EXPECT_EQ(receiver.take(2383), Sequences{2382});
}

TEST(NackGenerator, Ng03Rec01Wrap) {  // NG3, REC-01
  Receiver receiver;
  receiver.take_all({65534, 65535, 0});
}

TEST(NackGenerator, Ng04Rec01MissingAtTheWrap) {  // NG4, REC-01
  Receiver receiver;
  receiver.take_all({65534, 65535});
  EXPECT_EQ(receiver.take(1), Sequences{0});
}

TEST(NackGenerator, Ng05Rec01RequestedOnceAndKeyFramesInOrder) {  // NG5, REC-01
  Receiver receiver;
  receiver.take_all({65534, 65535});
  EXPECT_EQ(receiver.take(1), Sequences{0});
  EXPECT_EQ(receiver.take(11), run_of(2, 9));
  EXPECT_EQ(receiver.key(12), kNone);
  EXPECT_EQ(receiver.key(13), kNone);
}

TEST(NackGenerator, Ng06Rec01EveryOtherMissing) {  // NG6, REC-01
  Receiver receiver;
  receiver.take_all({1});
  for (const uint16_t s : std::initializer_list<uint16_t>{3, 5, 7, 9}) {
    EXPECT_EQ(receiver.take(s), Sequences{static_cast<uint16_t>(s - 1)});
  }
}

TEST(NackGenerator, Ng07Rec01UnevenGaps) {  // NG7, REC-01
  Receiver receiver;
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(3), Sequences{2});
  EXPECT_EQ(receiver.take(7), run_of(4, 3));
  EXPECT_EQ(receiver.take(9), Sequences{8});
}

TEST(NackGenerator, Ng08Rec01LargeGapThenLate) {  // NG8, REC-01
  Receiver receiver;
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(300), run_of(2, 298));
  receiver.take_all({3, 4, 5});
}

TEST(NackGenerator, Ng09Rec01TooLargeAGap) {  // NG9, REC-01
  Receiver receiver;
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(3000), kNone);
  EXPECT_TRUE(receiver.request.key_frame_needed());
  EXPECT_EQ(receiver.generator.missing(), 0u);
}

TEST(NackGenerator, Ng10Rec01RepairedStreamGoesOn) {  // NG10, REC-01
  Receiver receiver;
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(3), Sequences{2});
  receiver.take_all({2, 4});
}

TEST(NackGenerator, Ng11Rec01GapAcrossTheWrap) {  // NG11, REC-01
  Receiver receiver;
  receiver.take_all({0xfffe});
  EXPECT_EQ(receiver.take(1), (Sequences{0xffff, 0}));
}

TEST(NackGenerator, Ng12Rec01OneOverTheLimit) {  // NG12, REC-01
  Receiver receiver;
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(1003), kNone);
  EXPECT_TRUE(receiver.request.key_frame_needed());
  Receiver at_limit;
  at_limit.take_all({1});
  EXPECT_EQ(at_limit.take(1002), run_of(2, 1000));
  EXPECT_FALSE(at_limit.request.key_frame_needed());
}

TEST(NackGenerator, DropsWhatIsBeforeAKeyFrameWhenTheListIsFull) {
  Receiver receiver;
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(600).size(), 598u);
  EXPECT_EQ(receiver.key(601), kNone);
  // 598 + 500 are too many, but the key frame at 601 makes the first 598 useless.
  EXPECT_EQ(receiver.take(1102), run_of(602, 500));
  EXPECT_FALSE(receiver.request.key_frame_needed());
  EXPECT_EQ(receiver.generator.missing(), 500u);
}

TEST(NackGenerator, UsesALaterKeyFrameWhenTheOldestDoesNotHelp) {
  Receiver receiver;
  EXPECT_EQ(receiver.key(1), kNone);
  EXPECT_EQ(receiver.take(500).size(), 498u);
  EXPECT_EQ(receiver.key(501), kNone);
  EXPECT_EQ(receiver.take(900), run_of(502, 398));
  EXPECT_EQ(receiver.take(1300), run_of(901, 399));
  EXPECT_FALSE(receiver.request.key_frame_needed());
  EXPECT_EQ(receiver.generator.missing(), 398u + 399u);
}

TEST(NackGenerator, Rec02RequestsTenTimesAtRttSteps) {  // REC-02
  Receiver receiver;
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(3), Sequences{2});
  const Micros start = receiver.now;
  std::vector<int64_t> times;
  for (int i = 0; i < 100 && receiver.generator.next_timeout(); ++i) {
    receiver.now = *receiver.generator.next_timeout();
    if (receiver.time_out(100ms) == Sequences{2}) {
      times.push_back((receiver.now - start) / 1ms);
    }
  }
  // The timer ticks each 40 ms; at 120 ms the round trip of 100 ms is over.
  EXPECT_EQ(times, (std::vector<int64_t>{120, 240, 360, 480, 600, 720, 840, 960, 1080}));
  EXPECT_EQ(receiver.generator.missing(), 0u);
  EXPECT_EQ(receiver.generator.next_timeout(), std::nullopt);
  receiver.take(2);
  EXPECT_FALSE(receiver.was_requested);
}

TEST(NackGenerator, Rec02AnUnknownRttIs100ms) {  // REC-02
  Receiver receiver;
  receiver.take_all({1});
  receiver.take(3);
  for (const auto& [step, expected] :
       {std::pair{40ms, kNone}, {40ms, kNone}, {40ms, Sequences{2}}}) {
    receiver.now += step;
    EXPECT_EQ(receiver.time_out(0us), expected);
  }
}

TEST(NackGenerator, TheTimerRunsOnlyWhilePacketsAreMissing) {
  Receiver receiver;
  receiver.take_all({1, 2});
  EXPECT_EQ(receiver.generator.next_timeout(), std::nullopt);
  receiver.take(4);
  EXPECT_EQ(receiver.generator.next_timeout(), receiver.now + 40ms);
  receiver.take(3);
  receiver.now += 40ms;
  EXPECT_EQ(receiver.time_out(), kNone);
  EXPECT_EQ(receiver.generator.next_timeout(), std::nullopt);
}

TEST(NackGenerator, ATimeoutBeforeItsTimeDoesNothing) {
  Receiver receiver;
  receiver.take_all({1});
  receiver.take(3);
  receiver.now += 39ms;
  EXPECT_EQ(receiver.time_out(1us), kNone);
  receiver.now += 1ms;
  EXPECT_EQ(receiver.time_out(1us), Sequences{2});
}

TEST(NackGenerator, Rec03RtxAheadOfTheMediaIsNotRequestedLater) {  // REC-03
  Receiver receiver;
  receiver.take_all({1});
  EXPECT_EQ(receiver.rtx(3), kNone);
  EXPECT_FALSE(receiver.was_requested);
  EXPECT_EQ(receiver.take(5), (Sequences{2, 4}));
}

TEST(NackGenerator, Rec04RequestedPacketByRtx) {  // REC-04
  Receiver receiver;
  receiver.take_all({1});
  receiver.take(3);
  receiver.rtx(2);
  EXPECT_TRUE(receiver.was_requested);
  receiver.rtx(2);
  EXPECT_FALSE(receiver.was_requested);
}

TEST(NackGenerator, Rec05UnrequestedRtx) {  // REC-05
  Receiver receiver;
  receiver.take_all({1, 2, 3});
  receiver.rtx(2);
  EXPECT_FALSE(receiver.was_requested);
}

TEST(NackGenerator, TheSendDelayGivesLatePacketsTime) {
  Receiver receiver(10ms);
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(3), kNone);
  receiver.now += 9999us;
  EXPECT_EQ(receiver.take(4), kNone);
  EXPECT_EQ(receiver.take(6), kNone);
  receiver.now += 1us;
  EXPECT_EQ(receiver.take(7), Sequences{2});
  // 5 came late but in time: it was never requested.
  EXPECT_EQ(receiver.take(5), kNone);
  EXPECT_FALSE(receiver.was_requested);
}

TEST(NackGenerator, TheTimerSendsWhatWaitedForTheDelay) {
  Receiver receiver(10ms);
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(3), kNone);
  EXPECT_EQ(receiver.generator.next_timeout(), receiver.now + 10ms);
  receiver.now += 4ms;
  EXPECT_EQ(receiver.take(5), kNone);
  receiver.now += 6ms;
  EXPECT_EQ(receiver.time_out(), Sequences{2});
  EXPECT_EQ(receiver.generator.next_timeout(), receiver.now + 4ms);
  receiver.now += 4ms;
  EXPECT_EQ(receiver.time_out(), Sequences{4});
  // From here on it is about repetitions.
  EXPECT_EQ(receiver.generator.next_timeout(), receiver.now + 26ms);
}

TEST(NackGenerator, APacketThatComesInTimeNeedsNoTimer) {
  Receiver receiver(10ms);
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(3), kNone);
  receiver.now += 3ms;
  EXPECT_EQ(receiver.take(5), kNone);
  EXPECT_EQ(receiver.take(2), kNone);
  EXPECT_EQ(receiver.generator.next_timeout(), receiver.now + 10ms) << "4 is what is waited for";
  EXPECT_EQ(receiver.take(4), kNone);
  EXPECT_EQ(receiver.generator.next_timeout(), receiver.now + 37ms);
}

TEST(NackGenerator, AMissingPacketThatComesAsRtxUnaskedIsTaken) {
  Receiver receiver(10ms);
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(3), kNone);
  receiver.rtx(2);
  EXPECT_TRUE(receiver.was_requested);
  receiver.now += 50ms;
  EXPECT_EQ(receiver.time_out(), kNone);
}

TEST(NackGenerator, ForgetsPacketsTooFarBehind) {
  Receiver receiver;
  receiver.take_all({1});
  EXPECT_EQ(receiver.take(3), Sequences{2});
  for (uint16_t s = 4; s <= 10002; ++s) {
    receiver.take(s);
  }
  EXPECT_EQ(receiver.generator.missing(), 1u);
  receiver.take(10003);
  EXPECT_EQ(receiver.generator.missing(), 0u);
}

TEST(NackGenerator, ResetForgetsEverything) {
  Receiver receiver;
  receiver.take_all({1});
  receiver.take(3);
  receiver.rtx(5);
  receiver.generator.reset();
  EXPECT_EQ(receiver.generator.next_timeout(), std::nullopt);
  EXPECT_EQ(receiver.generator.missing(), 0u);
  receiver.take_all({30000, 30001});
}

TEST(NackGenerator, SurvivesScatteredLossOverManyRounds) {
  // Every tenth packet is lost and comes 200 packets later; nothing else is ever requested.
  Receiver receiver;
  size_t requests = 0;
  receiver.take(0);
  for (uint32_t i = 1; i < 300'000; ++i) {
    const auto s = static_cast<uint16_t>(i);
    if (i % 10 != 5) {
      const Sequences out = receiver.take(s);
      requests += out.size();
      ASSERT_EQ(out, i % 10 == 6 ? Sequences{static_cast<uint16_t>(s - 1)} : kNone) << i;
    }
    if (i % 10 == 9 && i > 200) {
      receiver.take(static_cast<uint16_t>(s - 204));
      ASSERT_TRUE(receiver.was_requested) << i;
      ASSERT_LE(receiver.generator.missing(), 21u);
    }
  }
  EXPECT_EQ(requests, 30'000u);
}

TEST(NackGenerator, AFullRequestLosesNothing) {
  Receiver receiver;
  receiver.take_all({1});
  // The caller does not clear the list in between, so the second gap finds it full.
  NackRequest& request = receiver.request;
  request.clear();
  receiver.generator.on_packet(SeqNum{1002}, false, false, receiver.now, request);
  EXPECT_TRUE(request.full());
  receiver.generator.on_packet(SeqNum{500}, false, false, receiver.now, request);
  receiver.generator.on_packet(SeqNum{1004}, false, false, receiver.now, request);
  EXPECT_EQ(request.sequences().size(), 1000u);
  request.clear();
  receiver.generator.on_packet(SeqNum{1005}, false, false, receiver.now, request);
  EXPECT_EQ(receiver.requested(), Sequences{1003});
}

/// A stream of one packet each 4 ms over a link: `fate` gives the lateness of a packet, nothing for
/// one that is lost and comes as RTX a round trip after the request. Counts requests of packets
/// that came by themselves, and the time from the loss of a packet to its request.
struct Link {
  static constexpr Micros kRtt = 50ms;

  explicit Link(const NackGenerator::Settings& of) : settings(of), receiver(of) {
    receiver.generator.set_round_trip_time(kRtt);
  }

  template <class Fate>
  void run(uint32_t packets, Fate&& fate) {
    useless = requests = 0;
    slowest = 0ms;
    for (uint32_t i = 0; i < packets; ++i, ++sent) {
      const auto s = static_cast<uint16_t>(sent);
      const Micros at = Micros{10s} + Micros{4ms} * sent;
      if (const std::optional<Micros> late = fate(i)) {
        arrivals.emplace(at + *late, std::pair{s, false});
      } else {
        lost[s] = at;
      }
      deliver_until(at + 4ms);
    }
  }

  void deliver_until(Micros end) {
    while (true) {
      const auto due = receiver.generator.next_timeout();
      const Micros arrival = arrivals.empty() ? end : arrivals.begin()->first;
      if (std::min(arrival, due.value_or(end)) >= end) {
        return;
      }
      if (due && *due <= arrival) {
        receiver.now = *due;
        take_requests(receiver.time_out(kRtt));
        continue;
      }
      receiver.now = arrival;
      const auto [s, rtx] = arrivals.begin()->second;
      arrivals.erase(arrivals.begin());
      take_requests(receiver.take(s, false, rtx));
    }
  }

  void take_requests(const Sequences& asked) {
    for (const uint16_t s : asked) {
      ++requests;
      if (const auto found = lost.find(s); found != lost.end()) {
        slowest = std::max(slowest, receiver.now - found->second);
        arrivals.emplace(receiver.now + kRtt, std::pair{s, settings.has_rtx});
        lost.erase(found);
      } else {
        ++useless;
      }
    }
  }

  NackGenerator::Settings settings;
  Receiver receiver;
  uint32_t sent = 0;
  std::multimap<Micros, std::pair<uint16_t, bool>> arrivals;
  std::map<uint16_t, Micros> lost;
  size_t useless = 0;
  size_t requests = 0;
  Micros slowest{0};
};

constexpr Micros kInTime{0};

TEST(AdaptiveNackDelay, WifiLikeReorderingCausesNoUselessRequests) {
  Link link(NackGenerator::Settings{});
  EXPECT_EQ(link.receiver.generator.send_delay(), 10ms);
  // Every twentieth packet is 5 to 18 ms late: first the delay has to be learned.
  const auto wifi = [](uint32_t i) {
    return std::optional(i % 20 == 7 ? Micros{5ms} + Micros{1ms} * (i / 20 * 5 % 14) : kInTime);
  };
  link.run(1300, wifi);
  EXPECT_LE(link.useless, 8u);
  // Missed from the next packet on, 4 ms after it should have come.
  EXPECT_EQ(link.receiver.generator.send_delay(), 15ms);
  link.run(10'000, wifi);
  EXPECT_LE(link.useless, 5u) << "of 500 late ones, when the latest were rare for a while";
}

TEST(AdaptiveNackDelay, ALinkThatOnlyLosesIsAskedAtOnce) {
  Link link(NackGenerator::Settings{});
  const auto lossy = [](uint32_t i) { return i % 20 == 7 ? std::nullopt : std::optional(kInTime); };
  link.run(500, lossy);
  EXPECT_EQ(link.receiver.generator.send_delay(), 0ms);
  link.run(10'000, lossy);
  EXPECT_EQ(link.requests, 500u);
  EXPECT_EQ(link.slowest, 4ms) << "with the next packet";
}

TEST(AdaptiveNackDelay, TheDelayFollowsALinkThatChanges) {
  Link link(NackGenerator::Settings{});
  link.run(2000, [](uint32_t i) { return i % 20 == 7 ? std::nullopt : std::optional(kInTime); });
  EXPECT_EQ(link.receiver.generator.send_delay(), 0ms);
  const auto reordering = [](uint32_t i) {
    return std::optional(i % 20 == 7 ? Micros{9ms} : kInTime);
  };
  // Four late packets of 64 are enough; there are six.
  link.run(120, reordering);
  EXPECT_LE(link.useless, 6u);
  EXPECT_EQ(link.receiver.generator.send_delay(), 6ms);
  link.run(10'000, reordering);
  EXPECT_EQ(link.requests, 0u);
}

TEST(AdaptiveNackDelay, WithoutRtxAnAnswerIsToldByItsRoundTrip) {
  Link link(NackGenerator::Settings{.send_delay = std::nullopt, .has_rtx = false});
  link.run(500, [](uint32_t i) { return i % 20 == 7 ? std::nullopt : std::optional(kInTime); });
  EXPECT_EQ(link.receiver.generator.send_delay(), 0ms);
  link.run(500, [](uint32_t i) { return std::optional(i % 20 == 7 ? Micros{14ms} : kInTime); });
  EXPECT_EQ(link.receiver.generator.send_delay(), 11ms);
}

TEST(ReorderDelay, IsThe95thPercentileOfTheLast64) {
  ReorderDelay delay;
  EXPECT_EQ(delay.value(), 10ms);
  for (int i = 0; i < 61; ++i) {
    delay.on_lost();
  }
  EXPECT_EQ(delay.value(), 0ms);
  delay.on_reordered(5ms);
  delay.on_reordered(7ms);
  delay.on_reordered(200ms);
  EXPECT_EQ(delay.value(), 0ms) << "three of 64 are less than 5 %";
  delay.on_reordered(3100us);
  EXPECT_EQ(delay.value(), 4ms) << "the lowest of the four, the whole millisecond above";
  for (int i = 0; i < 64; ++i) {
    delay.on_reordered(50ms);
  }
  EXPECT_EQ(delay.value(), 20ms);
  for (int i = 0; i < 64; ++i) {
    delay.on_lost();
  }
  EXPECT_EQ(delay.value(), 0ms);
}

TEST(ReorderDelay, StartsFromItsDefaultUntilItKnowsEnough) {
  ReorderDelay delay;
  for (size_t i = 0; i + 1 < ReorderDelay::kEnough; ++i) {
    delay.on_lost();
    EXPECT_EQ(delay.value(), 10ms);
  }
  delay.on_lost();
  EXPECT_EQ(delay.value(), 0ms);
  ReorderDelay late;
  late.on_reordered(15ms);
  EXPECT_EQ(late.value(), 16ms) << "upwards it goes at once";
}

TEST(PackNackItems, OneItemForSeventeenNumbers) {
  std::vector<std::pair<uint16_t, uint16_t>> items;
  const auto pack = [&items](const Sequences& values) {
    std::vector<SeqNum> sequences;
    for (const uint16_t value : values) {
      sequences.emplace_back(value);
    }
    items.clear();
    pack_nack_items(sequences,
                    [&](SeqNum pid, uint16_t blp) { items.emplace_back(pid.value, blp); });
    return items;
  };
  using Items = std::vector<std::pair<uint16_t, uint16_t>>;
  EXPECT_EQ(pack({}), Items{});
  EXPECT_EQ(pack({7}), (Items{{7, 0}}));
  EXPECT_EQ(pack({65535, 0, 15}), (Items{{65535, 0x8001}}));
  EXPECT_EQ(pack({1, 18}), (Items{{1, 0}, {18, 0}}));
  EXPECT_EQ(pack(run_of(10, 18)), (Items{{10, 0xffff}, {27, 0}}));
}

}  // namespace
}  // namespace sluice::rtp
