// Observers as the object model has them (ortc-model 1.15, 1.16, rows 128 to 130).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "media/active_speaker_observer.h"
#include "media/audio_level_observer.h"
#include "media/media_loop.h"
#include "unit/media/object_model.h"

namespace sluice::media::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ObserverRows : public ObjectModel {
 protected:
  /// Notes what an observer tells, in order.
  void watch(RtpObserver& observer) {
    const auto note = [this](std::string entry) {
      return [this, entry = std::move(entry)](const auto&...) { told.push_back(entry); };
    };
    observer.on_pause.connect(note("pause"));
    observer.on_resume.connect(note("resume"));
    observer.on_add_producer.connect(note("addproducer"));
    observer.on_remove_producer.connect(note("removeproducer"));
    observer.on_router_close.connect(note("routerclose"));
    observer.on_close.connect(note("close"));
  }
  std::vector<std::string> take() { return std::exchange(told, {}); }

  /// The handle of the object that was made last: they are given in order.
  Handle last_handle() { return world.engine().loops().next_handle() - 1; }
  /// Speaks for an observer's loop.
  void emit(Handle observer, const ObserverEvent& event) {
    world.engine().loops().post(router->home_loop(),
                                [observer, event](MediaLoop& loop) { loop.emit(observer, event); });
  }

  std::vector<std::string> told;
};

TEST_F(ObserverRows, Ortc128AnAudioLevelObserver) {  // ORTC-128
  std::vector<std::shared_ptr<RtpObserver>> announced;
  router->on_new_rtp_observer.connect([&](const auto& made) { announced.push_back(made); });
  const auto observer = router->create_audio_level_observer().value();
  EXPECT_STREQ(observer->type(), "audiolevel");
  EXPECT_FALSE(observer->paused());
  EXPECT_FALSE(observer->closed());
  EXPECT_THAT(announced, ElementsAre(observer));
  EXPECT_EQ(router->dump().value().at("rtpObserverIds"), as_json(std::vector{observer->id()}));
  for (const int64_t entries : {0, -10}) {
    EXPECT_EQ(outcome(router->create_audio_level_observer({.max_entries = entries})), "TypeError");
  }
  for (const int64_t threshold : {1, -128}) {  // OBS-01
    EXPECT_EQ(outcome(router->create_audio_level_observer({.threshold = threshold})), "TypeError");
  }
  EXPECT_THAT(announced, ElementsAre(observer)) << "what was refused never was";
}

TEST_F(ObserverRows, Ortc129AnActiveSpeakerObserver) {  // ORTC-129
  const auto observer = router->create_active_speaker_observer().value();
  EXPECT_STREQ(observer->type(), "activespeaker");
  EXPECT_FALSE(observer->paused());
  EXPECT_EQ(router->dump().value().at("rtpObserverIds"), as_json(std::vector{observer->id()}));
}

TEST_F(ObserverRows, Ortc130PauseAndResumeAreToldWhenTheyChangeSomething) {  // ORTC-130
  const auto observer = router->create_audio_level_observer().value();
  watch(*observer);
  ASSERT_TRUE(observer->pause());
  ASSERT_TRUE(observer->pause());
  EXPECT_TRUE(observer->paused());
  ASSERT_TRUE(observer->resume());
  ASSERT_TRUE(observer->resume());
  EXPECT_FALSE(observer->paused());
  EXPECT_THAT(take(), ElementsAre("pause", "resume"));
}

TEST_F(ObserverRows, Ortc130EachReasonToCloseIsToldOnce) {  // ORTC-130
  const auto one = router->create_audio_level_observer().value();
  const auto two = router->create_active_speaker_observer().value();
  watch(*one);
  watch(*two);
  one->close();
  one->close();
  EXPECT_THAT(take(), ElementsAre("close"));
  EXPECT_EQ(router->dump().value().at("rtpObserverIds"), as_json(std::vector{two->id()}));
  EXPECT_EQ(outcome(one->pause()), "Error");
  EXPECT_EQ(outcome(one->add_producer("x")), "Error");
  router->close();
  EXPECT_TRUE(two->closed());
  EXPECT_THAT(take(), ElementsAre("routerclose", "close"));
}

