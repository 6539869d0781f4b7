// The loss that statistics show: the mean over the last 24 feedbacks, newer ones with more weight
// (media-plane 8.2).
#pragma once

#include <array>
#include <cstddef>

namespace sluice::bwe {

class LossHistory {
 public:
  static constexpr size_t kFeedbacks = 24;

  /// The loss of one feedback, 0..1.
  void add(double loss) {
    losses_[next_] = loss;
    next_ = (next_ + 1) % kFeedbacks;
    count_ += count_ < kFeedbacks ? 1 : 0;
  }

  /// The weighted mean, 0..1; the oldest feedback has weight 1, the next one 2, and so on.
  [[nodiscard]] double loss() const {
    double sum = 0;
    double weights = 0;
    for (size_t age = count_; age > 0; --age) {
      const double weight = static_cast<double>(count_ - age + 1);
      sum += weight * losses_[(next_ + kFeedbacks - age) % kFeedbacks];
      weights += weight;
    }
    return weights > 0 ? sum / weights : 0;
  }

 private:
  std::array<double, kFeedbacks> losses_{};  ///< ring
  size_t next_ = 0;
  size_t count_ = 0;
};

}  // namespace sluice::bwe
