#include "protocol/stun/message.h"

#include <openssl/crypto.h>

#include "protocol/stun/fingerprint.h"
#include "protocol/stun/integrity_key.h"

namespace sluice::stun {
namespace {

constexpr size_t kAttributeHeaderSize = 4;
/// Accepts what the size limit of RFC 5389 was commonly read as; RFC 8489 asks senders for less.
constexpr size_t kMaxUsernameSize = 513;
/// RFC 8489 section 14.14: 127 characters of up to 6 bytes, so fewer than 763 bytes.
constexpr size_t kMaxSoftwareSize = 762;
constexpr uint16_t kFirstOptionalType = 0x8000;
constexpr uint8_t kFamilyV4 = 1;
constexpr uint8_t kFamilyV6 = 2;

size_t padding_of(size_t size) {
  return (4 - size % 4) % 4;
}

/// The sizes of the table in media-plane 1.2, and for addresses the family that goes with the size.
bool size_is_valid(AttributeType type, Bytes value) {
  const size_t size = value.size();
  switch (type) {
    case AttributeType::kUsername:
      return size <= kMaxUsernameSize;
    case AttributeType::kMessageIntegrity:
      return size == IntegrityKey::kTagSize;
    case AttributeType::kErrorCode:
      return size >= 4;
    case AttributeType::kMessageIntegritySha256:
      return size >= 16 && size <= 32 && size % 4 == 0;
    case AttributeType::kXorMappedAddress:
      return (size == 8 && value[1] == kFamilyV4) || (size == 20 && value[1] == kFamilyV6);
    case AttributeType::kUseCandidate:
      return size == 0;
    case AttributeType::kSoftware:
      return size <= kMaxSoftwareSize;
    case AttributeType::kPriority:
    case AttributeType::kFingerprint:
    case AttributeType::kNomination:
      return size == 4;
    case AttributeType::kIceControlled:
    case AttributeType::kIceControlling:
      return size == 8;
  }
  return true;
}

}  // namespace

const char* to_string(ParseError error) {
  switch (error) {
    case ParseError::kNotStun:
      return "not stun";
    case ParseError::kLength:
      return "length";
    case ParseError::kTruncated:
      return "truncated attribute";
    case ParseError::kAfterFingerprint:
      return "attribute after fingerprint";
    case ParseError::kAfterIntegrity:
      return "attribute after integrity";
    case ParseError::kAttributeSize:
      return "attribute size";
    case ParseError::kFingerprint:
      return "fingerprint";
  }
  return "unknown";
}

bool is_stun(Bytes datagram) {
  return datagram.size() >= kHeaderSize && datagram[0] < 3 &&
         load_be32(&datagram[4]) == kMagicCookie;
}

std::expected<Message, ParseError> Message::parse(Bytes datagram) {
  if (!is_stun(datagram)) {
    return std::unexpected(ParseError::kNotStun);
  }
  const size_t length = load_be16(&datagram[2]);
  if (length != datagram.size() - kHeaderSize || length % 4 != 0) {
    return std::unexpected(ParseError::kLength);
  }
  Message message(datagram);
  ByteReader reader(datagram);
  reader.skip(kHeaderSize);
  while (reader.remaining() > 0) {
    const uint16_t raw_type = reader.u16();
    const auto type = static_cast<AttributeType>(raw_type);
    const size_t size = reader.u16();
    const size_t offset = reader.position();
    const Bytes value = reader.bytes(size);
    reader.skip(padding_of(size));
    if (!reader.ok()) {
      return std::unexpected(ParseError::kTruncated);
    }
    if (message.has(AttributeType::kFingerprint)) {
      return std::unexpected(ParseError::kAfterFingerprint);
    }
    // RFC 8489 section 14.5 lets the second, stronger integrity attribute follow the first.
    if (message.has(AttributeType::kMessageIntegrity) && type != AttributeType::kFingerprint &&
        type != AttributeType::kMessageIntegritySha256) {
      return std::unexpected(ParseError::kAfterIntegrity);
    }
    const size_t index = slot_index(type);
    if (index == kKnownAttributes) {
      message.unknown_required_ += raw_type < kFirstOptionalType ? 1 : 0;
      continue;
    }
    if (!size_is_valid(type, value)) {
      return std::unexpected(ParseError::kAttributeSize);
    }
    Slot& slot = message.slots_[index];
    if (slot.offset == 0) {
      slot = {static_cast<uint32_t>(offset), static_cast<uint32_t>(size)};
    }
  }
  if (message.has(AttributeType::kFingerprint) && !message.fingerprint_matches()) {
    return std::unexpected(ParseError::kFingerprint);
  }
  return message;
}

MessageClass Message::message_class() const {
  // C1 is the lowest bit of the first byte, C0 is bit 4 of the second (RFC 8489 figure 3).
  return static_cast<MessageClass>((datagram_[0] & 0x01) << 1 | (datagram_[1] >> 4 & 0x01));
}

uint16_t Message::method() const {
  const uint16_t type = load_be16(datagram_.data());
  return static_cast<uint16_t>((type & 0x000f) | (type & 0x00e0) >> 1 | (type & 0x3e00) >> 2);
}

TransactionId Message::transaction_id() const {
  return TransactionId(datagram_.subspan(8, kTransactionIdSize));
}

std::optional<std::string_view> Message::username() const {
  return has(AttributeType::kUsername) ? std::optional(as_text(value(AttributeType::kUsername)))
                                       : std::nullopt;
}

std::optional<uint32_t> Message::priority() const {
  return has(AttributeType::kPriority)
             ? std::optional(load_be32(value(AttributeType::kPriority).data()))
             : std::nullopt;
}

bool Message::use_candidate() const {
  return has(AttributeType::kUseCandidate);
}

std::optional<uint64_t> Message::ice_controlling() const {
  return has(AttributeType::kIceControlling)
             ? std::optional(load_be64(value(AttributeType::kIceControlling).data()))
             : std::nullopt;
}

std::optional<uint64_t> Message::ice_controlled() const {
  return has(AttributeType::kIceControlled)
             ? std::optional(load_be64(value(AttributeType::kIceControlled).data()))
             : std::nullopt;
}

std::optional<uint32_t> Message::nomination() const {
  return has(AttributeType::kNomination)
             ? std::optional(load_be32(value(AttributeType::kNomination).data()))
             : std::nullopt;
}

std::optional<std::string_view> Message::software() const {
  return has(AttributeType::kSoftware) ? std::optional(as_text(value(AttributeType::kSoftware)))
                                       : std::nullopt;
}

std::optional<SocketAddress> Message::xor_mapped_address() const {
  if (!has(AttributeType::kXorMappedAddress)) {
    return std::nullopt;
  }
  const Bytes raw = value(AttributeType::kXorMappedAddress);
  const auto port = static_cast<uint16_t>(load_be16(&raw[2]) ^ kMagicCookie >> 16);
  if (raw[1] == kFamilyV4) {
    return SocketAddress{IpAddress::v4(load_be32(&raw[4]) ^ kMagicCookie), port};
  }
  // The cookie and the transaction id are neighbours in the header: together they are the mask.
  std::array<uint8_t, 16> ip;
  for (size_t i = 0; i < ip.size(); ++i) {
    ip[i] = raw[4 + i] ^ datagram_[4 + i];
  }
  return SocketAddress{IpAddress::v6(ip), port};
}

std::optional<ErrorCode> Message::error_code() const {
  if (!has(AttributeType::kErrorCode)) {
    return std::nullopt;
  }
  const Bytes raw = value(AttributeType::kErrorCode);
  return ErrorCode{static_cast<uint16_t>((raw[2] & 0x07) * 100 + raw[3]), as_text(raw.subspan(4))};
}

bool Message::has_integrity() const {
  return has(AttributeType::kMessageIntegrity);
}

bool Message::has_fingerprint() const {
  return has(AttributeType::kFingerprint);
}

bool Message::verify_integrity(IntegrityKey& key) const {
  const Slot& found = slot(AttributeType::kMessageIntegrity);
  if (found.offset == 0) {
    return false;
  }
  const IntegrityKey::Tag expected = key.sign(datagram_.first(found.offset - kAttributeHeaderSize));
  return CRYPTO_memcmp(expected.data(), &datagram_[found.offset], expected.size()) == 0;
}

bool Message::verify_integrity(std::string_view password) const {
  IntegrityKey key(password);
  return verify_integrity(key);
}

size_t Message::slot_index(AttributeType type) {
  switch (type) {
    case AttributeType::kUsername:
      return 0;
    case AttributeType::kMessageIntegrity:
      return 1;
    case AttributeType::kErrorCode:
      return 2;
    case AttributeType::kMessageIntegritySha256:
      return 3;
    case AttributeType::kXorMappedAddress:
      return 4;
    case AttributeType::kPriority:
      return 5;
    case AttributeType::kUseCandidate:
      return 6;
    case AttributeType::kSoftware:
      return 7;
    case AttributeType::kFingerprint:
      return 8;
    case AttributeType::kIceControlled:
      return 9;
    case AttributeType::kIceControlling:
      return 10;
    case AttributeType::kNomination:
      return 11;
  }
  return kKnownAttributes;
}

Bytes Message::value(AttributeType type) const {
  const Slot& found = slot(type);
  return datagram_.subspan(found.offset, found.size);
}

bool Message::fingerprint_matches() const {
  const size_t offset = slot(AttributeType::kFingerprint).offset;
  return load_be32(&datagram_[offset]) ==
         fingerprint_of(datagram_.first(offset - kAttributeHeaderSize));
}

}  // namespace sluice::stun
