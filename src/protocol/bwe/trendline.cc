#include "protocol/bwe/trendline.h"

#include <algorithm>

#include "protocol/bwe/rate.h"

namespace sluice::bwe {

void Trendline::update(const GroupDelta& delta, Micros arrival) {
  if (count_ == 0) {
    first_arrival_ = arrival;
  }
  count_ = std::min(count_ + 1, kMaxCount);
  accumulated_ += to_ms(delta.arrival - delta.send);
  smoothed_ = kSmoothing * smoothed_ + (1 - kSmoothing) * accumulated_;
  points_[next_] = {to_ms(arrival - first_arrival_), smoothed_};
  next_ = (next_ + 1) % kWindow;
  if (count_ >= static_cast<int>(kWindow)) {
    fit();
  }
}

void Trendline::fit() {
  double time = 0;
  double delay = 0;
  for (const Point& point : points_) {
    time += point.time / kWindow;
    delay += point.delay / kWindow;
  }
  double covariance = 0;
  double variance = 0;
  for (const Point& point : points_) {
    covariance += (point.time - time) * (point.delay - delay);
    variance += (point.time - time) * (point.time - time);
  }
  if (variance > 0) {
    slope_ = covariance / variance;
  }
}

double Trendline::modified() const {
  return std::min(count_, kMaxCertainty) * slope_ * kGain;
}

}  // namespace sluice::bwe
