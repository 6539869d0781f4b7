// Sender and receiver reports (RFC 3550 sections 6.4.1 and 6.4.2).
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

/// Limits of the 24-bit two's complement loss counter.
inline constexpr int32_t kMaxCumulativeLost = 0x7fffff;
inline constexpr int32_t kMinCumulativeLost = -0x800000;

/// What a receiver says about one stream.
struct ReportBlock {
  static constexpr size_t kWireSize = 24;

  Ssrc ssrc;
  uint8_t fraction_lost = 0;      ///< of the last interval, in 1/256
  int32_t cumulative_lost = 0;    ///< negative when duplicates outnumber losses
  uint32_t extended_highest = 0;  ///< cycles in the upper half, sequence number in the lower
  uint32_t jitter = 0;            ///< timestamp units
  uint32_t last_sr = 0;           ///< compact NTP time of the last SR, 0 when none came
  uint32_t delay_since_sr = 0;    ///< since that SR arrived, 1/65536 s

  static ReportBlock read(const uint8_t* at);
  /// `cumulative_lost` is clamped to 24 bits.
  void write(ByteWriter& writer) const;
  friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

/// What a sender says about its own stream.
struct SenderInfo {
  static constexpr size_t kWireSize = 20;

  NtpTime ntp;
  Timestamp rtp{};  ///< the stream's timestamp at `ntp`
  uint32_t packets = 0;
  uint32_t octets = 0;  ///< payload bytes, without headers and padding

  static SenderInfo read(const uint8_t* at);
  void write(ByteWriter& writer) const;
  friend bool operator==(const SenderInfo&, const SenderInfo&) = default;
};

/// PT 200.
struct SenderReport {
  static constexpr size_t kWireSize = kCommonHeaderSize + 4 + SenderInfo::kWireSize;

  Ssrc ssrc;
  /// Absent in a packet that is a header alone, which is valid and says nothing.
  std::optional<SenderInfo> info;
  WireArray<ReportBlock> blocks;

  static std::optional<SenderReport> parse(const Frame& frame);
};

/// PT 201.
struct ReceiverReport {
  static constexpr size_t kHeaderSize = kCommonHeaderSize + 4;

  Ssrc sender;
  WireArray<ReportBlock> blocks;

  static std::optional<ReceiverReport> parse(const Frame& frame);
};

/// Writes an SR with at most 31 blocks. False, and nothing written, when it does not fit.
bool write_sender_report(ByteWriter& writer, Ssrc ssrc, const SenderInfo& info,
                         std::span<const ReportBlock> blocks = {});

/// Writes an RR with at most 31 blocks. False, and nothing written, when it does not fit.
bool write_receiver_report(ByteWriter& writer, Ssrc sender, std::span<const ReportBlock> blocks);

}  // namespace sluice::rtcp
