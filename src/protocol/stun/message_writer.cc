#include "protocol/stun/message_writer.h"

#include <array>

#include "protocol/stun/fingerprint.h"

namespace sluice::stun {
namespace {

constexpr size_t kFingerprintAttributeSize = 8;

}  // namespace

MessageWriter::MessageWriter(MutableBytes buffer, MessageClass message_class, uint16_t method,
                             TransactionId transaction_id)
    : writer_(buffer) {
  const unsigned c = static_cast<unsigned>(message_class);
  // The two class bits sit between the bits of the method (RFC 8489 figure 3).
  writer_.u16(static_cast<uint16_t>((method & 0x000f) | (method & 0x0070) << 1 |
                                    (method & 0x0f80) << 2 | (c & 1) << 4 | (c & 2) << 7));
  writer_.u16(0);
  writer_.u32(kMagicCookie);
  writer_.bytes(transaction_id);
}

void MessageWriter::attribute(AttributeType type, Bytes value) {
  attribute_header(type, value.size());
  writer_.bytes(value);
  writer_.zeros((4 - value.size() % 4) % 4);
}

void MessageWriter::attribute_u32(AttributeType type, uint32_t value) {
  attribute_header(type, 4);
  writer_.u32(value);
}

void MessageWriter::attribute_u64(AttributeType type, uint64_t value) {
  attribute_header(type, 8);
  writer_.u64(value);
}

void MessageWriter::xor_mapped_address(const SocketAddress& address) {
  const Bytes ip = address.ip.bytes();
  attribute_header(AttributeType::kXorMappedAddress, 4 + ip.size());
  writer_.u8(0);
  writer_.u8(address.ip.is_v4() ? 1 : 2);
  writer_.u16(static_cast<uint16_t>(address.port ^ kMagicCookie >> 16));
  if (!writer_.ok()) {
    return;
  }
  // The mask is the cookie and the transaction id, as they lie in the header.
  std::array<uint8_t, 16> masked;
  for (size_t i = 0; i < ip.size(); ++i) {
    masked[i] = ip[i] ^ writer_.written()[4 + i];
  }
  writer_.bytes(Bytes(masked).first(ip.size()));
}

void MessageWriter::error_code(uint16_t code, std::string_view reason) {
  attribute_header(AttributeType::kErrorCode, 4 + reason.size());
  writer_.u16(0);
  writer_.u8(static_cast<uint8_t>(code / 100));
  writer_.u8(static_cast<uint8_t>(code % 100));
  writer_.bytes(as_bytes(reason));
  writer_.zeros((4 - reason.size() % 4) % 4);
}

void MessageWriter::integrity(IntegrityKey& key) {
  if (writer_.ok()) {
    attribute(AttributeType::kMessageIntegrity, key.sign(writer_.written()));
  }
}

void MessageWriter::fingerprint() {
  if (set_length(kFingerprintAttributeSize)) {
    attribute_u32(AttributeType::kFingerprint, fingerprint_of(writer_.written()));
  }
}

Bytes MessageWriter::finish() {
  return set_length(0) ? writer_.written() : MutableBytes{};
}

void MessageWriter::attribute_header(AttributeType type, size_t size) {
  writer_.u16(static_cast<uint16_t>(type));
  writer_.u16(static_cast<uint16_t>(size));
}

bool MessageWriter::set_length(size_t extra) {
  const size_t size = writer_.size() + extra;
  if (!writer_.ok() || size - kHeaderSize > UINT16_MAX) {
    return false;
  }
  store_be16(&writer_.written()[2], static_cast<uint16_t>(size - kHeaderSize));
  return true;
}

}  // namespace sluice::stun
