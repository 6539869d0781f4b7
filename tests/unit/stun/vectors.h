// Known messages: the samples of RFC 5769 and some made with independent implementations of
// HMAC-SHA1 and CRC-32.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace sluice::stun::vectors {

/// Bytes from hexadecimal text; blanks are ignored.
inline std::vector<uint8_t> from_hex(std::string_view text) {
  std::vector<uint8_t> bytes;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') {
      continue;
    }
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<uint8_t>(high << 4 | digit));
      high = -1;
    }
  }
  return bytes;
}

inline constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";
inline constexpr std::string_view kTransactionId = "b7e7a701bc34d686fa87dfae";

/// RFC 5769 section 2.1.
inline std::vector<uint8_t> request() {
  return from_hex(
      "00 01 00 58 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"
      "80 22 00 10 53 54 55 4e 20 74 65 73 74 20 63 6c 69 65 6e 74"
      "00 24 00 04 6e 00 01 ff"
      "80 29 00 08 93 2f f9 b1 51 26 3b 36"
      "00 06 00 09 65 76 74 6a 3a 68 36 76 59 20 20 20"
      "00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5 b2 d3 f2 49 c1 b5 71 a2"
      "80 28 00 04 e5 7a 3b cf");
}

/// RFC 5769 section 2.2.
inline std::vector<uint8_t> response_ipv4() {
  return from_hex(
      "01 01 00 3c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"
      "80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20"
      "00 20 00 08 00 01 a1 47 e1 12 a6 43"
      "00 08 00 14 2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9 2a f9 ba 53 f0 6b e7 d7"
      "80 28 00 04 c0 7d 4c 96");
}

/// RFC 5769 section 2.3.
inline std::vector<uint8_t> response_ipv6() {
  return from_hex(
      "01 01 00 48 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"
      "80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20"
      "00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9"
      "00 08 00 14 a3 82 95 4e 4b e6 7b f1 17 84 c9 7c 82 92 c2 75 bf e3 ed 41"
      "80 28 00 04 c8 fb 0b 4c");
}

/// Success to 192.0.2.1:32853 with nothing but what our responses carry.
inline std::vector<uint8_t> plain_success() {
  return from_hex(
      "01 01 00 2c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"
      "00 20 00 08 00 01 a1 47 e1 12 a6 43"
      "00 08 00 14 74 c9 37 1e bf 31 48 54 85 18 69 9c 3e 31 74 c2 0d d9 e6 8a"
      "80 28 00 04 fa e4 04 3a");
}

inline std::vector<uint8_t> error_401() {
  return from_hex(
      "01 11 00 10 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"
      "00 09 00 04 00 00 04 01"
      "80 28 00 04 ed 50 56 a4");
}

inline std::vector<uint8_t> indication() {
  return from_hex(
      "00 11 00 08 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae"
      "80 28 00 04 ee b4 95 08");
}

}  // namespace sluice::stun::vectors
