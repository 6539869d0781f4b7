#include "protocol/codecs/av1.h"

#include <cstdint>

namespace sluice::codecs {
namespace {

// The aggregation header is Z(1) Y(1) W(2) N(1) reserved(3).
constexpr uint8_t kContinued = 0x80;
constexpr uint8_t kNewSequence = 0x08;

}  // namespace

bool starts_av1_sequence(Bytes payload) {
  return payload.size() >= 2 && (payload[0] & kNewSequence) != 0 && (payload[0] & kContinued) == 0;
}

}  // namespace sluice::codecs
