// How the receiver of a transport's media lets the sender know what gets through (media-plane 8.1).
#pragma once

#include <cstdint>

namespace sluice::bwe {

enum class RateFeedback : uint8_t {
  kTransportCc,  ///< arrival times of all packets; the sender estimates
  kRemb,         ///< the receiver estimates, from abs-send-time, and tells the rate
};

}  // namespace sluice::bwe
