// Which layers of a simulcast or SVC producer one consumer should get: what it prefers, as far as
// the streams are alive and the bit rate that a transport gives it allows (media-plane 7.3 to 7.5).
//
// A consumer without congestion control of its transport takes `wanted`. With it, the distribution
// of the transport asks in rounds how much `increase` could use, and `apply` tells the outcome. How
// and when a switch to the target happens in the stream is the consumer's business.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/types.h"
#include "protocol/codecs/layer_history.h"
#include "protocol/layers/stream_state.h"

namespace sluice::layers {

using codecs::Layers;

enum class Scheme : uint8_t {
  kSimulcast,    ///< one stream for each spatial layer
  kSvc,          ///< all layers in one stream, each on top of those below
  kKeyFrameSvc,  ///< the same, with spatial layers that meet at key frames only
};

class LayerTarget {
 public:
  struct Options {
    Scheme scheme = Scheme::kSimulcast;
    uint8_t spatial_layers = 1;
    uint8_t temporal_layers = 1;
    /// The transport's congestion control decides, by `increase` and `apply`.
    bool managed = false;
  };
  /// The producer's streams: one for each spatial layer, or just one with SVC.
  using Streams = std::span<StreamState>;

  /// Starts without target, with the highest layers preferred.
  explicit LayerTarget(const Options& options);

  void set_managed(bool managed) { options_.managed = managed; }
  [[nodiscard]] bool managed() const { return options_.managed; }
  /// Above what exists means the highest.
  void set_preferred(Layers preferred);
  [[nodiscard]] Layers preferred() const { return preferred_; }
  /// -1 in both for none.
  [[nodiscard]] Layers target() const { return target_; }
  /// The spatial layer that goes out now, -1 for none; told by the consumer.
  void set_current_spatial(int8_t spatial) { current_spatial_ = spatial; }
  [[nodiscard]] int8_t current_spatial() const { return current_spatial_; }

  /// The best layers that the streams allow, whatever their bit rate.
  [[nodiscard]] Layers wanted(Streams streams, Micros now) const;
  /// Adopts a target, -1 in both for none; false when it was the target already. With simulcast the
  /// first target, or one taken while the reference sends no reports, becomes the stream that
  /// timestamps refer to.
  bool set_target(Layers target, Streams streams);

  /// Simulcast: the stream in whose clock timestamps go out; nothing before the first target.
  [[nodiscard]] std::optional<int8_t> reference() const { return reference_; }
  /// Simulcast: timestamps of that stream can be brought to the clock of the reference.
  [[nodiscard]] bool can_switch(int8_t spatial, Streams streams) const;

  // Distribution of a transport's bit rate.
  /// A new round of distribution begins.
  void begin_round() { provisional_ = {}; }
  /// One layer more, if `bitrate` suffices: how much of it that takes, 0 when nothing is gained.
  /// `loss_percent`, 0 to 100, where the estimate does not account for loss itself (REMB).
  uint64_t increase(uint64_t bitrate, std::optional<double> loss_percent, Streams streams,
                    Micros now);
  /// What the round led to so far.
  [[nodiscard]] Layers provisional() const { return provisional_; }
  /// Whether the next layer is one that the target has already.
  [[nodiscard]] bool next_is_held() const {
    return provisional_.spatial < target_.spatial ||
           (provisional_.spatial == target_.spatial && provisional_.temporal < target_.temporal);
  }
  /// Makes the outcome of the round the target; true when it changed. `sending_since`: since when
  /// the consumer's own stream has been active. A downgrade of a settled stream makes the next ones
  /// up wait for 10 s.
  bool apply(Micros sending_since, Streams streams, Micros now);

  /// Highest rate that the consumer could use: the sum of what its transport should probe for.
  [[nodiscard]] uint64_t desired_bitrate(uint64_t max_bitrate, Streams streams, Micros now) const;

 private:
  [[nodiscard]] bool simulcast() const { return options_.scheme == Scheme::kSimulcast; }
  [[nodiscard]] bool conservative(Micros now) const;
  [[nodiscard]] bool settled(const StreamState& stream, Micros now) const;
  [[nodiscard]] int8_t wanted_temporal(int8_t spatial) const;
  [[nodiscard]] bool usable(int8_t spatial, Streams streams, Micros now) const;
  [[nodiscard]] uint64_t layer_bitrate(Layers layers, Streams streams, Micros now) const;
  [[nodiscard]] uint64_t replaced_bitrate(Streams streams, Micros now) const;
  struct Step {
    Layers layers;
    uint64_t required = 0;
  };
  [[nodiscard]] std::optional<Step> next_step(Streams streams, Micros now) const;

  Options options_;
  Layers preferred_;
  Layers target_;
  Layers provisional_;
  int8_t current_spatial_ = -1;
  std::optional<int8_t> reference_;
  std::optional<Micros> downgraded_at_;
};

}  // namespace sluice::layers
