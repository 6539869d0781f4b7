// Feedback about rates: REMB (draft-alvestrand-rmcat-remb-03), TMMBR and TMMBN (RFC 5104 section
// 4.2) and ECN (RFC 6679 section 5.1).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/types.h"
#include "protocol/rtcp/framing.h"
#include "protocol/rtcp/wire_array.h"

namespace sluice::rtcp {

/// PT 206, FMT 15 with the identifier `REMB`: the most that the receiver wants to get.
struct Remb {
  FeedbackHeader header;
  BitRate bitrate;  ///< at most 2^32 - 1; 0 stands for no limit by browsers' convention
  WireArray<SsrcItem> sources;

  /// Nothing for other application messages, when the number of sources does not match the size, or
  /// when the rate needs more than 32 bits.
  static std::optional<Remb> parse(const Frame& frame);
};

/// Writes a REMB for at most 255 sources. The rate is rounded down to 18 significant bits and
/// limited to 32 bits. False, and nothing written, when it does not fit.
bool write_remb(ByteWriter& writer, Ssrc sender, BitRate bitrate, std::span<const Ssrc> sources);

/// A limit and the stream it is for (TMMBR) or who asked for it (TMMBN).
struct TmmbItem {
  static constexpr size_t kWireSize = 8;

  Ssrc ssrc;
  BitRate bitrate;
  uint16_t overhead = 0;  ///< bytes per packet below RTP, 9 bits

  static TmmbItem read(const uint8_t* at);
  friend bool operator==(const TmmbItem&, const TmmbItem&) = default;
};

/// PT 205, FMT 3. At least one item; invalid when a rate does not fit into 64 bits.
struct Tmmbr {
  FeedbackHeader header;
  WireArray<TmmbItem> items;

  static std::optional<Tmmbr> parse(const Frame& frame);
};

/// PT 205, FMT 4. May be without items: no limit is in force.
struct Tmmbn {
  FeedbackHeader header;
  WireArray<TmmbItem> items;

  static std::optional<Tmmbn> parse(const Frame& frame);
};

/// PT 205, FMT 8: the sums of ECN marks that a receiver has seen.
struct EcnFeedback {
  static constexpr size_t kFciSize = 20;

  FeedbackHeader header;
  uint32_t extended_highest = 0;
  uint32_t ect0 = 0;
  uint32_t ect1 = 0;
  uint16_t congestion_experienced = 0;
  uint16_t not_ect = 0;
  uint16_t lost = 0;
  uint16_t duplicated = 0;

  static std::optional<EcnFeedback> parse(const Frame& frame);
};

}  // namespace sluice::rtcp
