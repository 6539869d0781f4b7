// Bit rates of the layers inside one received stream, measured by what passes by. In the first
// seconds of a stream they are those since its beginning: choosing a layer by what a wide window
// has seen of it so far would take far too much.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/types.h"
#include "protocol/rtcp/rate_calculator.h"

namespace sluice::layers {

class LayerRates {
 public:
  struct Options {
    uint8_t spatial_layers = 1;
    uint8_t temporal_layers = 1;
    /// Discontinuous transmission: still pictures are seconds apart, so the window is wider.
    bool dtx = false;
  };

  explicit LayerRates(const Options& options);

  /// A packet of that layer; layers that were not announced count as the highest announced. True
  /// for the first one of the stream, or the first after a silence as long as the window.
  bool count(uint8_t spatial, uint8_t temporal, uint64_t bytes, Micros now);

  /// Of one layer alone, bits per second.
  [[nodiscard]] uint64_t layer(uint8_t spatial, uint8_t temporal, Micros now);
  /// Of all temporal layers of a spatial one.
  [[nodiscard]] uint64_t spatial_layer(uint8_t spatial, Micros now);
  /// Of a layer with all below it; 0 while that layer itself has no traffic.
  [[nodiscard]] uint64_t up_to(uint8_t spatial, uint8_t temporal, Micros now);
  [[nodiscard]] uint64_t total(Micros now);
  [[nodiscard]] uint8_t spatial_layers() const { return spatial_layers_; }
  [[nodiscard]] uint8_t temporal_layers() const { return temporal_layers_; }

 private:
  rtcp::RateCalculator& bin(uint8_t spatial, uint8_t temporal);
  [[nodiscard]] uint64_t of_bin(rtcp::RateCalculator& bin, Micros now) const;

  uint8_t spatial_layers_;
  uint8_t temporal_layers_;
  Micros window_;
  std::optional<Micros> since_;  ///< beginning of the stream
  Micros last_{0};
  std::vector<rtcp::RateCalculator> bins_;
};

}  // namespace sluice::layers
