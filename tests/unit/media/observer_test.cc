// Observers of audio on the loops, in virtual time: packets with audio levels from producers on two
// loops, results from the loop of the observer (media-plane 11).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "media/loop_observer.h"
#include "streams.h"
#include "support/allocation_counter.h"

namespace sluice::media::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr uint8_t kLevelId = 7;

class Observers : public ::testing::Test {
 protected:
  Observers() : world(2), observer(world.next_handle()) {}

  /// On loop 0.
  void observe(ObserverSetup setup) {
    setup.handle = observer;
    world.command(0, [&](MediaLoop& loop) { loop.observers().add(setup); });
  }
  void observe_levels(const audio::AudioLevelOptions& options = {}) {
    observe({.kind = ObserverKind::kAudioLevel, .interval = options.interval, .levels = options});
  }
  void observe_speaker() {
    observe({.kind = ObserverKind::kActiveSpeaker, .interval = Millis{300}});
  }
  void pause_observer(bool paused) {
    world.command(0, [&](MediaLoop& loop) { loop.observers().set_paused(observer, paused); });
    world.settle();
  }

  /// A participant whose packets, one each 20 ms, have the level that `level` says: -dBov, or
  /// nothing when none is sent.
  using Script = std::function<std::optional<uint8_t>(Micros)>;
  Handle add_speaker(unsigned loop, Script level) {
    auto& connection = world.connect(loop);
    ProducerSetup setup = audio_producer(world.next_handle(), connection.handle);
    setup.extension_ids.set(rtp::ExtensionKind::kAudioLevel, kLevelId);
    world.command(loop, [&](MediaLoop& media) { media.add_producer(setup); });
    speakers_[setup.handle] = {&connection, std::move(level)};
    world.command(
        0, [&](MediaLoop& media) { media.observers().add_producer(observer, setup.handle, loop); });
    world.settle();
    return setup.handle;
  }
  static Script constant(uint8_t level) {
    return [level](Micros) { return level; };
  }
  void pause_speaker(Handle producer, bool paused) {
    world.command(speakers_.at(producer).connection->loop,
                  [&](MediaLoop& loop) { loop.set_producer_paused(producer, paused); });
  }

  void run(Micros duration) {
    for (const Micros end = world.now() + duration; world.now() < end;) {
      for (auto& [handle, speaker] : speakers_) {
        if (const auto level = speaker.level(world.now())) {
          speaker.connection->peer->send_rtp(packet(speaker, *level));
        }
      }
      world.advance(20ms, 20ms);
      if (world.now() - checked_ >= 5s) {
        checked_ = world.now();
        for (auto& [handle, speaker] : speakers_) {
          speaker.connection->peer->send_binding_request(world.now());
        }
      }
    }
  }

  /// What was told since the last call: producers and volumes; an empty list for silence.
  using Volumes = std::vector<std::pair<Handle, int>>;
  std::vector<Volumes> take_volumes() {
    std::vector<Volumes> all;
    for (const ObserverEvent& event : take_events()) {
      Volumes& told = all.emplace_back();
      if (const auto* measured = std::get_if<VolumesMeasured>(&event)) {
        for (const audio::Volume& entry : measured->volumes) {
          told.emplace_back(entry.producer, entry.volume);
        }
      }
    }
    return all;
  }
  std::vector<Handle> take_speakers() {
    std::vector<Handle> all;
    for (const ObserverEvent& event : take_events()) {
      all.push_back(std::get<DominantSpeakerChanged>(event).producer);
    }
    return all;
  }

  struct Speaker {
    LoopWorld::Connection* connection = nullptr;
    Script level;
    uint16_t sequence = 0;
  };
  static RtpFields packet(Speaker& speaker, uint8_t level) {
    RtpFields fields = audio_packet(speaker.sequence, 960U * speaker.sequence);
    ++speaker.sequence;
    fields.extensions = {{kLevelId, {level}}};
    return fields;
  }

  LoopWorld world;
  Handle observer;
  std::map<Handle, Speaker> speakers_;

