#include "protocol/sctp/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace sluice::sctp {
namespace {

constexpr uint32_t kPolynomial = 0x82F63B78;  // bit-reversed
constexpr size_t kSlices = 8;
constexpr size_t kChecksumOffset = 8;

// kTables[k][b]: what byte b contributes when k more bytes follow it.
constexpr auto make_tables() {
  std::array<std::array<uint32_t, 256>, kSlices> tables{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t crc = b;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    }
    tables[0][b] = crc;
  }
  for (size_t k = 1; k < kSlices; ++k) {
    for (size_t b = 0; b < 256; ++b) {
      const uint32_t previous = tables[k - 1][b];
      tables[k][b] = (previous >> 8) ^ tables[0][previous & 0xFF];
    }
  }
  return tables;
}
constexpr auto kTables = make_tables();

constexpr uint32_t load_le32(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 |
         static_cast<uint32_t>(p[2]) << 16 | static_cast<uint32_t>(p[3]) << 24;
}

uint32_t update_portable(uint32_t crc, Bytes data) {
  const uint8_t* p = data.data();
  size_t left = data.size();
  for (; left >= kSlices; left -= kSlices, p += kSlices) {
    const uint32_t low = crc ^ load_le32(p);
    const uint32_t high = load_le32(p + 4);
    crc = kTables[7][low & 0xFF] ^ kTables[6][(low >> 8) & 0xFF] ^ kTables[5][(low >> 16) & 0xFF] ^
          kTables[4][low >> 24] ^ kTables[3][high & 0xFF] ^ kTables[2][(high >> 8) & 0xFF] ^
          kTables[1][(high >> 16) & 0xFF] ^ kTables[0][high >> 24];
  }
  for (; left > 0; --left, ++p) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ *p) & 0xFF];
  }
  return crc;
}

using Update = uint32_t (*)(uint32_t, Bytes);

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t update_native(uint32_t crc, Bytes data) {
  const uint8_t* p = data.data();
  size_t left = data.size();
  uint64_t wide = crc;
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = static_cast<uint32_t>(wide);
  for (; left > 0; --left, ++p) {
    crc = _mm_crc32_u8(crc, *p);
  }
  return crc;
}
Update choose_update() {
  return __builtin_cpu_supports("sse4.2") ? update_native : update_portable;
}
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
uint32_t update_native(uint32_t crc, Bytes data) {
  const uint8_t* p = data.data();
  size_t left = data.size();
  for (; left >= 8; left -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    crc = __crc32cd(crc, word);
  }
  for (; left > 0; --left, ++p) {
    crc = __crc32cb(crc, *p);
  }
  return crc;
}
Update choose_update() {
  return update_native;
}
#else
Update choose_update() {
  return update_portable;
}
#endif

uint32_t update(uint32_t crc, Bytes data) {
  static const Update chosen = choose_update();
  return chosen(crc, data);
}

}  // namespace

uint32_t crc32c(Bytes data) {
  return ~update(~uint32_t{0}, data);
}

uint32_t crc32c_portable(Bytes data) {
  return ~update_portable(~uint32_t{0}, data);
}

uint32_t packet_checksum(Bytes packet) {
  static constexpr std::array<uint8_t, 4> kZero = {};
  uint32_t crc = update(~uint32_t{0}, packet.first(kChecksumOffset));
  crc = update(crc, kZero);
  crc = ~update(crc, packet.subspan(kChecksumOffset + kZero.size()));
  // The field carries the CRC with its least significant byte first.
  return __builtin_bswap32(crc);
}

}  // namespace sluice::sctp
