// The common header of RTCP packets and the walk over a compound (RFC 3550 section 6.4.1 and
// appendix A.2, RFC 5506 for compounds that do not begin with a report).
//
// The walk ends at the first packet whose framing is wrong; what came before it counts. A packet
// that is framed well but wrong inside (its padding here, its content in `interpret`) is passed
// over, so that it cannot hide the packets behind it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/types.h"

namespace sluice::rtcp {

enum class PacketType : uint8_t {
  kSenderReport = 200,
  kReceiverReport = 201,
  kSourceDescription = 202,
  kBye = 203,
  kApp = 204,
  kTransportFeedback = 205,
  kPayloadFeedback = 206,
  kExtendedReport = 207,
};

/// Formats of PT 205 (RFC 4585, 5104, 6642, 6679, draft-holmer-rmcat-transport-wide-cc).
enum class TransportFormat : uint8_t {
  kNack = 1,
  kTmmbr = 3,
  kTmmbn = 4,
  kTllei = 7,
  kEcn = 8,
  kTransportCc = 15,
};

/// Formats of PT 206 (RFC 4585, 5104, 6642).
enum class PayloadFormat : uint8_t {
  kPli = 1,
  kSli = 2,
  kRpsi = 3,
  kFir = 4,
  kTstr = 5,
  kTstn = 6,
  kVbcm = 7,
  kPslei = 8,
  kApplication = 15,
};

inline constexpr size_t kCommonHeaderSize = 4;
/// Common header, SSRC of the packet sender and SSRC of the media source (RFC 4585 section 6.1).
inline constexpr size_t kFeedbackHeaderSize = 12;
/// The count field has five bits.
inline constexpr size_t kMaxCount = 31;
/// Largest compound that is sent: 1500 less IPv6 header, transport header and the worst SRTP
/// trailer (media-plane 0.3).
inline constexpr size_t kRtcpBudget = 1500 - 40 - 20 - 148;

/// One packet of a compound.
struct Frame {
  PacketType type{};  ///< any value of 0..255
  uint8_t count = 0;  ///< report, source or chunk count, or the feedback format; 0..31
  bool padded = false;
  Bytes body;  ///< after the common header, without padding

  [[nodiscard]] bool is(PacketType wanted) const { return type == wanted; }
  [[nodiscard]] bool is(TransportFormat format) const {
    return type == PacketType::kTransportFeedback && count == static_cast<uint8_t>(format);
  }
  [[nodiscard]] bool is(PayloadFormat format) const {
    return type == PacketType::kPayloadFeedback && count == static_cast<uint8_t>(format);
  }
};

/// Steps through the packets of one datagram.
class CompoundWalker {
 public:
  explicit CompoundWalker(Bytes datagram) : rest_(datagram) {}

  /// The next packet, or nothing at the end or when the framing is wrong.
  std::optional<Frame> next();

  /// True when the walk stopped at bytes that are no RTCP packet.
  [[nodiscard]] bool broken() const { return broken_; }
  /// Packets that were passed over because of their padding.
  [[nodiscard]] size_t skipped() const { return skipped_; }

 private:
  Bytes rest_;
  bool broken_ = false;
  size_t skipped_ = 0;
};

/// Writes the common header of a packet of `size` bytes in all, a multiple of four.
void write_common_header(ByteWriter& writer, uint8_t count, PacketType type, size_t size,
                         bool padded = false);

/// The two SSRCs in front of every feedback message.
struct FeedbackHeader {
  Ssrc sender;  ///< who reports; 0 from many senders
  Ssrc media;   ///< the stream that the feedback is about; unused (0) by some formats

  /// Nothing when `frame` is shorter than the header (RFC 4585 section 6.1).
  static std::optional<FeedbackHeader> read(const Frame& frame);
  /// The feedback control information. Only after `read` has succeeded.
  static Bytes fci(const Frame& frame) { return frame.body.subspan(8); }
};

/// Writes the common header and the two SSRCs of a feedback packet with `fci_size` bytes behind
/// them. False, and nothing written, when the packet as a whole does not fit.
bool write_feedback_header(ByteWriter& writer, PacketType type, uint8_t format,
                           FeedbackHeader header, size_t fci_size);

}  // namespace sluice::rtcp