 private:
  std::vector<ObserverEvent> take_events() {
    std::vector<ObserverEvent> found;
    for (const LoopEvent& event : std::exchange(world.events, {})) {
      if (const auto* content = std::get_if<ObserverEvent>(&event.event)) {
        EXPECT_EQ(event.target, observer);
        found.push_back(*content);
      }
    }
    return found;
  }

  Micros checked_{0};
};

TEST_F(Observers, Obs02Obs03LevelsAreAveragedOverTenPacketsAtLeast) {  // OBS-02, OBS-03
  observe_levels({.max_entries = 10});
  // 9 and 10 packets in each interval of a second.
  const auto in_every_second = [](int packets) -> Script {
    return [packets](Micros now) {
      return now % 1s < packets * 20ms ? std::optional<uint8_t>(40) : std::nullopt;
    };
  };
  world.advance(1s - world.now() % 1s);
  add_speaker(0, in_every_second(9));
  const Handle heard = add_speaker(1, in_every_second(10));
  run(4s);
  const auto told = take_volumes();
  ASSERT_FALSE(told.empty());
  for (const Volumes& volumes : told) {
    EXPECT_THAT(volumes, ElementsAre(Pair(heard, -40)));
  }
}

TEST_F(Observers, TheLoudestOfAllLoopsComeFirst) {
  observe_levels({.max_entries = 2, .threshold = -60, .interval = Millis{500}});
  const Handle loud = add_speaker(1, constant(20));
  const Handle louder = add_speaker(0, constant(10));
  add_speaker(1, constant(30));
  add_speaker(0, constant(61));
  run(510ms);
  EXPECT_THAT(take_volumes(), ElementsAre(ElementsAre(Pair(louder, -10), Pair(loud, -20))));
  run(1s);
  EXPECT_EQ(take_volumes().size(), 2u) << "one for each interval";
}

TEST_F(Observers, Obs04SilenceIsToldOnceAndNotBeforeVolumes) {  // OBS-04
  observe_levels();
  bool speaking = false;
  add_speaker(0, [&](Micros) { return std::optional<uint8_t>(speaking ? 30 : 100); });
  run(3s);
  EXPECT_THAT(take_volumes(), IsEmpty());
  speaking = true;
  run(3s);
  EXPECT_THAT(take_volumes(), testing::Contains(testing::Not(IsEmpty())));
  speaking = false;
  run(2s);  // the interval in which it ended may still be loud
  run(3s);
  const auto told = take_volumes();
  EXPECT_EQ(std::ranges::count_if(told, &Volumes::empty), 1);
  EXPECT_TRUE(told.back().empty());
}

TEST_F(Observers, Obs05APausedProducerIsNotListed) {  // OBS-05
  observe_levels({.max_entries = 5});
  const Handle one = add_speaker(0, constant(30));
  const Handle two = add_speaker(1, constant(40));
  run(1s);
  EXPECT_THAT(take_volumes(), ElementsAre(ElementsAre(Pair(one, -30), Pair(two, -40))));
  run(500ms);
  pause_speaker(one, true);
  run(500ms);
  EXPECT_THAT(take_volumes(), ElementsAre(ElementsAre(Pair(two, -40))));
  pause_speaker(one, false);
  run(1s);
  EXPECT_THAT(take_volumes(), ElementsAre(ElementsAre(Pair(one, -30), Pair(two, -40))));
}

TEST_F(Observers, Obs06ExtremeLevelsDoNotOverflow) {  // OBS-06
  observe_levels({.threshold = -127, .interval = Millis{5000}});
  const Handle producer = add_speaker(1, constant(127));
  run(5s);
  EXPECT_THAT(take_volumes(), ElementsAre(ElementsAre(Pair(producer, -127))));
}

TEST_F(Observers, APausedObserverHearsNothingAndBeginsAnew) {
  observe_levels();
  const Handle producer = add_speaker(1, constant(30));
  run(1s);
  EXPECT_THAT(take_volumes(), ElementsAre(ElementsAre(Pair(producer, -30))));
  run(500ms);
  pause_observer(true);
  EXPECT_THAT(take_volumes(), ElementsAre(IsEmpty())) << "silence";
  run(3s);
  EXPECT_THAT(take_volumes(), IsEmpty());
  pause_observer(false);
  speakers_.at(producer).level = constant(50);
  run(1s);
  EXPECT_THAT(take_volumes(), ElementsAre(ElementsAre(Pair(producer, -50))));
}

