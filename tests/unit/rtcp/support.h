// Shared by the RTCP tests: packets from hexadecimal text, and what a parser makes of them.
#pragma once

#include <cctype>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/compound_parser.h"

namespace sluice::rtcp {

using Buffer = std::vector<uint8_t>;

/// Bytes of hexadecimal digits; white space is passed over.
inline Buffer hex(std::string_view text) {
  const auto digit = [](char c) {
    return static_cast<uint8_t>(
        std::isdigit(static_cast<unsigned char>(c)) ? c - '0' : (c | 0x20) - 'a' + 10);
  };
  Buffer bytes;
  std::optional<uint8_t> high;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c))) {
      continue;
    }
    if (high) {
      bytes.push_back(static_cast<uint8_t>(*high << 4 | digit(c)));
      high.reset();
    } else {
      high = digit(c);
    }
  }
  return bytes;
}

inline Buffer operator+(Buffer a, const Buffer& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// The bytes that `write(ByteWriter&)` writes.
template <class Write>
Buffer written(Write&& write) {
  Buffer buffer(2000);
  ByteWriter writer(buffer);
  write(writer);
  buffer.resize(writer.size());
  return buffer;
}

/// Everything that a datagram holds.
struct Parsed {
  std::vector<Packet> packets;
  CompoundSummary summary;
};

inline Parsed parse(const Buffer& datagram) {
  Parsed parsed;
  parsed.summary = parse_compound(
      datagram, [&parsed](const auto& packet) { parsed.packets.emplace_back(packet); });
  return parsed;
}

/// The only packet of a datagram, when it is a T.
template <class T>
std::optional<T> parse_one(const Buffer& datagram) {
  const Parsed parsed = parse(datagram);
  if (parsed.packets.size() != 1 || !std::holds_alternative<T>(parsed.packets[0])) {
    return std::nullopt;
  }
  return std::get<T>(parsed.packets[0]);
}

/// The same for a datagram that outlives the test's statement.
template <class T>
bool is(const Packet& packet) {
  return std::holds_alternative<T>(packet);
}

inline Micros ms(int64_t count) {
  return Millis(count);
}

}  // namespace sluice::rtcp
