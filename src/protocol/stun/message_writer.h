// Writes STUN messages (RFC 8489) attribute by attribute into a buffer of the caller. The writer
// keeps no order but the one it is called in: MESSAGE-INTEGRITY and FINGERPRINT cover what was
// written before them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/socket_address.h"
#include "protocol/stun/integrity_key.h"
#include "protocol/stun/message.h"

namespace sluice::stun {

class MessageWriter {
 public:
  /// `method`: 12 bits.
  MessageWriter(MutableBytes buffer, MessageClass message_class, uint16_t method,
                TransactionId transaction_id);

  /// Any attribute, padded with zeros to a multiple of 4.
  void attribute(AttributeType type, Bytes value);
  void attribute(AttributeType type, std::string_view value) { attribute(type, as_bytes(value)); }
  void attribute_u32(AttributeType type, uint32_t value);
  void attribute_u64(AttributeType type, uint64_t value);
  void xor_mapped_address(const SocketAddress& address);
  /// `code`: 300..699.
  void error_code(uint16_t code, std::string_view reason = {});
  void integrity(IntegrityKey& key);
  void fingerprint();

  /// Sets the length field and returns the message; empty when it did not fit.
  [[nodiscard]] Bytes finish();

 private:
  void attribute_header(AttributeType type, size_t size);
  /// Sets the length field as if `extra` more bytes followed. False when there is no message to
  /// speak of, since something did not fit.
  bool set_length(size_t extra);

  ByteWriter writer_;
};

}  // namespace sluice::stun
