#include "base/socket_address.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace sluice {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  std::array<uint8_t, 16> raw{};
  if (inet_pton(AF_INET, terminated.c_str(), raw.data()) == 1) {
    return v4(load_be32(raw.data()));
  }
  if (inet_pton(AF_INET6, terminated.c_str(), raw.data()) == 1) {
    return v6(raw);
  }
  return std::nullopt;
}

IpAddress IpAddress::v4(uint32_t host_order) {
  IpAddress ip;
  store_be32(ip.data_.data(), host_order);
  return ip;
}

IpAddress IpAddress::v6(const std::array<uint8_t, 16>& bytes) {
  static constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return v4(load_be32(&bytes[12]));
  }
  IpAddress ip;
  ip.is_v4_ = false;
  ip.data_ = bytes;
  return ip;
}

bool IpAddress::is_any() const {
  const Bytes raw = bytes();
  return std::all_of(raw.begin(), raw.end(), [](uint8_t b) { return b == 0; });
}

bool IpAddress::is_loopback() const {
  if (is_v4_) {
    return data_[0] == 127;
  }
  return std::all_of(data_.begin(), data_.end() - 1, [](uint8_t b) { return b == 0; }) &&
         data_[15] == 1;
}

bool IpAddress::is_private() const {
  if (is_loopback()) {
    return true;
  }
  if (is_v4_) {
    return data_[0] == 10 || (data_[0] == 172 && (data_[1] & 0xf0) == 16) ||
           (data_[0] == 192 && data_[1] == 168) || (data_[0] == 169 && data_[1] == 254) ||
           (data_[0] == 100 && (data_[1] & 0xc0) == 64);
  }
  return (data_[0] & 0xfe) == 0xfc || (data_[0] == 0xfe && (data_[1] & 0xc0) == 0x80);
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, data_.data(), text, sizeof(text));
  return text;
}

std::string SocketAddress::to_string() const {
  return ip.is_v4() ? ip.to_string() + ":" + std::to_string(port)
                    : "[" + ip.to_string() + "]:" + std::to_string(port);
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  const auto ip = IpAddress::parse(host);
  uint16_t port = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!ip || (host.find(':') != std::string_view::npos) != bracketed || failure != std::errc{} ||
      end != digits.data() + digits.size() || digits.empty()) {
    return std::nullopt;
  }
  return SocketAddress{*ip, port};
}

uint64_t hash_value(const SocketAddress& address) {
  const Bytes raw = address.ip.bytes();
  uint64_t h = 0x9e3779b97f4a7c15u ^ address.port;
  for (size_t i = 0; i < raw.size(); i += 4) {
    h = (h ^ load_be32(&raw[i])) * 0xff51afd7ed558ccdu;
    h ^= h >> 32;
  }
  return h;
}

}  // namespace sluice
