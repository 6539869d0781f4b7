// INIT and INIT ACK (RFC 9260 sections 3.3.2, 3.3.3): the same layout, INIT ACK with a cookie.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace sluice::sctp {

/// The fixed part: what one end says about itself.
struct InitFields {
  uint32_t tag = 0;
  uint32_t window = 0;  ///< bytes
  uint16_t outgoing_streams = 0;
  uint16_t incoming_streams = 0;
  uint32_t initial_tsn = 0;
};

/// What both ends must know to use it.
struct Extensions {
  bool forward_tsn = false;  ///< RFC 3758
  bool reconfig = false;     ///< RFC 6525

  friend bool operator==(const Extensions&, const Extensions&) = default;
};

struct InitChunk {
  InitFields fields;
  Extensions extensions;
  Bytes cookie;            ///< of INIT ACK; empty without one
  bool host_name = false;  ///< an address that RFC 9260 section 3.3.2.1 forbids to accept
  /// Parameters to be reported to the sender, as they came. More than the array holds are dropped.
  std::array<Bytes, 8> unrecognized;
  size_t unrecognized_count = 0;

  /// `value`: of the chunk. Nothing when it is too short or a parameter's length is wrong. The
  /// fields are not judged.
  static std::optional<InitChunk> parse(Bytes value);
};

/// The value of INIT (or INIT ACK, when `cookie` is not empty) with all extensions we have.
/// `echoed` are parameters of the peer's INIT that it wants to be told about, left out where they
/// are too long: INIT ACK must fit one packet.
std::vector<uint8_t> init_value(const InitFields& fields, Bytes cookie = {},
                                std::span<const Bytes> echoed = {});

}  // namespace sluice::sctp
