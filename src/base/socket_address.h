// An IP address with a port, as a small value type. No system calls, no name resolution.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sluice {

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 addresses (`::ffff:a.b.c.d`) become IPv4 when parsed
/// or read, so that one peer has one form.
class IpAddress {
 public:
  constexpr IpAddress() = default;

  /// Parses an IPv4 or IPv6 literal without brackets or zone; nothing for host names.
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress v4(uint32_t host_order);
  static IpAddress v6(const std::array<uint8_t, 16>& bytes);

  [[nodiscard]] bool is_v4() const { return is_v4_; }
  [[nodiscard]] bool is_any() const;
  [[nodiscard]] bool is_loopback() const;
  /// RFC 1918, link-local, unique-local, loopback and carrier-grade NAT ranges.
  [[nodiscard]] bool is_private() const;
  /// 4 or 16 bytes in network order.
  [[nodiscard]] Bytes bytes() const { return Bytes(data_).first(is_v4_ ? 4 : 16); }
  /// Canonical text (RFC 5952).
  [[nodiscard]] std::string to_string() const;

  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool is_v4_ = true;
  std::array<uint8_t, 16> data_{};
};

struct SocketAddress {
  IpAddress ip;
  uint16_t port = 0;

  /// `1.2.3.4:5` or `[::1]:5`.
  [[nodiscard]] std::string to_string() const;
  /// Parses the form that `to_string` writes.
  static std::optional<SocketAddress> parse(std::string_view text);

  friend constexpr auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

/// A hash for table lookup only; equality always compares the whole address.
uint64_t hash_value(const SocketAddress& address);

}  // namespace sluice

template <>
struct std::hash<sluice::SocketAddress> {
  size_t operator()(const sluice::SocketAddress& a) const noexcept {
    return static_cast<size_t>(sluice::hash_value(a));
  }
};
