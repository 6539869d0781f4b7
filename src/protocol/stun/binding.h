// The whole messages of ICE connectivity checks: what the agent answers, and the requests that a
// client sends (load generators and tests are such clients; the lite agent sends none).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "protocol/stun/integrity_key.h"
#include "protocol/stun/message.h"

namespace sluice::stun {

/// Room for every response made here: header, XOR-MAPPED-ADDRESS of IPv6, integrity, fingerprint.
inline constexpr size_t kMaxResponseSize = 20 + 24 + 24 + 8;

/// A success response: XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY, FINGERPRINT. Empty when `buffer` is
/// smaller than the message.
Bytes write_success(MutableBytes buffer, const Message& request, const SocketAddress& mapped,
                    IntegrityKey& key);

/// An error response: ERROR-CODE without words, so that it stays at 36 bytes, and FINGERPRINT.
/// Empty when `buffer` is smaller than the message.
Bytes write_error(MutableBytes buffer, const Message& request, uint16_t code);

/// A Binding request; attributes are written in the order of the members.
struct BindingRequest {
  std::array<uint8_t, kTransactionIdSize> transaction_id{};
  std::optional<std::string_view> software = std::nullopt;
  std::optional<std::string_view> username = std::nullopt;
  std::optional<uint32_t> priority = std::nullopt;
  std::optional<uint64_t> controlling = std::nullopt;
  std::optional<uint64_t> controlled = std::nullopt;
  bool use_candidate = false;
  std::optional<uint32_t> nomination = std::nullopt;
  /// Keyed MESSAGE-INTEGRITY, or none when absent.
  std::optional<std::string_view> password = std::nullopt;
  bool fingerprint = true;
};

/// Empty when `buffer` is smaller than the message.
Bytes write_request(MutableBytes buffer, const BindingRequest& request);

}  // namespace sluice::stun
