#include "base/random.h"

#include <openssl/rand.h>

#include <array>
#include <cstdlib>

namespace sluice {

void random_bytes(MutableBytes out) {
  if (!out.empty() && RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
    std::abort();
  }
}

uint32_t random_uint32(uint32_t min, uint32_t max) {
  const uint64_t range = uint64_t{max} - min + 1;
  // Reject the tail of the 64-bit range that would favour small results.
  const uint64_t limit = UINT64_MAX - UINT64_MAX % range;
  for (;;) {
    std::array<uint8_t, 8> raw;
    random_bytes(raw);
    const uint64_t value = load_be64(raw.data());
    if (value < limit) {
      return static_cast<uint32_t>(min + value % range);
    }
  }
}

std::string random_alphanumeric(size_t length) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string text(length, '\0');
  for (char& c : text) {
    c = kAlphabet[random_uint32(0, 35)];
  }
  return text;
}

std::string random_hex(size_t length) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(length, '\0');
  for (char& c : text) {
    c = kDigits[random_uint32(0, 15)];
  }
  return text;
}

std::string random_uuid() {
  std::string text = random_hex(36);
  for (const size_t dash : {8, 13, 18, 23}) {
    text[dash] = '-';
  }
  text[14] = '4';
  text[19] = "89ab"[random_uint32(0, 3)];
  return text;
}

}  // namespace sluice