TEST_F(Observers, WhoeverIsRemovedOrClosedIsNotHeard) {
  observe_levels({.max_entries = 5});
  const Handle removed = add_speaker(0, constant(30));
  const Handle closed = add_speaker(1, constant(35));
  const Handle stays = add_speaker(1, constant(40));
  run(500ms);
  world.command(0, [&](MediaLoop& loop) { loop.observers().remove_producer(observer, removed); });
  world.command(1, [&](MediaLoop& loop) { loop.remove_producer(closed); });
  run(500ms);
  EXPECT_THAT(take_volumes(), ElementsAre(ElementsAre(Pair(stays, -40))));
  world.command(0, [&](MediaLoop& loop) { loop.observers().remove(observer); });
  run(3s);
  EXPECT_THAT(take_volumes(), IsEmpty());
}

TEST_F(Observers, Obs07SpeakersInTurnBecomeDominantInTurn) {  // OBS-07
  observe_speaker();
  const Micros began = world.now();
  const auto in_turn = [began](bool first) -> Script {
    return [began, first](Micros now) {
      const bool turn_of_first = (now - began) / 5s % 2 == 0;
      return uint8_t{turn_of_first == first ? uint8_t{20} : uint8_t{75}};
    };
  };
  const Handle one = add_speaker(0, in_turn(true));
  const Handle two = add_speaker(1, in_turn(false));
  run(4900ms);
  EXPECT_THAT(take_speakers(), ElementsAre(one));
  run(2s);
  EXPECT_THAT(take_speakers(), ElementsAre(two));
  run(3s);
  EXPECT_THAT(take_speakers(), IsEmpty());
  run(2s);
  EXPECT_THAT(take_speakers(), ElementsAre(one));
}

TEST_F(Observers, WhoeverIsAloneIsDominantAndWhoStaysBehindTakesOverAtOnce) {
  observe_speaker();
  const Handle one = add_speaker(1, constant(20));
  run(320ms);
  EXPECT_THAT(take_speakers(), ElementsAre(one));
  const Handle two = add_speaker(0, constant(75));
  run(3s);
  EXPECT_THAT(take_speakers(), IsEmpty());
  world.command(0, [&](MediaLoop& loop) { loop.observers().remove_producer(observer, one); });
  world.settle();
  EXPECT_THAT(take_speakers(), ElementsAre(two));
}

TEST_F(Observers, APausedSpeakerDoesNotBecomeDominant) {
  observe_speaker();
  const Handle quiet = add_speaker(0, constant(75));
  uint8_t level = 75;
  const Handle talker = add_speaker(1, [&](Micros) { return level; });
  run(1s);
  EXPECT_THAT(take_speakers(), ElementsAre(quiet));
  pause_speaker(talker, true);
  level = 20;
  run(3s);
  EXPECT_THAT(take_speakers(), IsEmpty());
  pause_speaker(talker, false);
  run(2s);
  EXPECT_THAT(take_speakers(), ElementsAre(talker));
}

TEST_F(Observers, HearingAllocatesNothing) {
  observe_levels();
  const Handle producer = add_speaker(0, constant(30));
  run(2s);
  Speaker& speaker = speakers_.at(producer);
  size_t allocated = 0;
  for (int i = 0; i < 20; ++i) {
    Buffer bytes =
        speaker.connection->peer->protect_rtp(sluice::test::make_rtp(packet(speaker, 30)));
    net::Datagram datagram;
    datagram.data = bytes;
    datagram.remote = speaker.connection->address;
    datagram.local_ip = *IpAddress::parse("192.0.2.1");
    allocated += sluice::test::allocations_of(
        [&] { world.loop(0).on_datagrams({&datagram, 1}, world.now()); });
  }
  EXPECT_EQ(allocated, 0u);
}

}  // namespace
}  // namespace sluice::media::test
