// A received RTP packet (RFC 3550 section 5.1, RFC 8285) as a view on its bytes: parsed once,
// copied freely, never allocating. All bounds are checked by `parse`, so the accessors need no
// further checks. The viewed bytes must outlive the view and must not change in size or structure.
#pragma once

#include <array>
#include <cstdint>
#include <expected>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtp/extension_block.h"

namespace sluice::rtp {

inline constexpr size_t kFixedHeaderSize = 12;

/// Why bytes are not an RTP packet.
enum class ParseError : uint8_t {
  kTooShort,          ///< fewer than 12 bytes
  kTooLong,           ///< more than a UDP datagram can hold (65535)
  kBadVersion,        ///< version is not 2
  kCsrcOverrun,       ///< the CSRC list runs past the end
  kExtensionOverrun,  ///< the extension block runs past the end
  kBadPadding,        ///< pad count 0, larger than what is left, or nothing left to count
};

class PacketView {
 public:
  /// An empty view, only good for being assigned to.
  PacketView() = default;

  /// Parses a whole packet. Elements of the extension block are found as far as the block is well
  /// formed; a broken block does not make the packet bad (media-plane 5.1).
  static std::expected<PacketView, ParseError> parse(Bytes packet);

  [[nodiscard]] bool marker() const { return (data_[1] & 0x80) != 0; }
  [[nodiscard]] PayloadType payload_type() const {
    return PayloadType{static_cast<uint8_t>(data_[1] & 0x7f)};
  }
  [[nodiscard]] SeqNum sequence_number() const { return SeqNum{load_be16(data_ + 2)}; }
  [[nodiscard]] Timestamp timestamp() const { return Timestamp{load_be32(data_ + 4)}; }
  [[nodiscard]] Ssrc ssrc() const { return Ssrc{load_be32(data_ + 8)}; }

  [[nodiscard]] size_t csrc_count() const { return data_[0] & 0x0f; }
  /// The CSRC list as on the wire, four bytes each.
  [[nodiscard]] Bytes csrcs() const { return {data_ + kFixedHeaderSize, csrc_count() * 4}; }

  /// Form of the extension block; kNone when the packet has none.
  [[nodiscard]] ExtensionForm extension_form() const { return form_; }
  /// Profile word of the extension block, 0 when there is none.
  [[nodiscard]] uint16_t extension_profile() const {
    return form_ == ExtensionForm::kNone ? uint16_t{0} : load_be16(data_ + elements_offset_ - 4);
  }
  /// The bytes of the extension block after its four-byte header.
  [[nodiscard]] Bytes extension_elements() const {
    return {data_ + elements_offset_, elements_size_};
  }
  /// Value of the element with this id. Empty when there is none or its length is 0. Of several
  /// elements with one id the last one counts.
  [[nodiscard]] Bytes extension(uint8_t id) const;
  /// True when an element with this id is there, even one of length 0.
  [[nodiscard]] bool has_extension(uint8_t id) const;

  [[nodiscard]] Bytes payload() const { return {data_ + header_size_, payload_size_}; }
  /// Padding bytes behind the payload, the count byte included.
  [[nodiscard]] size_t padding_size() const { return padding_; }
  /// Fixed header, CSRC list and extension block.
  [[nodiscard]] size_t header_size() const { return header_size_; }
  /// The whole packet.
  [[nodiscard]] Bytes bytes() const {
    return {data_, size_t{header_size_} + payload_size_ + padding_};
  }
  [[nodiscard]] size_t size() const { return bytes().size(); }

 private:
  /// Value offset and size of the last element with `id` in a two-byte block; offset 0 for none.
  struct Found {
    size_t offset = 0;
    size_t size = 0;
  };
  [[nodiscard]] Found find_two_byte(uint8_t id) const;

  const uint8_t* data_ = nullptr;
  uint16_t header_size_ = 0;
  uint16_t payload_size_ = 0;
  uint16_t elements_offset_ = 0;
  uint16_t elements_size_ = 0;
  uint8_t padding_ = 0;
  ExtensionForm form_ = ExtensionForm::kNone;
  /// One-byte form: offset of the value of id i + 1 from the start of the packet, 0 for absent. The
  /// length is in the byte before the value.
  std::array<uint16_t, kOneByteMaxId> values_{};
};

// It lives in the metadata of every packet buffer.
static_assert(sizeof(PacketView) <= 48 && std::is_trivially_copyable_v<PacketView>);

/// The fields of a fixed header without CSRC list.
struct FixedHeader {
  Ssrc ssrc{};
  SeqNum sequence_number{};
  Timestamp timestamp{};
  PayloadType payload_type{};
  bool marker = false;
  bool has_extension = false;
  bool has_padding = false;
};

/// Writes the twelve bytes at `out`.
void write_fixed_header(const FixedHeader& header, uint8_t* out);

}  // namespace sluice::rtp
