// Observers of audio on their loop, the home of their router: at the end of each interval what was
// heard of their producers is collected from those producers' loops, and the outcome told to the
// control thread (media-plane 11). What is heard waits in AudioTaps.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/types.h"
#include "media/audio_tap.h"
#include "media/loop_setup.h"
#include "net/timer_wheel.h"
#include "protocol/audio/dominant_speaker.h"
#include "protocol/audio/volume_ranking.h"

namespace sluice::media {

class MediaLoop;

/// One observer. Nothing is heard, nor does any timer run, while it is paused.
class LoopObserver {
 public:
  LoopObserver(MediaLoop& loop, const ObserverSetup& setup);
  LoopObserver(const LoopObserver&) = delete;
  LoopObserver& operator=(const LoopObserver&) = delete;

  void add_producer(Handle producer, unsigned loop);
  void remove_producer(Handle producer);
  void set_paused(bool paused);
  /// One loop's part of what `collect` asked for. Answers to earlier questions are ignored.
  void on_samples(uint64_t round, std::span<const AudioSample> samples);

 private:
  struct Watched {
    Handle producer;
    unsigned loop;
  };

  void on_timer(Micros now);
  void schedule(Micros now);
  /// Asks the loops for what was heard; `evaluate` follows when all have answered.
  void collect();
  void evaluate();
  void rank_volumes(audio::VolumeRanking& ranking);
  void choose_speaker(audio::DominantSpeaker& dominant);
  void tell(const audio::VolumeRanking::Event& event);
  [[nodiscard]] const AudioSample* sample_of(Handle producer) const;
  /// Hears of the producer from now on, or no longer.
  void set_tap(const Watched& watched, bool present);

  MediaLoop& loop_;
  ObserverSetup setup_;
  bool paused_ = false;
  net::Timer timer_;
  std::variant<audio::VolumeRanking, audio::DominantSpeaker> judge_;
  std::vector<Watched> watched_;  ///< in the order in which they were added
  uint64_t round_ = 0;
  size_t missing_ = 0;  ///< loops that have not answered in this round
  std::vector<AudioSample> samples_;
};

/// The observers of one loop, and what its producers say to those of any loop. Unknown handles are
/// ignored: their object is gone already.
class LoopObservers {
 public:
  explicit LoopObservers(MediaLoop& loop) : loop_(loop) {}

  // Commands of the control thread, for the loop that has the observer.
  void add(const ObserverSetup& setup);
  /// After its producers were removed.
  void remove(Handle observer) { observers_.erase(observer); }
  void set_paused(Handle observer, bool paused);
  void add_producer(Handle observer, Handle producer, unsigned producer_loop);
  void remove_producer(Handle observer, Handle producer);

  // From an observer's loop to those of its producers, and back.
  void set_tap(Handle producer, Handle observer, ObserverKind kind, bool present);
  [[nodiscard]] std::vector<AudioSample> take_samples(Handle observer,
                                                      std::span<const Handle> producers);
  void on_samples(Handle observer, uint64_t round, std::span<const AudioSample> samples);

 private:
  LoopObserver* find(Handle observer);

  MediaLoop& loop_;
  std::unordered_map<Handle, std::unique_ptr<LoopObserver>> observers_;
};

}  // namespace sluice::media
