// STUN messages as ICE uses them (RFC 8489, RFC 8445 section 16): recognition and a checked view of
// one datagram. Parsing allocates nothing and copies nothing; a Message is valid only as long as
// the datagram it was parsed from. Messages are written in message_writer.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/socket_address.h"

namespace sluice::stun {

class IntegrityKey;

/// Bytes 4..7 of every message (RFC 8489 section 5).
inline constexpr uint32_t kMagicCookie = 0x2112a442;
inline constexpr size_t kHeaderSize = 20;
inline constexpr size_t kTransactionIdSize = 12;
/// The only method of ICE.
inline constexpr uint16_t kBindingMethod = 0x001;

using TransactionId = std::span<const uint8_t, kTransactionIdSize>;

enum class MessageClass : uint8_t { kRequest = 0, kIndication = 1, kSuccess = 2, kError = 3 };

/// The attributes that are understood; all others are skipped.
enum class AttributeType : uint16_t {
  kUsername = 0x0006,
  kMessageIntegrity = 0x0008,
  kErrorCode = 0x0009,
  kMessageIntegritySha256 = 0x001c,
  kXorMappedAddress = 0x0020,
  kPriority = 0x0024,
  kUseCandidate = 0x0025,
  kSoftware = 0x8022,
  kFingerprint = 0x8028,
  kIceControlled = 0x8029,
  kIceControlling = 0x802a,
  kNomination = 0xc001,  // draft-thatcher-ice-renomination
};

/// Why a datagram is not a usable message. All of these are dropped without a reply.
enum class ParseError : uint8_t {
  kNotStun,           ///< `is_stun` is false
  kLength,            ///< length field is not what was received, or not a multiple of 4
  kTruncated,         ///< an attribute runs past the end
  kAfterFingerprint,  ///< an attribute follows FINGERPRINT
  kAfterIntegrity,    ///< an attribute that is not protected follows MESSAGE-INTEGRITY
  kAttributeSize,     ///< a known attribute has a size, or an address family, that it cannot have
  kFingerprint,       ///< the FINGERPRINT does not match
};

/// A short name for logs and metrics.
const char* to_string(ParseError error);

/// Tells a STUN datagram from the other protocols that share its port (RFC 7983): long enough,
/// first byte below 3, magic cookie. Says nothing about the rest.
bool is_stun(Bytes datagram);

/// ERROR-CODE: 300..699 on a sane message, and the peer's words, which may be empty.
struct ErrorCode {
  uint16_t code = 0;
  std::string_view reason;
};

class Message {
 public:
  /// Checks the whole datagram by the rules of media-plane 1.2, FINGERPRINT included.
  static std::expected<Message, ParseError> parse(Bytes datagram);

  /// Bytes of the whole message.
  [[nodiscard]] size_t size() const { return datagram_.size(); }
  [[nodiscard]] MessageClass message_class() const;
  /// 12 bits, with the class bits taken out.
  [[nodiscard]] uint16_t method() const;
  [[nodiscard]] TransactionId transaction_id() const;

  // The first occurrence of each attribute, or nothing when there is none.
  [[nodiscard]] std::optional<std::string_view> username() const;
  [[nodiscard]] std::optional<uint32_t> priority() const;
  [[nodiscard]] bool use_candidate() const;
  [[nodiscard]] std::optional<uint64_t> ice_controlling() const;
  [[nodiscard]] std::optional<uint64_t> ice_controlled() const;
  [[nodiscard]] std::optional<uint32_t> nomination() const;
  [[nodiscard]] std::optional<std::string_view> software() const;
  [[nodiscard]] std::optional<SocketAddress> xor_mapped_address() const;
  [[nodiscard]] std::optional<ErrorCode> error_code() const;
  [[nodiscard]] bool has_integrity() const;
  /// A present FINGERPRINT is a right one, else there would be no Message.
  [[nodiscard]] bool has_fingerprint() const;

  /// Number of attributes with a type below 0x8000 that are not known (RFC 8489 would answer 420).
  [[nodiscard]] unsigned unknown_required() const { return unknown_required_; }

  /// True when MESSAGE-INTEGRITY is present and was made with this key. Constant time in the tag.
  [[nodiscard]] bool verify_integrity(IntegrityKey& key) const;
  /// The same with a key made on the spot, for callers that check one message.
  [[nodiscard]] bool verify_integrity(std::string_view password) const;

 private:
  static constexpr size_t kKnownAttributes = 12;
  struct Slot {
    uint32_t offset = 0;  ///< of the value in the datagram; 0 when the attribute is absent
    uint32_t size = 0;
  };

  explicit Message(Bytes datagram) : datagram_(datagram) {}
  /// kKnownAttributes for any other type.
  static size_t slot_index(AttributeType type);
  [[nodiscard]] const Slot& slot(AttributeType type) const { return slots_[slot_index(type)]; }
  [[nodiscard]] bool has(AttributeType type) const { return slot(type).offset != 0; }
  [[nodiscard]] Bytes value(AttributeType type) const;
  [[nodiscard]] bool fingerprint_matches() const;

  Bytes datagram_;
  std::array<Slot, kKnownAttributes> slots_{};
  unsigned unknown_required_ = 0;
};

}  // namespace sluice::stun
