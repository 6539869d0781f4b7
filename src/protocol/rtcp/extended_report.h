// Extended reports (RFC 3611), of which the two blocks that let a receiver measure the round-trip
// time are used: the receiver's reference time (section 4.4) and the answer to it, DLRR (section
// 4.5).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/framing.h"
#include "protocol/rtcp/ntp_time.h"
#include "protocol/rtcp/wire_array.h"

namespace sluice::rtcp {

/// Block types.
inline constexpr uint8_t kRrtrBlock = 4;
inline constexpr uint8_t kDlrrBlock = 5;

/// Says to `ssrc`, which sent an RRTR, when that arrived.
struct DlrrItem {
  static constexpr size_t kWireSize = 12;

  Ssrc ssrc;
  uint32_t last_rr = 0;         ///< compact NTP time of the RRTR; 0 when none came
  uint32_t delay_since_rr = 0;  ///< since the RRTR arrived, 1/65536 s

  static DlrrItem read(const uint8_t* at) {
    return {Ssrc(load_be32(at)), load_be32(at + 4), load_be32(at + 8)};
  }
  friend bool operator==(const DlrrItem&, const DlrrItem&) = default;
};

/// PT 207.
class ExtendedReport {
 public:
  /// Nothing when a block runs over the end. Blocks of unknown type, or of a known type with an
  /// impossible length, are passed over; so are less than four bytes at the end.
  static std::optional<ExtendedReport> parse(const Frame& frame);

  [[nodiscard]] Ssrc sender() const { return sender_; }
  /// The sender's clock when it sent this, from the first RRTR block.
  [[nodiscard]] std::optional<NtpTime> reference_time() const { return reference_time_; }
  /// Calls `visit(DlrrItem)` for each sub-block of each DLRR block. A sub-block without an SSRC
  /// gets the report's sender.
  template <class Visit>
  void for_each_dlrr(Visit&& visit) const {
    for (Bytes rest = blocks_; const auto block = next_block(rest);) {
      if (block->type != kDlrrBlock || block->body.size() % DlrrItem::kWireSize != 0) {
        continue;
      }
      for (DlrrItem item : WireArray<DlrrItem>(block->body)) {
        if (item.ssrc == Ssrc(0)) {
          item.ssrc = sender_;
        }
        visit(item);
      }
    }
  }

 private:
  struct Block {
    uint8_t type;
    Bytes body;
  };

  /// Takes the first block off `rest`; nothing when there is none, or not all of one.
  static std::optional<Block> next_block(Bytes& rest);

  Ssrc sender_;
  std::optional<NtpTime> reference_time_;
  Bytes blocks_;
};

/// Bytes that `write_extended_report` writes for the same content.
size_t extended_report_size(bool with_reference_time, size_t dlrr_items);

/// Writes an XR with an RRTR block when there is a reference time and a DLRR block when there are
/// items. False, and nothing written, when it does not fit.
bool write_extended_report(ByteWriter& writer, Ssrc sender, std::optional<NtpTime> reference_time,
                           std::span<const DlrrItem> dlrr);

}  // namespace sluice::rtcp
