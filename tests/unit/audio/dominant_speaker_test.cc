// Dominant speaker identification over synthetic levels, in virtual time: packets each 20 ms, an
// evaluation each 300 ms.
#include "protocol/audio/dominant_speaker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace sluice::audio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint8_t kSpeech = 20;  // -dBov
constexpr uint8_t kSilence = 127;
constexpr uint8_t kBackground = 75;

/// Speakers with scripted levels, and the switches that their observer reported.
class Conversation {
 public:
  /// The level of a speaker at a time; nothing when no packet is sent (DTX).
  using Script = std::function<std::optional<uint8_t>(Micros)>;

  void add(uint64_t producer, Script script) {
    speakers_.push_back({producer, std::move(script), false, {}});
  }
  void set_paused(uint64_t producer, bool paused) { find(producer).paused = paused; }
  void remove(uint64_t producer) {
    std::erase_if(speakers_, [&](const Speaker& s) { return s.producer == producer; });
    if (dominant_.on_removed(producer)) {
      evaluate();
    }
  }

  void run(Micros duration) {
    for (const Micros end = now_ + duration; now_ < end;) {
      now_ += 20ms;
      for (Speaker& speaker : speakers_) {
        if (const auto level = speaker.script(now_)) {
          speaker.activity.on_level(*level, now_);
        }
      }
      if (now_ % 300ms == Micros{0}) {
        evaluate();
      }
    }
  }

  [[nodiscard]] std::vector<uint64_t> switches() const {
    std::vector<uint64_t> producers;
    for (const auto& [at, producer] : switches_) {
      producers.push_back(producer);
    }
    return producers;
  }
  [[nodiscard]] Micros switched_at(size_t index) const { return switches_.at(index).first; }

 private:
  struct Speaker {
    uint64_t producer;
    Script script;
    bool paused;
    SpeakerActivity activity;
  };

  Speaker& find(uint64_t producer) {
    return *std::ranges::find(speakers_, producer, &Speaker::producer);
  }

  void evaluate() {
    std::vector<SpeakerState> states;
    for (Speaker& speaker : speakers_) {
      speaker.activity.on_tick(now_);
      states.push_back({.producer = speaker.producer,
                        .paused = speaker.paused,
                        .scores = speaker.activity.scores()});
    }
    if (const auto chosen = dominant_.on_interval(states)) {
      switches_.emplace_back(now_, *chosen);
    }
  }

  Micros now_{0};
  std::vector<Speaker> speakers_;
  DominantSpeaker dominant_;
  std::vector<std::pair<Micros, uint64_t>> switches_;
};

Conversation::Script constant(uint8_t level) {
  return [level](Micros) { return level; };
}

/// Speech in [from, to), background otherwise.
Conversation::Script speaks(Micros from, Micros to) {
  return [=](Micros now) { return now >= from && now < to ? kSpeech : kBackground; };
}

TEST(DominantSpeaker, NobodyIsThere) {
  DominantSpeaker dominant;
  EXPECT_FALSE(dominant.on_interval({}));
  EXPECT_FALSE(dominant.current());
}

TEST(DominantSpeaker, WhoeverIsAloneIsDominantAtTheFirstTick) {
  Conversation room;
  room.add(7, constant(kSilence));
  room.run(1s);
  EXPECT_THAT(room.switches(), ElementsAre(7));
  EXPECT_EQ(room.switched_at(0), Micros{300ms});
}

TEST(DominantSpeaker, SilenceKeepsTheFirstOne) {
  Conversation room;
  room.add(1, constant(kSilence));
  room.add(2, constant(kSilence));
  room.run(10s);
  EXPECT_THAT(room.switches(), ElementsAre(1));
}

TEST(DominantSpeaker, TwoSpeakersTakeTurns) {  // OBS-07
  Conversation room;
  room.add(1, [](Micros now) { return now / 5s % 2 == 0 ? kSpeech : kBackground; });
  room.add(2, [](Micros now) { return now / 5s % 2 == 1 ? kSpeech : kBackground; });
  room.run(20s);
  ASSERT_THAT(room.switches(), ElementsAre(1, 2, 1, 2));
  for (size_t turn = 1; turn < 4; ++turn) {
    const Micros began = turn * 5s;
    EXPECT_GT(room.switched_at(turn), began);
    // Two intervals, after the tick in progress.
    EXPECT_LE(room.switched_at(turn), began + 900ms) << "turn " << turn;
  }
}

TEST(DominantSpeaker, ShortNoiseDoesNotSwitch) {
  Conversation room;
  room.add(1, constant(kBackground));
  room.add(2, speaks(2s, 2100ms));
  room.run(5s);
  EXPECT_THAT(room.switches(), ElementsAre(1));
}

TEST(DominantSpeaker, SomebodyWhoStoppedSendingIsOvertaken) {
  Conversation room;
  room.add(1, [](Micros now) { return now < 3s ? std::optional(kSpeech) : std::nullopt; });
  room.add(2, speaks(3s, 60s));
  room.run(6s);
  EXPECT_THAT(room.switches(), ElementsAre(1, 2));
}

TEST(DominantSpeaker, PausedSpeakersDoNotBecomeDominant) {
  Conversation room;
  room.add(1, constant(kBackground));
  room.add(2, speaks(200ms, 60s));
  room.set_paused(2, true);
  room.run(3s);
  EXPECT_THAT(room.switches(), ElementsAre(1));
  room.set_paused(2, false);
  room.run(3s);
  EXPECT_THAT(room.switches(), ElementsAre(1, 2));
}

TEST(DominantSpeaker, WhenTheDominantOneLeavesAnotherIsFoundAtOnce) {
  Conversation room;
  room.add(1, speaks(200ms, 60s));
  room.add(2, constant(kBackground));
  room.add(3, speaks(200ms, 60s));
  room.run(2s);
  ASSERT_THAT(room.switches(), ElementsAre(1));
  room.remove(1);
  EXPECT_THAT(room.switches(), ElementsAre(1, 3));
  EXPECT_EQ(room.switched_at(1), Micros{2s});
}

TEST(SpeakerActivity, SteadyNoiseBecomesTheFloor) {
  SpeakerActivity noisy;
  SpeakerActivity silent;
  for (Micros now{0}; now < 60s; now += 20ms) {
    noisy.on_level(kBackground, now);
    silent.on_level(kSilence, now);
  }
  EXPECT_EQ(noisy.scores().medium, silent.scores().medium);
}

TEST(SpeakerActivity, IdleAfterAnHourWithoutASample) {
  SpeakerActivity activity;
  EXPECT_FALSE(activity.idle(2h));
  activity.on_level(kSpeech, 0s);
  EXPECT_FALSE(activity.idle(3600s));
  EXPECT_TRUE(activity.idle(3601s));
}

}  // namespace
}  // namespace sluice::audio
