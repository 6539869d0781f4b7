#include "media/loop_observer.h"

#include <algorithm>
#include <map>

#include "media/loop_producer.h"
#include "media/media_loop.h"

namespace sluice::media {

// --- one observer --------------------------------------------------------------------------------

LoopObserver::LoopObserver(MediaLoop& loop, const ObserverSetup& setup)
    : loop_(loop),
      setup_(setup),
      timer_(net::Timer::of<&LoopObserver::on_timer>(this)),
      judge_(std::in_place_type<audio::VolumeRanking>, setup.levels) {
  if (setup.kind == ObserverKind::kActiveSpeaker) {
    judge_.emplace<audio::DominantSpeaker>();
  }
  schedule(loop.now());
}

void LoopObserver::add_producer(Handle producer, unsigned loop) {
  watched_.push_back({producer, loop});
  if (!paused_) {
    set_tap(watched_.back(), true);
  }
}

void LoopObserver::remove_producer(Handle producer) {
  const auto found = std::ranges::find(watched_, producer, &Watched::producer);
  if (found == watched_.end()) {
    return;
  }
  set_tap(*found, false);
  watched_.erase(found);
  if (auto* const dominant = std::get_if<audio::DominantSpeaker>(&judge_)) {
    if (dominant->on_removed(producer) && !paused_) {
      // Somebody else takes over without waiting for the interval to end.
      collect();
    }
  }
}

void LoopObserver::set_paused(bool paused) {
  if (paused == paused_) {
    return;
  }
  paused_ = paused;
  for (const Watched& watched : watched_) {
    set_tap(watched, !paused);
  }
  if (!paused) {
    schedule(loop_.now());
    return;
  }
  timer_.cancel();
  ++round_;
  missing_ = 0;
  if (auto* const ranking = std::get_if<audio::VolumeRanking>(&judge_)) {
    tell(ranking->on_pause());
  }
}

void LoopObserver::set_tap(const Watched& watched, bool present) {
  loop_.resources().post(watched.loop, [producer = watched.producer, observer = setup_.handle,
                                        kind = setup_.kind, present](MediaLoop& loop) {
    loop.observers().set_tap(producer, observer, kind, present);
  });
}

void LoopObserver::schedule(Micros now) {
  loop_.timers().schedule(timer_, now + setup_.interval);
}

void LoopObserver::on_timer(Micros now) {
  schedule(now);
  // A loop that is too busy to answer makes this interval longer.
  if (missing_ == 0) {
    collect();
  }
}

void LoopObserver::collect() {
  std::map<unsigned, std::vector<Handle>> by_loop;
  for (const Watched& watched : watched_) {
    by_loop[watched.loop].push_back(watched.producer);
  }
  ++round_;
  missing_ = by_loop.size();
  samples_.clear();
  for (auto& [loop, producers] : by_loop) {
    loop_.resources().post(loop, [home = loop_.index(), observer = setup_.handle, round = round_,
                                  asked = std::move(producers)](MediaLoop& there) {
      there.resources().post(
          home, [observer, round, samples = there.observers().take_samples(observer, asked)](
                    MediaLoop& here) { here.observers().on_samples(observer, round, samples); });
    });
  }
  if (missing_ == 0) {
    evaluate();
  }
}

void LoopObserver::on_samples(uint64_t round, std::span<const AudioSample> samples) {
  if (round != round_ || missing_ == 0) {
    return;
  }
  samples_.insert(samples_.end(), samples.begin(), samples.end());
  if (--missing_ == 0) {
    evaluate();
  }
}

void LoopObserver::evaluate() {
  if (auto* const ranking = std::get_if<audio::VolumeRanking>(&judge_)) {
    rank_volumes(*ranking);
  } else {
    choose_speaker(std::get<audio::DominantSpeaker>(judge_));
  }
}

const AudioSample* LoopObserver::sample_of(Handle producer) const {
  const auto found = std::ranges::find(samples_, producer, &AudioSample::producer);
  return found == samples_.end() ? nullptr : &*found;
}

void LoopObserver::rank_volumes(audio::VolumeRanking& ranking) {
  std::vector<audio::Volume> averages;
  for (const Watched& watched : watched_) {
    const AudioSample* const sample = sample_of(watched.producer);
    if (sample != nullptr && sample->average && !sample->paused) {
      averages.push_back({.producer = watched.producer, .volume = *sample->average});
    }
  }
  tell(ranking.on_interval(averages));
}

void LoopObserver::tell(const audio::VolumeRanking::Event& event) {
  if (const auto* volumes = std::get_if<audio::VolumeRanking::Volumes>(&event)) {
    loop_.emit(setup_.handle, ObserverEvent{VolumesMeasured{*volumes}});
  } else if (std::holds_alternative<audio::VolumeRanking::Silence>(event)) {
    loop_.emit(setup_.handle, ObserverEvent{SilenceBegan{}});
  }
}

void LoopObserver::choose_speaker(audio::DominantSpeaker& dominant) {
  std::vector<audio::SpeakerState> speakers;
  for (const Watched& watched : watched_) {
    if (const AudioSample* const sample = sample_of(watched.producer)) {
      // Who has been silent for an hour is as if paused, except for who spoke last.
      const bool absent = sample->idle && dominant.current() != watched.producer;
      speakers.push_back({.producer = watched.producer,
                          .paused = sample->paused || absent,
                          .scores = sample->activity});
    }
  }
  if (const auto speaker = dominant.on_interval(speakers)) {
    loop_.emit(setup_.handle, ObserverEvent{DominantSpeakerChanged{*speaker}});
  }
}

// --- all of a loop -------------------------------------------------------------------------------

LoopObserver* LoopObservers::find(Handle observer) {
  const auto found = observers_.find(observer);
  return found == observers_.end() ? nullptr : found->second.get();
}

void LoopObservers::add(const ObserverSetup& setup) {
  observers_.emplace(setup.handle, std::make_unique<LoopObserver>(loop_, setup));
}

void LoopObservers::set_paused(Handle observer, bool paused) {
  if (LoopObserver* const found = find(observer)) {
    found->set_paused(paused);
  }
}

void LoopObservers::add_producer(Handle observer, Handle producer, unsigned producer_loop) {
  if (LoopObserver* const found = find(observer)) {
    found->add_producer(producer, producer_loop);
  }
}

void LoopObservers::remove_producer(Handle observer, Handle producer) {
  if (LoopObserver* const found = find(observer)) {
    found->remove_producer(producer);
  }
}

void LoopObservers::set_tap(Handle producer, Handle observer, ObserverKind kind, bool present) {
  if (LoopProducer* const found = loop_.producer(producer)) {
    if (present) {
      found->add_tap(AudioTap(observer, kind));
    } else {
      found->remove_tap(observer);
    }
  }
}

std::vector<AudioSample> LoopObservers::take_samples(Handle observer,
                                                     std::span<const Handle> producers) {
  std::vector<AudioSample> samples;
  for (const Handle handle : producers) {
    if (LoopProducer* const found = loop_.producer(handle)) {
      if (const auto sample = found->take_sample(observer, loop_.now())) {
        samples.push_back(*sample);
      }
    }
  }
  return samples;
}

void LoopObservers::on_samples(Handle observer, uint64_t round,
                               std::span<const AudioSample> samples) {
  if (LoopObserver* const found = find(observer)) {
    found->on_samples(round, samples);
  }
}

}  // namespace sluice::media
