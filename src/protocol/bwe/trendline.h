// How fast the queue on the way grows: the slope of the accumulated, smoothed delay variation over
// the last 20 groups of packets (media-plane 8.5.2).
#pragma once

#include <array>
#include <cstddef>

#include "base/types.h"
#include "protocol/bwe/arrival_groups.h"

namespace sluice::bwe {

class Trendline {
 public:
  static constexpr size_t kWindow = 20;
  static constexpr double kSmoothing = 0.9;
  static constexpr double kGain = 4.0;
  /// More deltas than this no longer make the trend more certain.
  static constexpr int kMaxCertainty = 60;

  /// `arrival` is that of the packet which completed the group.
  void update(const GroupDelta& delta, Micros arrival);

  /// Delay gained per time, about 0 while the queue is stable; 0 until there are 20 groups.
  [[nodiscard]] double slope() const { return slope_; }
  /// The slope in the unit of the detector's threshold: milliseconds, weighted by certainty.
  [[nodiscard]] double modified() const;
  /// Deltas seen, at most 1000.
  [[nodiscard]] int count() const { return count_; }

 private:
  static constexpr int kMaxCount = 1000;
  struct Point {
    double time = 0;   ///< ms since the first arrival
    double delay = 0;  ///< ms, smoothed
  };

  void fit();

  std::array<Point, kWindow> points_{};  ///< ring
  size_t next_ = 0;
  int count_ = 0;
  Micros first_arrival_{0};
  double accumulated_ = 0;
  double smoothed_ = 0;
  double slope_ = 0;
};

}  // namespace sluice::bwe