TEST_F(ObserverRows, Ortc130ClosingTheEngineClosesObservers) {  // ORTC-130
  const auto observer = router->create_active_speaker_observer().value();
  watch(*observer);
  world.engine().close();
  EXPECT_THAT(take(), ElementsAre("routerclose", "close"));
  EXPECT_EQ(outcome(observer->resume()), "InvalidStateError");
  EXPECT_EQ(outcome(router->create_audio_level_observer()), "InvalidStateError");
}

TEST_F(ObserverRows, ProducersAreAddedAndRemoved) {
  const auto levels = router->create_audio_level_observer().value();
  const auto speaker = router->create_active_speaker_observer().value();
  const auto audio = produce();
  const auto video = produce(kVideoStream);
  watch(*levels);
  for (const auto& observer : std::vector<std::shared_ptr<RtpObserver>>{levels, speaker}) {
    EXPECT_EQ(outcome(observer->add_producer(video->id())), "TypeError");
    EXPECT_EQ(outcome(observer->add_producer("nobody")), "Error");
    EXPECT_EQ(outcome(observer->remove_producer("nobody")), "Error");
    EXPECT_EQ(outcome(observer->add_producer(audio->id())), "ok");
    EXPECT_THAT(observer->producers(), ElementsAre(audio));
  }
  EXPECT_EQ(outcome(levels->add_producer(audio->id())), "ok") << "twice is harmless";
  EXPECT_EQ(outcome(speaker->add_producer(audio->id())), "Error");
  EXPECT_EQ(router->dump().value().at("mapProducerIdObserverIds"),
            map_of_lists(audio->id(), {levels->id(), speaker->id()}));
  EXPECT_EQ(outcome(levels->remove_producer(audio->id())), "ok");
  EXPECT_EQ(outcome(levels->remove_producer(audio->id())), "ok");
  EXPECT_THAT(take(), ElementsAre("addproducer", "removeproducer"));
  EXPECT_THAT(levels->producers(), IsEmpty());
}

TEST_F(ObserverRows, AProducerThatClosesIsRemovedSilently) {
  const auto observer = router->create_audio_level_observer().value();
  const auto one = produce();
  ASSERT_TRUE(observer->add_producer(one->id()));
  watch(*observer);
  one->close();
  EXPECT_THAT(observer->producers(), IsEmpty());
  const auto two = produce();
  ASSERT_TRUE(observer->add_producer(two->id()));
  transport->close();
  EXPECT_THAT(observer->producers(), IsEmpty());
  EXPECT_THAT(take(), ElementsAre("addproducer"));
  EXPECT_EQ(router->dump().value().at("mapProducerIdObserverIds"), boost::json::array{});
}

TEST_F(ObserverRows, VolumesNameProducersAndLeaveOutThoseThatAreGone) {
  const auto audio = produce();
  const Handle producer = last_handle();
  const auto observer = router->create_audio_level_observer().value();
  const Handle handle = last_handle();
  ASSERT_TRUE(observer->add_producer(audio->id()));
  std::vector<std::string> heard;
  observer->on_volumes.connect([&](const std::vector<AudioLevelObserver::Volume>& volumes) {
    for (const auto& entry : volumes) {
      heard.push_back(entry.producer->id() + " " + std::to_string(entry.volume));
    }
  });
  observer->on_silence.connect([&] { heard.emplace_back("silence"); });
  emit(handle, VolumesMeasured{{{.producer = producer + 1000, .volume = -20}}});
  emit(handle, VolumesMeasured{{{.producer = producer + 1000, .volume = -20}, {producer, -30}}});
  emit(handle, SilenceBegan{});
  ASSERT_TRUE(world.run_until([&] { return heard.size() == 2; }));
  EXPECT_THAT(heard, ElementsAre(audio->id() + " -30", "silence"));
}

TEST_F(ObserverRows, WhoeverIsAloneIsDominant) {
  const auto observer = router->create_active_speaker_observer({.interval = Millis{1}}).value();
  const auto audio = produce();
  ASSERT_TRUE(observer->add_producer(audio->id()));
  std::string dominant;
  observer->on_dominant_speaker.connect(
      [&](const std::shared_ptr<Producer>& producer) { dominant = producer->id(); });
  ASSERT_TRUE(world.run_until([&] { return !dominant.empty(); }));
  EXPECT_EQ(dominant, audio->id());
}

}  // namespace
}  // namespace sluice::media::test
