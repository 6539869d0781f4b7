// The header of forwarded packets (media-plane 5.3, 5.4, 12.8). Once per received packet its header
// is rewritten to router scope - mapped payload type and SSRC, extensions under the router's ids -
// into a buffer of the packet: the template. Each consumer then composes its own header by copying
// the template and patching fields at known offsets. The received packet is never changed.
//
// The padding of a received packet is not forwarded, so a composed header never has the P bit.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtp/extension_block.h"
#include "protocol/rtp/extension_kind.h"
#include "protocol/rtp/packet_view.h"

namespace sluice::rtp {

/// Every template has at least this room for a MID, so that each consumer can write its own without
/// moving bytes. Longer MIDs, up to what the one-byte form carries, need a larger reserve.
inline constexpr uint8_t kMidReserve = 8;
inline constexpr uint8_t kMaxMidSize = 16;

/// A buffer of this size holds every template: fixed header, 15 CSRCs, block header, and all known
/// extensions at their largest in the two-byte form, rounded up.
inline constexpr size_t kMaxHeaderSize = 428;

/// How packets of one producer are brought to router scope.
struct IngressMapping {
  ExtensionIds ids{};  ///< what the producer negotiated
  MediaKind kind = MediaKind::kAudio;
  uint8_t mid_reserve = kMidReserve;  ///< 8..16, the longest MID among the router's consumers
};

/// Where the patchable fields of a template lie, counted from its start; 0 for absent ones. The
/// bytes are kept by the caller. Small and trivially copyable: it is stored with each packet.
struct HeaderTemplate {
  uint16_t size = 0;      ///< bytes of the whole header
  uint16_t elements = 0;  ///< first extension element, which is the MID
  uint16_t abs_send_time = 0;
  uint16_t transport_cc = 0;
  uint16_t dependency_descriptor = 0;
  ExtensionMask present;
  uint8_t mid_reserve = 0;
  ExtensionForm form = ExtensionForm::kNone;
};

/// Writes the template of `packet` to `out` and returns its layout. Nothing when `out` cannot hold
/// fixed header, CSRC list and MID; of the other extensions those that do not fit are left out.
///
/// The block has, in this order: MID, abs-capture-time, playout-delay; for audio the audio level;
/// for video abs-send-time, transport-wide sequence number, orientation, dependency descriptor,
/// timestamp offset, frame markings. Fields which are written per consumer or per transport (MID,
/// abs-send-time, transport-wide sequence number) are always there, as zero bytes, whether or not
/// the packet had them; the others only when the packet has them with a valid length. The two-byte
/// form is used when the packet came in it, otherwise the one-byte form.
std::optional<HeaderTemplate> build_header_template(const PacketView& packet,
                                                    const IngressMapping& mapping,
                                                    PayloadType payload_type, Ssrc ssrc,
                                                    MutableBytes out);

/// What is the same in all headers towards one consumer.
class ConsumerHeader {
 public:
  /// `two_byte` tells whether the consumer negotiated extmap-allow-mixed.
  ConsumerHeader(ExtensionMask extensions, bool two_byte)
      : extensions_(extensions), two_byte_(two_byte) {}

  /// Sets the MID. False, with the MID unchanged, when it is longer than kMaxMidSize.
  bool set_mid(std::string_view mid);

  [[nodiscard]] std::string_view mid() const {
    return {reinterpret_cast<const char*>(mid_.data()), mid_size_};
  }
  /// The extensions that the consumer negotiated; it receives no other.
  [[nodiscard]] ExtensionMask extensions() const { return extensions_; }
  [[nodiscard]] bool two_byte() const { return two_byte_; }
  /// The MID followed by zero bytes.
  [[nodiscard]] const uint8_t* padded_mid() const { return mid_.data(); }

 private:
  std::array<uint8_t, kMaxMidSize> mid_{};
  uint8_t mid_size_ = 0;
  ExtensionMask extensions_;
  bool two_byte_;
};

/// The fields of one composed header.
struct HeaderPatch {
  Ssrc ssrc{};
  SeqNum sequence_number{};
  Timestamp timestamp{};
  PayloadType payload_type{};
  bool marker = false;
  uint32_t abs_send_time = 0;  ///< 24 bits, see to_abs_send_time
  uint16_t transport_cc = 0;
  std::optional<uint16_t> frame_number{};  ///< for the dependency descriptor; unset leaves it
};

/// True when a header composed for `consumer` has a transport-wide sequence number, so that the
/// transport must take one for it.
inline bool carries_transport_cc(const HeaderTemplate& header, const ConsumerHeader& consumer) {
  return header.transport_cc != 0 && consumer.extensions().has(ExtensionKind::kTransportWideCc);
}

/// Composes a header at `out`, which has room for `header.size` bytes and does not overlap
/// `template_bytes` (of which the first `header.size` are read). Returns the size written, at most
/// `header.size`. Elements that the consumer did not negotiate become padding. For a consumer
/// without the two-byte form a two-byte template is rewritten in the one-byte form, without the
/// elements which that cannot carry. A MID longer than the template's reserve is not written.
size_t compose(const HeaderTemplate& header, const uint8_t* template_bytes,
               const ConsumerHeader& consumer, const HeaderPatch& patch, uint8_t* out);

}  // namespace sluice::rtp
