#include "protocol/stun/fingerprint.h"

#include <array>

namespace sluice::stun {
namespace {

constexpr uint32_t kXorMask = 0x5354554e;  // "STUN"

constexpr std::array<uint32_t, 256> make_table() {
  constexpr uint32_t kReversedPolynomial = 0xedb88320;
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t remainder = i;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = remainder >> 1 ^ ((remainder & 1) != 0 ? kReversedPolynomial : 0);
    }
    table[i] = remainder;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = make_table();

}  // namespace

uint32_t fingerprint_of(Bytes message) {
  uint32_t crc = 0xffffffff;
  for (const uint8_t byte : message) {
    crc = crc >> 8 ^ kTable[(crc ^ byte) & 0xff];
  }
  return ~crc ^ kXorMask;
}

}  // namespace sluice::stun
