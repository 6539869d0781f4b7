// The rate that gets through to the receiver, from acknowledged packets: window averages, smoothed
// by how much each fits what was known before (media-plane 8.5.5).
#pragma once

#include <optional>

#include "base/types.h"

namespace sluice::bwe {

class AckedRate {
 public:
  static constexpr Micros kInitialWindow{500'000};
  static constexpr Micros kWindow{150'000};

  /// A packet arrived at `arrival`, on the receiver's clock.
  void on_packet(Micros arrival, size_t size);
  /// It is not known what arrived before the next packet.
  void on_gap() { last_arrival_.reset(); }
  /// The next windows may differ a lot: the sender has again enough to send, or the link got
  /// slower.
  void expect_change() { variance_ += 200; }
  /// The next packet is the first of more media than before. A window that also holds packets from
  /// before would confirm the old rate.
  void on_raised() {
    window_time_ = Micros(0);
    window_bytes_ = 0;
    expect_change();
  }

  /// Nothing until the first window is full.
  [[nodiscard]] std::optional<BitRate> rate() const;

 private:
  std::optional<double> end_window(Micros arrival);
  void add_sample(double kbps);

  std::optional<Micros> last_arrival_;
  Micros window_time_{0};  ///< of the window that is being filled
  uint64_t window_bytes_ = 0;
  std::optional<double> kbps_;
  double variance_ = 50;
};

}  // namespace sluice::bwe
