// The `scalabilityMode` of an encoding (ortc-model 4.2): how many spatial and temporal layers it
// has and whether spatial layers are tied together at key frames only.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::ortc {

struct ScalabilityMode {
  uint8_t spatial_layers = 1;   ///< 1..99
  uint8_t temporal_layers = 1;  ///< 1..99
  bool ksvc = false;            ///< "_KEY": inter-layer prediction in key frames only

  friend bool operator==(const ScalabilityMode&, const ScalabilityMode&) = default;
};

/// Reads texts such as "L3T2_KEY" or "S2T3"; whatever follows the pattern is ignored. A text that
/// does not begin with the pattern means one layer of each.
[[nodiscard]] ScalabilityMode parse_scalability_mode(std::string_view text);

}  // namespace sluice::ortc
